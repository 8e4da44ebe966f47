// The writing side of an SQLite journal on one connection: decides and applies appends inside a transaction that its caller begins and
// commits. One thread. See journal.cpp for the queue in front of it.
//
// Refusals (a wrong version, an id used twice) are answers: such an append leaves no trace and the transaction goes on. A database that
// fails (disk full, damaged file) throws `storage_failure`: the transaction is lost, and this object with it, since what it remembers may
// be wrong now; open another one.
#pragma once

#include <banyan/engines/sqlite/journal_content.hpp>
#include <banyan/engines/sqlite/journal_schema.hpp>
#include <banyan/engines/sqlite/journal_streams.hpp>
#include <banyan/journal/journal.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace banyan::sqlite {

struct storage_failure {
  error why;
  int sqlite_code = 0;
};

class journal_writer {
 public:
  // `epoch` is the id of the journal's opening for writing. One that is opened again after a failure goes on in the epoch `since`.
  static result<std::unique_ptr<journal_writer>> open(const sqlite_journal_options& options, const uuid& epoch, position since = 0);
  result<void> check() { return check_pages(db_, options_); }

  void begin();
  void commit();
  result<append_result> append(const append_request& request);
  bool save(const snapshot& s);        // false: older than what is stored, or of a version that the stream does not have
  result<sealed> seal(const fence& f);
  result<bool> declare(const std::string& key, const std::string& value);
  result<forgotten> forget(const forget_request& request);
  std::int64_t changes() const;  // rows changed since it was opened

  // A commit that changes nothing readers see. After it, a transaction whose commit failed earlier can not come back: in the
  // WAL its frames are overwritten, or cut off from the chain of checksums.
  void bury_failed_commit();
  // Has the WAL moved into the main file when it has grown long enough. Never fails: what does not work now works later.
  void checkpoint_if_due();
  // While nothing is asked: moves all of the WAL into the main file and cuts it to nothing, unless a reader still needs it.
  void tidy_log();
  bool has_log() const { return wal_pages_ > 0; }  // with something in it
  bool is_overwritten() { return content_.is_foreign(db_); }  // by a program that did not ask SQLite
  // Its end then leaves the log as it is, and does not move it into a file that it does not belong to.
  void keep_log() noexcept;

  position head() const { return head_; }
  instant recorded_at() const { return instant{nanoseconds{recorded_at_}}; }  // of the last event
  const journal_history& history() const { return history_; }  // its own epoch is the last

 private:
  struct collision {};  // an event id is there already; the unique index tells, which is cheaper than to look before every insert

  journal_writer(database db, const sqlite_journal_options& options);
  result<void> prepare(const uuid& epoch, position since);
  void run(statement& s);
  bool step(statement& s);
  [[noreturn]] void fail(error e) const;

  stream_state& stream(std::string_view name);
  std::int64_t last_command(stream_state& s);
  std::int64_t type_id(std::string_view name);
  void ensure_row(stream_state& s, std::string_view name);

  // journal_writer_header.cpp
  std::int64_t token_of(std::string_view scope);
  void raise(const fence& f);
  outcome outcome_of(const append_request& request);
  bool is_of_category(std::int64_t stream, const std::string& category);
  std::size_t forget_of(std::int64_t stream, const command_horizon& horizon, std::size_t most);

  std::optional<result<append_result>> answered_before(const append_request& request);
  std::optional<result<append_result>> appended_before(const append_request& request);
  void begin_epoch(const append_request& request);
  append_result write(const append_request& request);  // throws collision
  void insert_event(const new_event& e, std::int64_t stream, version v, position p);
  void insert_command(const command_record& c);
  void undo();

  const sqlite_journal_options& options_;
  database db_;
  journal_content content_;
  statement begin_, commit_, find_stream_, find_last_event_, find_last_command_, find_type_, find_event_, find_command_,
      find_snapshot_, insert_stream_, insert_type_, insert_event_, insert_command_, put_snapshot_, bury_, find_token_,
      put_token_, find_fact_, put_fact_, find_name_, next_commands_, first_command_, command_time_, forget_commands_;
  stream_cache streams_;
  std::unordered_map<std::string, std::int64_t, name_hash, std::equal_to<>> types_;
  std::unordered_map<std::string, std::int64_t, name_hash, std::equal_to<>>
      tokens_;  // as stored; those that were asked for
  // Of the append at hand: the stream of each write, the command's stream, and those that got their row by it.
  std::vector<stream_state*> targets_;
  stream_state* command_stream_ = nullptr;
  std::vector<stream_state*> created_;
  position head_ = 0;
  journal_history history_;
  bool epoch_is_stored_ = false;
  std::int64_t last_stream_ = 0;
  std::int64_t recorded_at_ = 0;       // of this transaction's events: now, but never before an earlier event
  int wal_pages_ = 0;
  int checkpointed_pages_ = 0;
  int waited_at_pages_ = 0;  // of the log, when it last waited for readers
};

}  // namespace banyan::sqlite
