// The reader threads of an SQLite journal: each has its own connection, and takes reads from a shared bounded queue.
// Reads have no deadline: they are of entities and views, not of single requests, and short (at most 10,000 rows of an
// index). Once the file is known to be damaged, every read is answered `corrupt`.
#pragma once

#include <banyan/engines/sqlite/journal_damage.hpp>
#include <banyan/engines/sqlite/journal_queue.hpp>
#include <banyan/engines/sqlite/journal_read_ahead.hpp>
#include <banyan/engines/sqlite/journal_reader.hpp>

#include <memory>
#include <thread>
#include <vector>

namespace banyan::sqlite {

class journal_read_pool {
 public:
  journal_read_pool(const sqlite_journal_options& options, std::vector<std::unique_ptr<journal_reader>> readers,
                    std::shared_ptr<journal_damage> damage);
  ~journal_read_pool();  // finishes the queue

  // Executes `read(journal_reader&)`, which returns result<T>, and completes `done` with it.
  template <class T, class F>
  void ask(completion<T> done, F read) {
    submit(std::make_unique<question<T, F>>(std::move(done), std::move(read)));
  }

  void read_all(read_all_request request, completion<read_page> done);

 private:
  struct job {
    virtual ~job() = default;
    virtual void run(journal_reader& reader, journal_damage& damage) = 0;
    virtual void refuse(error why) = 0;
  };
  template <class T, class F>
  struct question final : job {
    question(completion<T> d, F r) : done{std::move(d)}, read{std::move(r)} {}
    void run(journal_reader& reader, journal_damage& damage) override {
      auto answer = read(reader);
      if (!answer && answer.error().reason == damaged_file) {
        damage.report(answer.error());
        answer = *damage.refusal();
      }
      done(std::move(answer));
    }
    void refuse(error why) override { done(std::move(why)); }
    completion<T> done;
    F read;
  };
  struct page_read_ahead;
  void submit(std::unique_ptr<job> j);
  void carry_out(journal_read_ahead::todo then);

  const std::size_t most_;
  const std::shared_ptr<journal_damage> damage_;
  journal_read_ahead ahead_;
  work_queue<std::unique_ptr<job>> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace banyan::sqlite
