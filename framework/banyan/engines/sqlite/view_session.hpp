// A connection as seen by the body of a view's transaction: cached statements, limits on rows, bytes and run time and
// by the read's own limits, and no access to what the store controls (transaction end, pragmas, other files, the
// checkpoint). Single-threaded.
//
// Consecutive reads share a read transaction as long as nothing was committed in between, because beginning and ending
// one costs more than a short query. The executor ends it when no more reads come.
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
  view_session(const view_session&) = delete;            // SQLite's callbacks have the object's address

  // Run a body in the open transaction. Its exception becomes the error.
  result<void> run_writer(const std::function<void(view_writer&)>& body);
  result<void> run_reader(const std::function<void(view_reader&)>& body);

  std::vector<sql_row> rows(std::string_view sql, const std::vector<sql_value>& args, std::size_t first) override;
  void execute(std::string_view sql, const std::vector<sql_value>& args) override;

  // An open read transaction, and the view's checkpoint in it.
  struct snapshot {
    transaction open;
    position checkpoint = 0;
    std::uint64_t commits = 0;  // number included
    monotonic begun{};
  };
  // Sets, for later reads, the number of commits that they must include.
  void must_include(std::uint64_t commits) { commits_ = commits; }
  // A recent snapshot that includes them; null: none.
  const snapshot* shared_snapshot();
  const snapshot* share(transaction open, position checkpoint);
  void end_snapshot() { snapshot_.reset(); }

  // Sets the limits of later reads: statements are refused or interrupted when past the deadline or cancelled.
  void limit(read_limits limits) { limits_ = std::move(limits); }
  // Sets the time limit of the next read: a statement that exceeds it is interrupted. was_too_slow() is valid until
  // the next call; if true, discard the read's result, even if its body ignored the interruption.
  void end_by(monotonic quick_until) {
    quick_until_ = quick_until;
    was_too_slow_ = false;
  }
  bool was_too_slow() const { return was_too_slow_; }
  // Interrupts statements of queries while the flag is set. The flag must outlive this.
  void interrupt_when(const std::atomic<bool>& flag) { interrupt_ = &flag; }

  // Whether a statement found the file damaged. noted(): records the error of a store's own statement, and returns it.
  bool is_damaged() const { return damaged_; }
  error noted(error e);

  database& connection() { return db_; }
  // A prepared statement from the cache, valid until the next call.
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
  // Declared after db_, so destroyed before it.
  std::unordered_map<std::string, statement, text_hash, std::equal_to<>> cache_;
};

}  // namespace banyan::sqlite
