#include <banyan/engines/sqlite/journal_read_pool.hpp>

#include <banyan/journal/journal_rules.hpp>

namespace banyan::sqlite {

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
