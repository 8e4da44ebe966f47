#include <banyan/engines/sqlite/journal_read_pool.hpp>

#include <banyan/journal/journal_rules.hpp>

namespace banyan::sqlite {

// Reads a page ahead, and those after it as long as requests wait for them.
struct journal_read_pool::page_read_ahead final : job {
  page_read_ahead(journal_read_ahead& to, read_all_request r) : ahead{to}, request{std::move(r)} {}
  void run(journal_reader& reader, journal_damage& damage) override {
    for (std::optional<read_all_request> next = std::move(request); next;) {
      auto page = reader.read_all(*next);
      if (!page && page.error().reason == damaged_file) {
        damage.report(page.error());
        page = *damage.refusal();
      }
      auto then = ahead.read_ahead(*next, std::move(page));
      then.answer(std::move(then.page));
      next = std::move(then.read);
    }
  }
  void refuse(error why) override {
    auto then = ahead.read_ahead(request, std::move(why));
    then.answer(std::move(then.page));
  }
  journal_read_ahead& ahead;
  read_all_request request;
};

void journal_read_pool::read_all(read_all_request request, completion<read_page> done) {
  if (journal_read_ahead::todo then; !damage_->refusal() && ahead_.take(request, done, then))
    return carry_out(std::move(then));
  ask(std::move(done), [this, r = std::move(request)](journal_reader& reader) {
    auto page = reader.read_all(r);
    if (page) carry_out({.read = ahead_.was_read(r, *page)});
    return page;
  });
}

void journal_read_pool::carry_out(journal_read_ahead::todo then) {
  if (then.read) submit(std::make_unique<page_read_ahead>(ahead_, std::move(*then.read)));
  then.answer(std::move(then.page));
}

journal_read_pool::journal_read_pool(const sqlite_journal_options& options, std::vector<std::unique_ptr<journal_reader>> readers,
                                     std::shared_ptr<journal_damage> damage)
    : most_{options.read_queue}, damage_{std::move(damage)} {
  for (auto& r : readers) {
    threads_.emplace_back([this, reader = std::move(r)] {
      while (auto j = queue_.take_one()) {
        try {
          if (auto refusal = damage_->refusal()) (*j)->refuse(std::move(*refusal));
          else (*j)->run(*reader, *damage_);
        } catch (const std::bad_alloc&) {
          (*j)->refuse(error{code::exhausted, "out of memory while reading the journal"});
        }
      }
    });
  }
}

journal_read_pool::~journal_read_pool() {
  queue_.close();
  for (auto& t : threads_) t.join();
}

void journal_read_pool::submit(std::unique_ptr<job> j) {
  switch (queue_.push(j, most_)) {
    case push_result::accepted: return;
    case push_result::full: return j->refuse(queue_is_full());
    case push_result::closed: return j->refuse(error{code::unavailable, "the journal is closing"});
  }
}

}  // namespace banyan::sqlite
