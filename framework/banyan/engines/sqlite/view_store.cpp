#include <banyan/engines/sqlite/view_store.hpp>

#include <banyan/engines/sqlite/journal_files.hpp>
#include <banyan/engines/sqlite/private_files.hpp>
#include <banyan/engines/sqlite/quick_reads.hpp>
#include <banyan/engines/sqlite/view_executor.hpp>
#include <banyan/engines/sqlite/view_schema.hpp>
#include <banyan/observability/log.hpp>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>

namespace banyan {

namespace sqlite {
namespace {

using writer_body = std::function<void(view_writer&)>;
using reader_body = std::function<void(view_reader&)>;

// What the jobs of one store share. They may outlive it: an executor in memory does.
struct shared_state {
  std::int64_t token = 0;   // only the writer's side looks at these three
  bool is_taken = true;     // false: the disk was full when the view was opened, the first write takes it over
  journal_history history;  // that its checkpoints are of

  std::atomic<std::uint64_t> commits{0};  // each is counted before it is acknowledged

  std::mutex lock;
  std::optional<error> trouble;  // the file is damaged, or gone
};

error another_history(const epoch_position& stored, position head) {
  return error{code::conflict, "its checkpoint, position " + std::to_string(stored.at) + ", is of another history of the journal, " +
                                   (stored.at > head ? "whose last position is " + std::to_string(head) : "which has another event there")}
      .because("another_history");
}

result<void> commit(transaction& t, view_session& s, shared_state& own) {
  auto done = t.commit();
  if (!done) return s.noted(done.error());
  ++own.commits;
  return done;
}

// `own` keeps what it says when the disk has no room for it.
result<view_store::state> open_view(view_session& s, shared_state& own, const view_store::source& of, const writer_body& create_tables) {
  auto t = transaction::begin(s.connection(), transaction::kind::immediate);
  if (!t) return s.noted(t.error());
  auto row = read_view(s);
  if (!row) return s.noted(row.error());
  const epoch_position stored{row->checkpoint, row->epoch};
  const bool foreign = !of.history.contains(stored, of.head);
  if (foreign && of.keeps_foreign) return another_history(stored, of.head);
  const bool anew = row->is_new || foreign;
  const auto checkpoint = anew ? 0 : row->checkpoint;
  const view_row taken{checkpoint, of.history.epoch_of(checkpoint), row->owner + 1};
  const auto change = [&]() -> result<void> {
    if (anew) {
      if (auto gone = drop_tables(s); !gone) return s.noted(gone.error());
    }
    if (auto kept = store_view(s, taken); !kept) return s.noted(kept.error());
    if (anew) {
      if (auto created = s.run_writer(create_tables); !created) return created;
    }
    return commit(*t, s, own);
  };
  const auto changed = change();
  if (!changed && (anew || changed.error().code != code::exhausted)) return changed.error();
  own.token = taken.owner;
  own.is_taken = changed.has_value();
  own.history = of.history;
  return view_store::state{taken.checkpoint, foreign ? std::optional{stored} : std::nullopt};
}

result<position> restart_view(view_session& s, shared_state& own, const view_store::source& of, position at, const writer_body& body) {
  if (at < 0 || at > of.head) {
    return error{code::invalid_argument, "the journal has positions from 0 (before its first event) to " + std::to_string(of.head)};
  }
  auto t = transaction::begin(s.connection(), transaction::kind::immediate);
  if (!t) return s.noted(t.error());
  auto row = read_view(s);
  if (!row) return s.noted(row.error());
  if (auto kept = store_view(s, {at, of.history.epoch_of(at), row->owner + 1}); !kept) return s.noted(kept.error());
  if (auto written = s.run_writer(body); !written) return written.error();
  if (auto done = commit(*t, s, own); !done) return done.error();
  own.token = 0;
  own.is_taken = true;
  return at;
}

result<position> write_view(view_session& s, shared_state& own, const writer_body& body, position checkpoint) {
  auto t = transaction::begin(s.connection(), transaction::kind::immediate);
  if (!t) return s.noted(t.error());
  auto row = read_view(s);
  if (!row) return s.noted(row.error());
  if (own.token == 0) return error{code::conflict, "the view is written to before it is opened"}.because("view_not_open");
  if (row->owner != (own.is_taken ? own.token : own.token - 1)) {
    return error{code::conflict, "the view was opened by another owner since"}.because("view_taken");
  }
  if (checkpoint < row->checkpoint) {
    return error{code::invalid_argument, "the checkpoint would go back from " + std::to_string(row->checkpoint) + " to " +
                                             std::to_string(checkpoint)};
  }
  row->checkpoint = checkpoint;
  row->owner = own.token;
  row->epoch = own.history.epoch_of(checkpoint);
  if (auto kept = store_view(s, *row); !kept) return s.noted(kept.error());
  if (auto written = s.run_writer(body); !written) return written.error();
  if (auto done = commit(*t, s, own); !done) return done.error();
  own.is_taken = true;
  return checkpoint;
}

// `commits`: those of the store that were acknowledged before this read was begun.
result<position> read_from_view(view_session& s, std::uint64_t commits, const reader_body& body) {
  const auto* snapshot = s.shared_snapshot(commits);
  if (!snapshot) {
    auto t = transaction::begin(s.connection(), transaction::kind::deferred);
    if (!t) return s.noted(t.error());
    auto row = read_view(s);  // the first read: from here on the snapshot stands
    if (!row) return s.noted(row.error());
    snapshot = s.share(std::move(*t), row->checkpoint, commits);
  }
  const auto checkpoint = snapshot->checkpoint;
  if (auto read = s.run_reader(body); !read) {
    s.end_snapshot();
    return read.error();
  }
  return checkpoint;
}

error is_damaged(const std::string& file, const error& why) {
  return {code::corrupt, "the file " + file + " is damaged: " + why.message};
}

// `file`: for sentences and the log; empty when the view is in memory, where nothing is damaged.
class sql_view_store final : public view_store {
 public:
  using factory = std::function<result<std::shared_ptr<view_executor>>()>;
  sql_view_store(std::shared_ptr<view_executor> executor, std::string file, bool rebuildable, const banyan::clock& clock, factory make)
      : executor_{std::move(executor)}, file_{std::move(file)}, rebuildable_{rebuildable}, clock_{clock}, make_{std::move(make)} {
    if (!rebuildable_ && !file_.empty()) files_.emplace(file_, "the store", "store_lost");
  }
  // Not by dropping it: a call that is made from within an answer holds it, on the thread that would be waited for.
  ~sql_view_store() override {
    if (!file_.empty()) executor()->close();
  }

  void open(source of, writer_body create_tables, completion<state> done) override {
    if (auto trouble = damage()) {
      if (!rebuildable_) return done(std::move(*trouble));
      if (auto made = rebuild(); !made) return done(made.error());
    }
    executor()->on_writer([this_ = about(), of = std::move(of), create = std::move(create_tables), done = std::move(done)](auto session) mutable {
      if (!session) return done(session.error());
      auto opened = open_view(**session, *this_.shared, of, create);
      // A view that can be rebuilt is, when it is opened again.
      if (this_.is_damaged(**session, opened)) return done(this_.trouble());
      done(std::move(opened));
    });
  }
  void restart(source of, position checkpoint, writer_body body, completion<position> done) override {
    if (auto trouble = damage()) return done(std::move(*trouble));
    executor()->on_writer([this_ = about(), of = std::move(of), checkpoint, body = std::move(body), done = std::move(done)](auto session) mutable {
      if (!session) return done(session.error());
      auto restarted = restart_view(**session, *this_.shared, of, checkpoint, body);
      if (this_.is_damaged(**session, restarted)) return done(this_.trouble());
      done(std::move(restarted));
    });
  }
  void write(writer_body body, position checkpoint, completion<position> done) override {
    if (auto trouble = damage()) return done(std::move(*trouble));
    executor()->on_writer([this_ = about(), body = std::move(body), checkpoint, done = std::move(done)](auto session) mutable {
      if (!session) return done(session.error());
      auto written = write_view(**session, *this_.shared, body, checkpoint);
      if (this_.is_damaged(**session, written)) return done(this_.trouble());
      done(std::move(written));
    });
  }
  void read(reader_body body, completion<position> done, read_limits limits) override {
    if (auto trouble = damage()) return done(rebuildable_ ? about().try_again() : std::move(*trouble));
    const auto on = executor();
    if (quick_->is_quick(limits.kind))
      if (auto answer = read_at_once(*on, body, limits)) return done(std::move(*answer));
    const auto* kind = limits.kind;
    on->on_reader(
        [this_ = about(), body = std::move(body), done = std::move(done), kind, quick = quick_, &clock = clock_](auto session) mutable {
          if (!session) return done(session.error());
          const auto begun = clock.steady();
          auto read = this_.read(**session, body);
          quick->took(kind, clock.steady() - begun);
          done(std::move(read));
        },
        std::move(limits));
  }
  view_store_status status() const override {
    auto s = executor()->status();
    s.trouble = damage();
    s.reads += at_once_.load();
    s.rebuilt = rebuilt_.load();
    return s;
  }

 private:
  // On the caller's thread. Nothing: it is for a reader thread, since no connection is free or it is not quick after all.
  std::optional<result<position>> read_at_once(view_executor& on, const reader_body& body, const read_limits& limits) {
    const auto begun = clock_.steady();
    if (begun >= limits.deadline || is_cancelled(limits.cancelled)) return std::nullopt;
    const auto lease = on.lease_session();
    if (!lease) return std::nullopt;
    auto& session = lease->session();
    session.limit(limits);
    session.end_by(add_saturating(begun, 2 * quick_reads::slow));
    auto read = about().read(session, body);
    session.limit({});
    if (session.was_too_slow() || !read) session.end_snapshot();
    quick_->took(limits.kind, session.was_too_slow() ? quick_reads::slow : clock_.steady() - begun);
    if (session.was_too_slow()) return std::nullopt;
    at_once_.fetch_add(1, std::memory_order_relaxed);
    return read;
  }
  // What a job needs to know of the store that it is from.
  struct origin {
    std::shared_ptr<shared_state> shared;
    std::string file;
    bool rebuildable;

    template <class T>
    bool is_damaged(view_session& session, const result<T>& answer) const {
      if (!session.is_damaged() || file.empty()) return false;
      const std::lock_guard guard{shared->lock};
      if (shared->trouble) return true;
      shared->trouble = sqlite::is_damaged(file, answer ? error{code::corrupt, "a page does not decode"} : answer.error());
      logger{"views"}.error(rebuildable ? "a view's file is damaged: it is built anew from the journal" : "a store's file is damaged",
                            {{"file", file}, {"cause", *shared->trouble}});
      return true;
    }
    result<position> read(view_session& session, const reader_body& body) const {
      const auto commits = shared->commits.load();
      auto read = read_from_view(session, commits, body);
      if (is_damaged(session, read)) return rebuildable ? try_again() : trouble();
      if (shared->commits != commits) session.end_snapshot();
      return read;
    }
    error trouble() const {
      const std::lock_guard guard{shared->lock};
      return shared->trouble.value_or(error{code::corrupt, "the file " + file + " is damaged"});
    }
    error try_again() const {
      return error{code::unavailable, "the view's file is damaged: it is built anew"}.because("view_damaged").after(std::chrono::seconds{1});
    }
  };
  origin about() const { return {shared_, file_, rebuildable_}; }
  std::optional<error> damage() const {
    const std::lock_guard guard{shared_->lock};
    if (shared_->trouble || !files_) return shared_->trouble;
    shared_->trouble = files_->lost();
    if (shared_->trouble) logger{"views"}.error("a store's file is gone", {{"file", file_}, {"cause", *shared_->trouble}});
    return shared_->trouble;
  }
  std::shared_ptr<view_executor> executor() const {
    const std::lock_guard guard{executor_lock_};
    return executor_;
  }
  // All connections are closed before the file goes: the last one to close removes the log by its name, which must not be that of the next.
  result<void> rebuild() {
    executor()->stop();
    auto made = make_();
    if (!made) return made.error();
    const std::scoped_lock guard{executor_lock_, shared_->lock};
    executor_ = std::move(*made);
    shared_->token = 0;
    shared_->is_taken = true;
    shared_->trouble.reset();
    ++rebuilt_;
    return {};
  }

  std::shared_ptr<shared_state> shared_ = std::make_shared<shared_state>();
  mutable std::mutex executor_lock_;
  std::shared_ptr<view_executor> executor_;
  const std::string file_;
  const bool rebuildable_;
  const banyan::clock& clock_;
  const std::shared_ptr<quick_reads> quick_ = std::make_shared<quick_reads>();
  std::optional<journal_files> files_;  // of a store that can not be rebuilt
  const factory make_;
  std::atomic<std::uint64_t> rebuilt_{0}, at_once_{0};
};

result<std::string> file_name(const view_options& view) {
  if (!is_view_name(view.name)) return error{code::invalid_argument, "a view's name is 1 to 100 letters, digits, _ and -"}.at("name");
  if (view.version < 1) return error{code::invalid_argument, "a view's version is 1 or more"}.at("version");
  if (view.readers < 1 || view.readers > 64) return error{code::invalid_argument, "a view has 1 to 64 readers"}.at("readers");
  return view.name + ".v" + std::to_string(view.version) + ".db";
}

error about(const std::string& path, error e) {
  e.message = path + ": " + e.message;
  return e;
}

result<std::unique_ptr<view_session>> open_session(const sqlite_view_options& options, const std::string& path, bool writer,
                                                   bool immutable = false) {
  auto db = database::open({.path = path, .read_only = !writer, .immutable = immutable, .vfs = options.vfs});
  if (!db) return db.error();
  if (writer) {  // before anything is changed in a file that may be another program's
    if (auto known = check_view(*db); !known) return about(path, known.error());
  }
  auto prepared = db->execute(writer ? "pragma journal_mode = wal; pragma journal_size_limit = 67108864;"
                                       "pragma cache_size = -65536; pragma temp_store = memory"
                                     : "pragma cache_size = -16384; pragma temp_store = memory");
  if (!prepared) return about(path, prepared.error());
  if (writer) {
    auto synced = db->execute(options.view.rebuildable ? "pragma synchronous = normal" : "pragma synchronous = full");
    if (!synced) return about(path, synced.error());
    if (auto known = prepare_view(*db); !known) return about(path, known.error());
  }
  return std::make_unique<view_session>(std::move(*db), *options.clock, options.run_time);
}

result<std::shared_ptr<view_executor>> open_connections(const sqlite_view_options& options, const std::string& path) {
  auto writer = open_session(options, path, true);
  if (!writer) return writer.error();
  std::vector<std::unique_ptr<view_session>> readers, lent;
  for (auto* sessions : {&readers, &lent})
    for (int i = 0; i < options.view.readers; ++i) {
      auto session = open_session(options, path, false);
      if (!session) return session.error();
      sessions->push_back(std::move(*session));
    }
  return std::shared_ptr<view_executor>{make_view_threads(std::move(*writer), std::move(readers), std::move(lent),
                                                          {options.write_queue, options.read_queue, options.longest_wait},
                                                          *options.clock)};
}

result<std::shared_ptr<view_executor>> open_threads(sqlite_view_options options, const std::string& path) {
  if (!options.vfs.empty()) return open_connections(options, path);
  if (auto made = private_file(path); !made) return made.error();
  auto opened = open_connections(options, path);
  if (opened || opened.error().reason != no_shared_memory) return opened;
  options.vfs = exclusive_vfs;  // the disk is full: a view that is there can be read all the same
  return open_connections(options, path);
}

// Nobody has the file open, and it holds everything: otherwise there would be files beside it.
bool is_at_rest(const std::string& path) {
  std::error_code failed;
  return !std::filesystem::exists(path + "-wal", failed) && !std::filesystem::exists(path + "-shm", failed) && !failed;
}

// A file that is no view at all may be somebody's: it is kept under another name. One that was a view is not worth keeping.
result<void> put_away(const std::string& path, bool may_be_somebodys) {
  std::error_code failed;
  for (const auto* suffix : {"-wal", "-shm"}) std::filesystem::remove(path + suffix, failed);
  if (may_be_somebodys) std::filesystem::rename(path, path + ".unreadable", failed);
  else std::filesystem::remove(path, failed);
  if (failed) return error{code::unavailable, "can not put away " + path + ": " + failed.message()};
  return {};
}

result<std::shared_ptr<view_executor>> open_or_rebuild(const sqlite_view_options& options, const std::string& path) {
  auto opened = open_threads(options, path);
  if (opened) return opened;
  // What is no file of its own is in the way of one: put away, it is left as it is.
  const bool in_the_way = opened.error().reason == irregular_file || opened.error().reason == hard_link;
  if (opened.error().code != code::corrupt && !(in_the_way && options.view.rebuildable)) return opened;
  if (!options.view.rebuildable) {
    return error{code::corrupt, opened.error().message + ". It can not be built from the journal: put back a copy of it, or move it away to " +
                                    "begin with an empty one"}
        .because("store_damaged");
  }
  logger{"views"}.error("a view's file can not be read: it is put away and built anew from the journal",
                        {{"file", path}, {"kept_as", path + ".unreadable"}, {"cause", opened.error()}});
  if (auto away = put_away(path, true); !away) return away.error();
  return open_threads(options, path);
}

}  // namespace
}  // namespace sqlite

result<std::unique_ptr<view_store>> open_sqlite_view_store(sqlite_view_options options) {
  auto name = sqlite::file_name(options.view);
  if (!name) return name.error();
  if (options.write_queue < 1) return error{code::invalid_argument, "a queue holds 1 or more"}.at("write_queue");
  if (options.read_queue < 1) return error{code::invalid_argument, "a queue holds 1 or more"}.at("read_queue");
  if (options.run_time <= timespan{}) return error{code::invalid_argument, "a statement needs some time"}.at("run_time");
  if (options.longest_wait <= timespan{}) return error{code::invalid_argument, "a read may wait for some time"}.at("longest_wait");
  if (auto made = sqlite::private_folder(options.folder, sqlite::keep::private_); !made) {
    auto why = made.error();
    return std::move(why).at("folder");
  }
  const auto path = (std::filesystem::path{options.folder} / *name).string();
  auto executor = sqlite::open_or_rebuild(options, path);
  if (!executor) return executor.error();
  const bool rebuildable = options.view.rebuildable;
  const auto* clock = options.clock;
  auto again = [options = std::move(options), path]() -> result<std::shared_ptr<sqlite::view_executor>> {
    if (auto away = sqlite::put_away(path, false); !away) return away.error();
    return sqlite::open_threads(options, path);
  };
  return std::make_unique<sqlite::sql_view_store>(std::move(*executor), path, rebuildable, *clock, std::move(again));
}

result<position> read_sqlite_view(const sqlite_view_options& options, const std::function<void(view_reader&)>& body) {
  auto name = sqlite::file_name(options.view);
  if (!name) return name.error();
  const auto path = (std::filesystem::path{options.folder} / *name).string();
  if (std::error_code failed; !std::filesystem::exists(path, failed)) return error{code::not_found, "there is no file " + path};
  if (auto irregular = sqlite::find_irregular_file(path)) return std::move(*irregular);
  const auto read = [&](bool immutable) -> result<position> {
    auto session = sqlite::open_session(options, path, false, immutable);
    if (!session) return session.error();
    return sqlite::read_from_view(**session, 0, body);
  };
  auto done = read(false);
  // In a folder that may not be written SQLite can not make the log without which it does not begin to read.
  if (!done && done.error().code == code::unavailable && sqlite::is_at_rest(path)) return read(true);
  return done;
}

result<std::unique_ptr<view_store>> open_memory_view_store(memory_view_disk& disk, const view_options& view) {
  auto name = sqlite::file_name(view);
  if (!name) return name.error();
  auto& executor = disk.views_[*name];
  if (!executor) {
    auto session = sqlite::open_session({.folder = {}, .clock = disk.clock_}, ":memory:", true);
    if (!session) return session.error();
    executor = sqlite::make_view_inline(std::move(*session));
  }
  return std::make_unique<sqlite::sql_view_store>(executor, std::string{}, false, *disk.clock_, nullptr);
}

result<std::unique_ptr<view_store>> open_memory_view_store() {
  memory_view_disk disk;
  return open_memory_view_store(disk, {.name = "view"});
}

}  // namespace banyan
