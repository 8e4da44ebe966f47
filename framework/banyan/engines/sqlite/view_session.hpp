// A connection as the body of a view's transaction sees it: cached statements, bounded in rows, bytes, run time and by the limits of the
// read that it is done for, and no way to do what is the store's business (ending the transaction, pragmas, other files, the checkpoint).
// One thread at a time.
//
// Reads that follow each other share one read transaction as long as nothing was committed meanwhile: beginning and ending one costs more
// than a short query. Whoever runs the session ends it when no more reads come.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/engines/sqlite/database.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace banyan::sqlite {

class view_session final : public view_writer {
 public:
  view_session(database db, const banyan::clock& clock, timespan run_time);
  view_session(const view_session&) = delete;            // SQLite's callbacks know this object by its address

  // Runs a body within the transaction that is open. What it throws becomes the error.
  result<void> run_writer(const std::function<void(view_writer&)>& body);
  result<void> run_reader(const std::function<void(view_reader&)>& body);

  std::vector<sql_row> rows(std::string_view sql, const std::vector<sql_value>& args, std::size_t first) override;
  void execute(std::string_view sql, const std::vector<sql_value>& args) override;

  // A read transaction that stands, with what the view was at then.
  struct snapshot {
    transaction open;
    position checkpoint = 0;
    std::uint64_t commits = 0;  // that it includes
    monotonic begun{};
  };
  // Of the reads that follow: how many commits were acknowledged before.
  void must_include(std::uint64_t commits) { commits_ = commits; }
  // One that includes them and is not old; null: none.
  const snapshot* shared_snapshot();
  const snapshot* share(transaction open, position checkpoint);
  void end_snapshot() { snapshot_.reset(); }

  // Of the reads that follow: their statements are refused, or interrupted, when they are due or nobody waits for them.
  void limit(read_limits limits) { limits_ = std::move(limits); }
  // Of the next read: a statement that is not done by then is interrupted. Whether one was is known until the next call; what the read
  // made is worth nothing then, also when its body took no notice.
  void end_by(monotonic quick_until) {
    quick_until_ = quick_until;
    was_too_slow_ = false;
  }
  bool was_too_slow() const { return was_too_slow_; }
  // Statements of queries are interrupted as long as the flag is set. It outlives this object.
  void interrupt_when(const std::atomic<bool>& flag) { interrupt_ = &flag; }

  // A statement found the file damaged. For the store's own statements: `e` is returned as it is.
  bool is_damaged() const { return damaged_; }
  error noted(error e);

  database& connection() { return db_; }
  // A prepared statement, from the cache. Valid until the next call.
  result<statement*> prepared(std::string_view sql);

 private:
  enum class mode : std::uint8_t { idle, reading, writing };
  enum class stop : std::uint8_t { none, run_time, deadline, cancelled, closing, too_slow };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  static int authorize(void* self, int action, const char* first, const char* second, const char* database, const char* trigger);
  static int progress(void* self);
  stop why_to_stop();
  error interrupted(std::string_view sql) const;
  result<void> guarded(mode m, const std::function<void()>& body);
  statement& begin(std::string_view sql, const std::vector<sql_value>& args);
  [[noreturn]] void refuse(std::string_view sql, error why);

  database db_;
  const banyan::clock& clock_;
  nanoseconds run_time_;
  mode mode_ = mode::idle;
  monotonic deadline_{};
  read_limits limits_;
  monotonic quick_until_ = monotonic::max();
  bool was_too_slow_ = false;
  stop stopped_ = stop::none;
  const std::atomic<bool>* interrupt_ = nullptr;
  bool damaged_ = false;
  std::uint64_t commits_ = 0;
  std::optional<snapshot> snapshot_;
  std::unordered_map<std::string, statement, text_hash, std::equal_to<>> cache_;   // after db_: destroyed before it
};

}  // namespace banyan::sqlite
