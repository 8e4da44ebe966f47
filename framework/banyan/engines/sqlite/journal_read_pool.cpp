#include <banyan/engines/sqlite/journal_read_pool.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <algorithm>

namespace banyan::sqlite {

struct journal_read_pool::page_read_ahead final : job {
  page_read_ahead(journal_read_pool& p, read_all_request r) : pool{p}, request{std::move(r)} {}
  void run(journal_reader& reader, journal_damage& damage) override {
    auto then = pool.ahead_.read_ahead(request, read(reader, damage));
    if (then.is_stale) then.page = read(reader, damage);
    pool.carry_out(std::move(then));
  }
  void refuse(error why) override {
    auto then = pool.ahead_.read_ahead(request, std::move(why));
    then.answer(std::move(then.page));
  }
  result<read_page> read(journal_reader& reader, journal_damage& damage) const {
    auto page = reader.read_all(request);
    if (page || page.error().reason != damaged_file) return page;
    damage.report(page.error());
    return *damage.refusal();
  }
  journal_read_pool& pool;
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
  for (auto& request : then.read) submit(std::make_unique<page_read_ahead>(*this, std::move(request)));
  then.answer(std::move(then.page));
}

journal_read_pool::journal_read_pool(const sqlite_journal_options& options, std::vector<std::unique_ptr<journal_reader>> readers,
                                     std::shared_ptr<journal_damage> damage)
    : most_{options.read_queue}, damage_{std::move(damage)}, ahead_{std::max<std::size_t>(options.readers, 2) - 1} {
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
