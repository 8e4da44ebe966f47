// Writes of an SQLite journal over one connection: decides and applies appends in a transaction that the caller begins
// and commits. Single-threaded; the queue in front of it is journal_commit.hpp.
//
// Refusals (a wrong version, an id used twice) are answers: the append leaves no trace, and the transaction continues.
// A failing database (disk full, damaged file) throws `storage_failure`: the transaction is lost, and so is this
// object, whose caches may be wrong; open another one.
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
  // `epoch` is the id of this opening for writing. When opened again after a failure, it continues the epoch that
  // began at `since`.
  static result<std::unique_ptr<journal_writer>> open(const sqlite_journal_options& options, const uuid& epoch, position since = 0);
  result<void> check() { return check_pages(db_, options_); }

  void begin();
  void commit();
  result<append_result> append(const append_request& request);
  bool save(const snapshot& s);        // false: older than the stored one, or of a version that does not exist
  result<sealed> seal(const fence& f);
  result<bool> declare(const std::string& key, const std::string& value);
  result<forgotten> forget(const forget_request& request);
  std::int64_t changes() const;  // rows changed since opening

  // Commits a change invisible to readers, after which a transaction whose commit failed can not reappear: its frames
  // in the WAL are overwritten, or cut off from the checksum chain.
  void bury_failed_commit();
  // Makes a checkpoint if the WAL is long enough. Never fails: what does not work is retried later.
  void checkpoint_if_due();
  // While idle: checkpoints the whole WAL and truncates it, unless a reader still needs it.
  void tidy_log();
  bool has_log() const { return wal_pages_ > 0; }  // not empty
  bool is_overwritten() { return content_.is_foreign(db_); }  // by a program that does not use SQLite
  // Closing then leaves the WAL as it is, and does not write it into a file that it does not belong to.
  void keep_log() noexcept;

  position head() const { return head_; }
  instant recorded_at() const { return instant{nanoseconds{recorded_at_}}; }  // time of the last event
  const journal_history& history() const { return history_; }  // the current epoch is the last

 private:
  // An event id exists already: found by the unique index, which is cheaper than a look-up per insert.
  struct collision {};

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
      tokens_;  // as stored; those used so far
  // State of the current append: the stream of each write, the command's stream, and the streams created by it.
  std::vector<stream_state*> targets_;
  stream_state* command_stream_ = nullptr;
  std::vector<stream_state*> created_;
  position head_ = 0;
  journal_history history_;
  bool epoch_is_stored_ = false;
  std::int64_t last_stream_ = 0;
  std::int64_t recorded_at_ = 0;       // time of this transaction's events: now, but not before an earlier event's
  int wal_pages_ = 0;
  int checkpointed_pages_ = 0;
  int waited_at_pages_ = 0;  // WAL length when it last waited for readers
};

}  // namespace banyan::sqlite
