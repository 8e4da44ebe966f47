#include <banyan/engines/sqlite/journal_writer.hpp>

#include <banyan/engines/sqlite/journal_epochs.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>

namespace banyan::sqlite {

namespace {

void bind_optional(statement& s, int parameter, const uuid& id) {
  if (id.is_nil()) {
    s.bind(parameter, nullptr);
  } else {
    s.bind_blob_view(parameter, id.bytes);
  }
}

void bind_optional(statement& s, int parameter, const std::string& text) {
  if (text.empty()) {
    s.bind(parameter, nullptr);
  } else {
    s.bind_view(parameter, text);
  }
}

}  // namespace

journal_writer::journal_writer(database db, const sqlite_journal_options& options)
    : options_{options}, db_{std::move(db)}, content_{options.path}, streams_{options.cached_streams} {}

result<std::unique_ptr<journal_writer>> journal_writer::open(const sqlite_journal_options& options, const uuid& epoch, position since) {
  auto db = open_journal_writer(options);
  if (!db) return db.error();
  auto writer = std::unique_ptr<journal_writer>{new journal_writer{std::move(*db), options}};
  if (auto prepared = writer->prepare(epoch, since); !prepared) return prepared.error();
  return writer;
}

result<void> journal_writer::prepare(const uuid& epoch, position since) {
  const std::pair<statement*, std::string_view> all[] = {
      {&begin_, "begin immediate"},
      {&commit_, "commit"},
      {&find_stream_, "select id from streams where name = ?1"},
      {&find_last_event_, "select version, id from events where stream = ?1 order by version desc limit 1"},
      {&find_last_command_, "select max(number) from commands where stream = ?1"},
      {&find_type_, "select id from types where name = ?1"},
      {&find_event_, "select position, stream, version from events where id = ?1"},
      {&find_command_, "select fingerprint, reply from commands c where id = ?1 and stream = ?2"},
      {&find_snapshot_, "select version, key from snapshots where stream = ?1"},
      {&insert_stream_, "insert into streams(id, name) values(?1, ?2)"},
      {&insert_type_, "insert into types(name) values(?1)"},
      {&insert_event_,
       "insert into events(position, stream, version, id, type, schema, recorded_at, correlation, causation, actor, trace, payload)"
       " values(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
      {&insert_command_,
       "insert into commands(stream, number, id, fingerprint, reply, stored_at) values(?1, ?2, ?3, ?4, ?5, ?6)"},
      {&put_snapshot_, "insert or replace into snapshots(stream, version, key, state) values(?1, ?2, ?3, ?4)"},
      {&bury_, "update journal set value = value + 1 where key = 'buried'"},
      {&find_token_, "select token from fences where scope = ?1"},
      {&put_token_, "insert or replace into fences(scope, token) values(?1, ?2)"},
      {&find_fact_, "select value from facts where key = ?1"},
      {&put_fact_, "insert into facts(key, value) values(?1, ?2)"},
      {&find_name_, "select name from streams where id = ?1"},
      {&next_commands_, "select stream from commands where stream >= ?1 order by stream limit 1"},
      {&first_command_, "select number from commands where stream = ?1 order by number limit 1"},
      {&command_time_, "select stored_at from commands where stream = ?1 and number = ?2"},
      {&forget_commands_, "delete from commands where stream = ?1 and number < ?2"},
  };
  for (const auto& [target, sql] : all) {
    auto prepared = db_.prepare(sql);
    if (!prepared) return prepared.error();
    *target = std::move(*prepared);
  }
  auto head = db_.number("select max(position) from events");
  if (!head) return head.error();
  auto streams = db_.number("select max(id) from streams");
  if (!streams) return streams.error();
  auto at = db_.number("select recorded_at from events order by position desc limit 1");
  if (!at) return at.error();
  head_ = *head;
  const auto before = since > 0 ? since - 1 : head_;
  if (head_ < before) return error{code::corrupt, "the journal has lost events that it had when it was opened"};
  auto history = read_history(db_, before);
  if (!history) return history.error();
  history_ = history->opened(epoch, before);
  last_stream_ = *streams;
  recorded_at_ = *at;
  sqlite3_wal_hook(
      db_.handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<journal_writer*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  content_.remember(db_);
  return {};
}

// Recognises a full disk: SQLite knows one errno of it; those of a quota and a file size limit are added here.
void journal_writer::fail(error e) const {
  const int code = db_.extended_error();
  const int number = code == SQLITE_IOERR_WRITE ? db_.log_errno() : 0;
  const bool has_no_room = number == EDQUOT || number == EFBIG;
  throw storage_failure{std::move(e), has_no_room ? SQLITE_FULL : code};
}

void journal_writer::run(statement& s) {
  if (auto done = s.run(); !done) fail(done.error());
}

bool journal_writer::step(statement& s) {
  auto row = s.step();
  if (!row) fail(row.error());
  return *row;
}

void journal_writer::begin() {
  streams_.age();
  run(begin_);
  recorded_at_ = std::max(recorded_at_, std::int64_t{options_.clock->now().time_since_epoch().count()});
}

void journal_writer::commit() { run(commit_); }

void journal_writer::bury_failed_commit() {
  run(begin_);
  run(bury_);
  run(commit_);
}

stream_state& journal_writer::stream(std::string_view name) {
  if (auto* known = streams_.find(name)) return *known;
  stream_state found{.id = 0, .version = 0, .last_event = {}, .last_command = 0};
  find_stream_.bind_view(1, name);
  if (step(find_stream_)) {
    found.id = find_stream_.integer(0);
    found.last_command = stream_state::unknown;
    find_stream_.reset();
    find_last_event_.bind(1, found.id);
    if (step(find_last_event_)) {
      found.version = find_last_event_.integer(0);
      found.last_event = to_uuid(find_last_event_.blob(1));
    }
    find_last_event_.reset();
  }
  return streams_.insert(name, found);
}

std::int64_t journal_writer::last_command(stream_state& s) {
  if (s.last_command == stream_state::unknown) {
    find_last_command_.bind(1, s.id);
    s.last_command = step(find_last_command_) ? find_last_command_.integer(0) : 0;
    find_last_command_.reset();
  }
  return s.last_command;
}

std::int64_t journal_writer::type_id(std::string_view name) {
  // A program has some hundreds; limits memory against a client that invents type names.
  constexpr std::size_t most = 10'000;
  if (auto it = types_.find(name); it != types_.end()) return it->second;
  find_type_.bind_view(1, name);
  const bool known = step(find_type_);
  auto id = known ? find_type_.integer(0) : 0;
  find_type_.reset();
  if (!known) {
    insert_type_.bind_view(1, name);
    run(insert_type_);
    id = db_.last_insert_rowid();
  }
  if (types_.size() >= most) types_.clear();
  types_.emplace(name, id);
  return id;
}

void journal_writer::ensure_row(stream_state& s, std::string_view name) {
  if (s.id != 0) return;
  insert_stream_.bind(1, last_stream_ + 1).bind_view(2, name);
  run(insert_stream_);
  s.id = ++last_stream_;
  created_.push_back(&s);
}

result<append_result> journal_writer::append(const append_request& request) {
  targets_.clear();
  for (const auto& w : request.writes) targets_.push_back(&stream(w.stream));
  command_stream_ = request.command ? &stream(request.command->stream) : nullptr;

  if (const auto& f = request.under) {
    if (const auto held = token_of(f->scope); f->token < held) return fenced(*f, held, outcome_of(request));
  }
  if (auto answer = answered_before(request)) return std::move(*answer);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto& w = request.writes[i];
    const auto& actual = *targets_[i];
    if (holds(w.condition, actual.version, actual.last_event)) continue;
    if (auto answer = appended_before(request)) return std::move(*answer);
    return wrong_version(w.stream, w.condition, actual.version, actual.last_event);
  }
  try {
    return write(request);
  } catch (const collision&) {
    undo();
    if (auto answer = appended_before(request)) return std::move(*answer);
    fail(error{code::corrupt, "the index of event ids disagrees with its table"});
  }
}

// The stored reply of a known command id, whatever the request wants to write now.
std::optional<result<append_result>> journal_writer::answered_before(const append_request& request) {
  if (!request.command || last_command(*command_stream_) == 0) return std::nullopt;
  const auto& c = *request.command;
  find_command_.bind_blob_view(1, c.id.bytes).bind(2, command_stream_->id);
  if (!step(find_command_)) return std::nullopt;
  auto stored = command_record{c.stream, c.id, static_cast<std::uint64_t>(find_command_.integer(0)), std::string{find_command_.text(1)}};
  find_command_.reset();
  if (stored.fingerprint != c.fingerprint) return command_id_reused(c.id, c.stream);

  append_result answer;
  if (auto events = appended_before(request); events && *events) {
    answer = std::move(**events);
  } else {
    for (std::size_t i = 0; i < targets_.size(); ++i) answer.streams.push_back({request.writes[i].stream, targets_[i]->version, {}});
    answer.last = head_;
  }
  answer.repeated = true;
  answer.stored_command = std::move(stored);
  return answer;
}

// None: no event of the request is stored. Its original coordinates: all are, as one append stored them. Otherwise a
// conflict.
std::optional<result<append_result>> journal_writer::appended_before(const append_request& request) {
  append_result answer;
  answer.repeated = true;
  const new_event* missing = nullptr;
  bool any = false;
  std::optional<error> conflict;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto& w = request.writes[i];
    append_result::written written{w.stream, targets_[i]->version, {}};
    version previous = 0;
    for (const auto& e : w.events) {
      find_event_.bind_blob_view(1, e.id.bytes);
      if (!step(find_event_)) {
        missing = &e;
        continue;
      }
      any = true;
      const auto at = find_event_.integer(2);
      if (find_event_.integer(1) != targets_[i]->id || (previous != 0 && at != previous + 1)) conflict = event_id_reused(e.id, w.stream);
      previous = written.version = at;
      written.positions.push_back(find_event_.integer(0));
      answer.last = std::max(answer.last, written.positions.back());
      find_event_.reset();
    }
    answer.streams.push_back(std::move(written));
  }
  if (!any) return std::nullopt;
  if (conflict) return std::move(*conflict);
  if (missing) return partly_appended(missing->id);
  return answer;
}

// Stored with the epoch's first event, in the same transaction: no position without an epoch, no epoch without events.
void journal_writer::begin_epoch(const append_request& request) {
  if (epoch_is_stored_) return;
  if (std::all_of(request.writes.begin(), request.writes.end(), [](const auto& w) { return w.events.empty(); })) return;
  if (auto stored = store_epoch(db_, history_.epochs().back()); !stored) fail(stored.error());
  epoch_is_stored_ = true;
}

append_result journal_writer::write(const append_request& request) {
  created_.clear();
  begin_epoch(request);
  append_result answer;
  answer.streams.reserve(request.writes.size());
  auto next = head_;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto& w = request.writes[i];
    auto& s = *targets_[i];
    auto& written = answer.streams.emplace_back(append_result::written{w.stream, s.version, {}});
    if (w.events.empty()) continue;
    ensure_row(s, w.stream);
    written.positions.reserve(w.events.size());
    for (const auto& e : w.events) {
      insert_event(e, s.id, ++written.version, ++next);
      written.positions.push_back(next);
    }
  }
  // No refusals from here on.
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    targets_[i]->version = answer.streams[i].version;
    if (const auto& events = request.writes[i].events; !events.empty()) targets_[i]->last_event = events.back().id;
  }
  if (request.command) insert_command(*request.command);
  if (request.under) raise(*request.under);
  answer.last = head_ = next;
  return answer;
}

void journal_writer::insert_event(const new_event& e, std::int64_t stream, version v, position p) {
  auto& s = insert_event_;
  s.bind(1, p).bind(2, stream).bind(3, v).bind_blob_view(4, e.id.bytes).bind(5, type_id(e.type)).bind(6, e.schema).bind(7, recorded_at_);
  bind_optional(s, 8, e.metadata.correlation);
  bind_optional(s, 9, e.metadata.causation);
  bind_optional(s, 10, e.metadata.actor);
  bind_optional(s, 11, e.metadata.trace);
  s.bind_view(12, e.payload);
  auto done = s.run();
  if (done) return;
  if (db_.extended_error() == SQLITE_CONSTRAINT_UNIQUE) throw collision{};
  fail(done.error());
}

void journal_writer::insert_command(const command_record& c) {
  auto& s = *command_stream_;
  const auto number = last_command(s) + 1;
  ensure_row(s, c.stream);
  insert_command_.bind(1, s.id).bind(2, number).bind_blob_view(3, c.id.bytes).bind(4, static_cast<std::int64_t>(c.fingerprint));
  insert_command_.bind_view(5, c.reply).bind(6, recorded_at_);
  run(insert_command_);
  s.last_command = number;
}

// Positions and stream numbers are assigned in ascending order, so an append's rows are those after the head.
void journal_writer::undo() {
  auto events = db_.prepare("delete from events where position > ?1");
  if (!events) fail(events.error());
  events->bind(1, head_);
  run(*events);
  if (created_.empty()) return;
  last_stream_ -= static_cast<std::int64_t>(created_.size());
  auto streams = db_.prepare("delete from streams where id > ?1");
  if (!streams) fail(streams.error());
  streams->bind(1, last_stream_);
  run(*streams);
  for (auto* s : created_) s->id = 0;
}

bool journal_writer::save(const snapshot& s) {
  auto& at = stream(s.stream);
  if (at.id == 0 || s.version > at.version) return false;
  find_snapshot_.bind(1, at.id);
  const bool stale = step(find_snapshot_) && find_snapshot_.text(1) == s.key && find_snapshot_.integer(0) >= s.version;
  find_snapshot_.reset();
  if (stale) return false;
  put_snapshot_.bind(1, at.id).bind(2, s.version).bind_view(3, s.key).bind_view(4, s.state);
  run(put_snapshot_);
  return true;
}

void journal_writer::tidy_log() {
  // Does not wait for readers, since an append may arrive at any time.
  sqlite3_busy_timeout(db_.handle(), 0);
  const int rc = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(db_.handle(), static_cast<int>(writer_patience.count()));
  if (rc == SQLITE_OK) wal_pages_ = checkpointed_pages_ = waited_at_pages_ = 0;
  content_.remember(db_);
}

void journal_writer::keep_log() noexcept { sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

// Appends wait meanwhile. Checkpoints on a separate thread and connection were tried: on a journal of 2,000,000 events
// with 64 open appends, the p99 latency of appends was 62 ms instead of 276 (medians of five alternating runs). But
// then the tests of failing disks found damaged files; with checkpoints on this thread, none.
void journal_writer::checkpoint_if_due() {
  const auto due = static_cast<int>(options_.checkpoint_pages);
  if (wal_pages_ < checkpointed_pages_) checkpointed_pages_ = waited_at_pages_ = 0;  // the WAL was restarted
  if (wal_pages_ - checkpointed_pages_ < due) return;
  checkpointed_pages_ = wal_pages_;
  // The WAL restarts only when all of it is checkpointed and no reader uses it, which continuous appends and long
  // readers prevent. When it is far too long, the writer makes a checkpoint that waits for readers (at most the busy
  // time-out), and again whenever it has doubled.
  const bool waits = wal_pages_ > std::max(8 * due, 2 * waited_at_pages_);
  if (waits) waited_at_pages_ = wal_pages_;
  const int mode = waits ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, mode, nullptr, nullptr);
  content_.remember(db_);
}

}  // namespace banyan::sqlite
