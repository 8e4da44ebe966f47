#include <banyan/engines/sqlite/view_file.hpp>

#include <banyan/engines/sqlite/private_files.hpp>
#include <banyan/observability/log.hpp>

#include <filesystem>
#include <utility>

namespace banyan::sqlite {

namespace {

enum class access : std::uint8_t { write, read, read_at_rest };

result<std::string> file_name(const view_options& view) {
  if (!is_view_name(view.name))
    return error{code::invalid_argument, "a view's name is 1 to 100 letters, digits, _ and -"}.at("name");
  if (view.version < 1) return error{code::invalid_argument, "a view's version is 1 or more"}.at("version");
  if (view.readers < 1 || view.readers > 64)
    return error{code::invalid_argument, "a view has 1 to 64 readers"}.at("readers");
  return view.name + ".v" + std::to_string(view.version) + ".db";
}

error about(const std::string& path, error e) {
  e.message = path + ": " + e.message;
  return e;
}

result<std::unique_ptr<view_session>> open_session(const sqlite_view_options& options, const std::string& path,
                                                   access a, contents what) {
  auto db = database::open(
      {.path = path, .read_only = a != access::write, .immutable = a == access::read_at_rest, .vfs = options.vfs});
  if (!db) return db.error();
  if (a == access::write) {  // before anything is changed: the file may be another program's
    if (auto known = check_view(*db); !known) return about(path, known.error());
  }
  auto prepared = db->execute(a == access::write ? "pragma journal_mode = wal; pragma journal_size_limit = 67108864;"
                                                   "pragma cache_size = -65536; pragma temp_store = memory"
                                                 : "pragma cache_size = -16384; pragma temp_store = memory");
  if (!prepared) return about(path, prepared.error());
  if (a == access::write) {
    auto synced =
        db->execute(what == contents::rebuildable ? "pragma synchronous = normal" : "pragma synchronous = full");
    if (!synced) return about(path, synced.error());
    if (auto known = prepare_view(*db); !known) return about(path, known.error());
  }
  return std::make_unique<view_session>(std::move(*db), *options.clock, options.run_time);
}

result<std::shared_ptr<view_executor>> open_connections(const sqlite_view_options& options, const std::string& path,
                                                        contents what) {
  auto writer = open_session(options, path, access::write, what);
  if (!writer) return writer.error();
  std::vector<std::unique_ptr<view_session>> readers, lent;
  for (auto* sessions : {&readers, &lent})
    for (int i = 0; i < options.view.readers; ++i) {
      if (sessions == &lent && what == contents::irreplaceable) break;  // seldom read
      auto session = open_session(options, path, access::read, what);
      if (!session) return session.error();
      sessions->push_back(std::move(*session));
    }
  return std::shared_ptr<view_executor>{
      make_view_threads(std::move(*writer), std::move(readers), std::move(lent),
                        {options.write_queue, options.read_queue, options.longest_wait}, *options.clock)};
}

result<std::shared_ptr<view_executor>> open_threads(sqlite_view_options options, const std::string& path,
                                                    contents what) {
  if (!options.vfs.empty()) return open_connections(options, path, what);
  if (auto made = private_file(path); !made) return made.error();
  auto opened = open_connections(options, path, what);
  if (opened || opened.error().reason != no_shared_memory) return opened;
  options.vfs = exclusive_vfs;  // full disk: open for reading, without shared memory
  return open_connections(options, path, what);
}

// Nobody has the file open, and it is complete: otherwise there would be files beside it.
bool is_at_rest(const std::string& path) {
  std::error_code failed;
  return !std::filesystem::exists(path + "-wal", failed) && !std::filesystem::exists(path + "-shm", failed) && !failed;
}

// Something that is not a view may be another program's file, and is renamed. A file that was a view is deleted.
result<void> put_away(const std::string& path, bool may_be_somebodys) {
  std::error_code failed;
  for (const auto* suffix : {"-wal", "-shm"}) std::filesystem::remove(path + suffix, failed);
  if (may_be_somebodys)
    std::filesystem::rename(path, path + ".unreadable", failed);
  else
    std::filesystem::remove(path, failed);
  if (failed) return error{code::unavailable, "can not put away " + path + ": " + failed.message()};
  return {};
}

result<std::shared_ptr<view_executor>> open_or_rebuild(const sqlite_view_options& options, const std::string& path,
                                                       contents what) {
  auto opened = open_threads(options, path, what);
  if (opened) return opened;
  // Something that is not a regular file of its own is renamed, and otherwise left as it is.
  const bool in_the_way = opened.error().reason == irregular_file || opened.error().reason == hard_link;
  if (opened.error().code != code::corrupt && !(in_the_way && what == contents::rebuildable)) return opened;
  if (what == contents::irreplaceable)
    return error{code::corrupt,
                 opened.error().message +
                     ". It can not be built from the journal: put back a copy of it, or move it away to " +
                     "begin with an empty one"}
        .because("store_damaged");
  logger{"views"}.error("a view's file can not be read: it is put away and built anew from the journal",
                        {{"file", path}, {"kept_as", path + ".unreadable"}, {"cause", opened.error()}});
  if (auto away = put_away(path, true); !away) return away.error();
  return open_threads(options, path, what);
}

}  // namespace

result<std::unique_ptr<view_file>> view_file::open(sqlite_view_options options, contents what) {
  auto name = file_name(options.view);
  if (!name) return name.error();
  if (options.write_queue < 1) return error{code::invalid_argument, "a queue holds 1 or more"}.at("write_queue");
  if (options.read_queue < 1) return error{code::invalid_argument, "a queue holds 1 or more"}.at("read_queue");
  if (options.run_time <= timespan{})
    return error{code::invalid_argument, "a statement needs some time"}.at("run_time");
  if (options.longest_wait <= timespan{})
    return error{code::invalid_argument, "a read may wait for some time"}.at("longest_wait");
  if (auto made = private_folder(options.folder, keep::private_); !made) {
    auto why = made.error();
    return std::move(why).at("folder");
  }
  const auto path = (std::filesystem::path{options.folder} / *name).string();
  auto executor = open_or_rebuild(options, path, what);
  if (!executor) return executor.error();
  const auto& clock = *options.clock;
  auto again = [options = std::move(options), path, what]() -> result<std::shared_ptr<view_executor>> {
    if (auto away = put_away(path, false); !away) return away.error();
    return open_threads(options, path, what);
  };
  return std::unique_ptr<view_file>{new view_file{std::move(*executor), path, what, clock, std::move(again)}};
}

result<std::unique_ptr<view_file>> view_file::open_for_reading(const sqlite_view_options& options) {
  auto name = file_name(options.view);
  if (!name) return name.error();
  const auto path = (std::filesystem::path{options.folder} / *name).string();
  if (std::error_code failed; !std::filesystem::exists(path, failed))
    return error{code::not_found, "there is no file " + path};
  if (auto irregular = find_irregular_file(path)) return std::move(*irregular);
  const auto readable = [&](access a) -> result<std::unique_ptr<view_session>> {
    auto session = open_session(options, path, a, contents::irreplaceable);
    if (!session) return session;
    if (auto looked = read_from_view(**session, [](view_reader&) {}); !looked) return about(path, looked.error());
    (*session)->end_snapshot();
    return session;
  };
  auto session = readable(access::read);
  // In a read-only folder SQLite can not create the WAL index that it needs for reading.
  if (!session && session.error().code == code::unavailable && is_at_rest(path))
    session = readable(access::read_at_rest);
  if (!session) return session.error();
  std::unique_ptr<view_file> file{
      new view_file{make_view_inline(std::move(*session)), path, contents::irreplaceable, *options.clock, nullptr}};
  file->is_read_only_ = true;
  file->files_.reset();
  return file;
}

result<std::unique_ptr<view_file>> view_file::in_memory(memory_view_disk& disk, const view_options& view,
                                                        contents what) {
  auto name = file_name(view);
  if (!name) return name.error();
  auto& executor = disk.views_[*name];
  if (!executor) {
    auto session = open_session({.folder = {}, .clock = disk.clock_}, ":memory:", access::write, what);
    if (!session) return session.error();
    executor = make_view_inline(std::move(*session));
  }
  return std::unique_ptr<view_file>{new view_file{executor, {}, what, *disk.clock_, nullptr}};
}

view_file::view_file(std::shared_ptr<view_executor> executor, std::string path, contents what,
                     const banyan::clock& clock, factory make)
    : shared_{new shared_state{std::move(path), what, clock, {.of = what == contents::rebuildable ? "view" : "store"}}},
      executor_{std::move(executor)},
      make_{std::move(make)} {
  if (what == contents::irreplaceable && !shared_->path.empty())
    files_.emplace(shared_->path, "the store", "store_lost");
}

// Closed explicitly: a call made from within an answer may hold the executor too, on a thread that close() joins.
view_file::~view_file() {
  if (!shared_->path.empty()) executor()->close();
}

std::shared_ptr<view_executor> view_file::executor() const {
  const std::lock_guard guard{executor_lock_};
  return executor_;
}

std::optional<error> view_file::damage() const {
  const std::lock_guard guard{shared_->lock};
  if (shared_->trouble || !files_) return shared_->trouble;
  shared_->trouble = files_->lost();
  if (shared_->trouble)
    logger{"views"}.error("a store's file is gone", {{"file", shared_->path}, {"cause", *shared_->trouble}});
  return shared_->trouble;
}

// All connections are closed before the file is deleted: the last one to close deletes the WAL by name, which must not
// be that of the next file.
result<void> view_file::rebuild() {
  executor()->stop();
  auto made = make_();
  if (!made) return made.error();
  const std::scoped_lock guard{executor_lock_, shared_->lock};
  executor_ = std::move(*made);
  shared_->own.token = 0;
  shared_->own.is_taken = true;
  shared_->trouble.reset();
  ++rebuilt_;
  return {};
}

view_store_status view_file::status() const {
  auto s = executor()->status();
  s.trouble = damage();
  s.reads += shared_->at_once.load();
  s.rebuilt = rebuilt_.load();
  return s;
}

bool view_file::shared_state::finds_damage(view_session& session, const error& answer) {
  if (!session.is_damaged() || path.empty()) return false;
  const std::lock_guard guard{lock};
  if (trouble) return true;
  trouble = error{code::corrupt, "the file " + path + " is damaged: " +
                                     (answer.message.empty() ? "a page does not decode" : answer.message)};
  logger{"views"}.error(what == contents::rebuildable ? "a view's file is damaged: it is built anew from the journal"
                                                      : "a store's file is damaged",
                        {{"file", path}, {"cause", *trouble}});
  return true;
}

error view_file::shared_state::why_damaged() {
  const std::lock_guard guard{lock};
  return trouble.value_or(error{code::corrupt, "the file " + path + " is damaged"});
}

error view_file::shared_state::as_reader_hears(error why) const {
  if (what == contents::irreplaceable) return why;
  return error{code::unavailable, "the view's file is damaged: it is built anew"}
      .because("view_damaged")
      .after(std::chrono::seconds{1});
}

}  // namespace banyan::sqlite
