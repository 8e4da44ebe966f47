#include <banyan/engines/sqlite/view_store.hpp>

#include <banyan/engines/sqlite/view_executor.hpp>
#include <banyan/engines/sqlite/view_schema.hpp>

#include <algorithm>
#include <filesystem>

namespace banyan {

namespace sqlite {
namespace {

using writer_body = std::function<void(view_writer&)>;
using reader_body = std::function<void(view_reader&)>;

result<view_store::state> open_view(view_session& s, std::int64_t& owner, const uuid& incarnation, const writer_body& create_tables) {
  auto t = transaction::begin(s.connection(), transaction::kind::immediate);
  if (!t) return t.error();
  auto row = read_view(s);
  if (!row) return row.error();
  const bool anew = row->incarnation != incarnation;
  const auto token = row->owner + 1;
  if (anew) {
    if (auto gone = drop_tables(s); !gone) return gone.error();
    row->checkpoint = 0;
  }
  if (auto kept = store_view(s, {row->checkpoint, incarnation, token}); !kept) return kept.error();
  if (anew) {
    if (auto created = s.run_writer(create_tables); !created) return created.error();
  }
  if (auto done = t->commit(); !done) return done.error();
  owner = token;
  return view_store::state{row->checkpoint, incarnation};
}

result<position> write_view(view_session& s, std::int64_t owner, const writer_body& body, position checkpoint) {
  auto t = transaction::begin(s.connection(), transaction::kind::immediate);
  if (!t) return t.error();
  auto row = read_view(s);
  if (!row) return row.error();
  if (owner == 0) return error{code::conflict, "the view is written to before it is opened"}.because("view_not_open");
  if (row->owner != owner) return error{code::conflict, "the view was opened by another owner since"}.because("view_taken");
  if (checkpoint < row->checkpoint) {
    return error{code::invalid_argument, "the checkpoint would go back from " + std::to_string(row->checkpoint) + " to " +
                                             std::to_string(checkpoint)};
  }
  row->checkpoint = checkpoint;
  if (auto kept = store_view(s, *row); !kept) return kept.error();
  if (auto written = s.run_writer(body); !written) return written.error();
  if (auto done = t->commit(); !done) return done.error();
  return checkpoint;
}

result<position> read_from_view(view_session& s, const reader_body& body) {
  auto t = transaction::begin(s.connection(), transaction::kind::deferred);
  if (!t) return t.error();
  auto row = read_view(s);                               // the first read: from here on the snapshot stands
  if (!row) return row.error();
  if (auto read = s.run_reader(body); !read) return read.error();
  return row->checkpoint;
}

// What the jobs of one store share. They may outlive it: an executor in memory does.
struct ownership {
  std::int64_t token = 0;                                // only the writer's side looks at it
};

class sql_view_store final : public view_store {
 public:
  explicit sql_view_store(std::shared_ptr<view_executor> executor) : executor_{std::move(executor)} {}

  void open(uuid incarnation, writer_body create_tables, completion<state> done) override {
    if (incarnation.is_nil()) return done(error{code::invalid_argument, "a journal's incarnation is never nil"}.at("incarnation"));
    executor_->on_writer([owned = owned_, incarnation, create = std::move(create_tables), done = std::move(done)](auto session) mutable {
      done(session ? open_view(**session, owned->token, incarnation, create) : session.error());
    });
  }
  void write(writer_body body, position checkpoint, completion<position> done) override {
    executor_->on_writer([owned = owned_, body = std::move(body), checkpoint, done = std::move(done)](auto session) mutable {
      done(session ? write_view(**session, owned->token, body, checkpoint) : session.error());
    });
  }
  void read(reader_body body, completion<position> done) override {
    executor_->on_reader([body = std::move(body), done = std::move(done)](auto session) mutable {
      done(session ? read_from_view(**session, body) : session.error());
    });
  }

 private:
  std::shared_ptr<ownership> owned_ = std::make_shared<ownership>();
  std::shared_ptr<view_executor> executor_;
};

result<std::string> file_name(const view_options& view) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (view.name.empty() || view.name.size() > 100 || !std::all_of(view.name.begin(), view.name.end(), allowed)) {
    return error{code::invalid_argument, "a view's name is 1 to 100 letters, digits, _ and -"}.at("name");
  }
  if (view.version < 1) return error{code::invalid_argument, "a view's version is 1 or more"}.at("version");
  if (view.readers < 1 || view.readers > 64) return error{code::invalid_argument, "a view has 1 to 64 readers"}.at("readers");
  return view.name + ".v" + std::to_string(view.version) + ".db";
}

error about(const std::string& path, error e) {
  e.message = path + ": " + e.message;
  return e;
}

result<std::unique_ptr<view_session>> open_session(const sqlite_view_options& options, const std::string& path, bool writer) {
  auto db = database::open({.path = path, .read_only = !writer, .vfs = options.vfs});
  if (!db) return db.error();
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

}  // namespace
}  // namespace sqlite

result<std::unique_ptr<view_store>> open_sqlite_view_store(sqlite_view_options options) {
  auto name = sqlite::file_name(options.view);
  if (!name) return name.error();
  if (options.write_queue < 1) return error{code::invalid_argument, "a queue holds 1 or more"}.at("write_queue");
  if (options.read_queue < 1) return error{code::invalid_argument, "a queue holds 1 or more"}.at("read_queue");
  if (options.run_time <= timespan{}) return error{code::invalid_argument, "a statement needs some time"}.at("run_time");
  const auto folder = std::filesystem::path{options.folder};
  std::error_code failed;
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) return error{code::unavailable, "cannot make the folder " + options.folder + ": " + failed.message()}.at("folder");
  const auto path = (folder / *name).string();

  auto writer = sqlite::open_session(options, path, true);
  if (!writer) return writer.error();
  std::vector<std::unique_ptr<sqlite::view_session>> readers;
  for (int i = 0; i < options.view.readers; ++i) {
    auto reader = sqlite::open_session(options, path, false);
    if (!reader) return reader.error();
    readers.push_back(std::move(*reader));
  }
  return std::make_unique<sqlite::sql_view_store>(
      sqlite::make_view_threads(std::move(*writer), std::move(readers), options.write_queue, options.read_queue));
}

result<position> read_sqlite_view(const sqlite_view_options& options, const std::function<void(view_reader&)>& body) {
  auto name = sqlite::file_name(options.view);
  if (!name) return name.error();
  const auto path = (std::filesystem::path{options.folder} / *name).string();
  if (std::error_code failed; !std::filesystem::exists(path, failed)) return error{code::not_found, "there is no file " + path};
  auto session = sqlite::open_session(options, path, false);
  if (!session) return session.error();
  return sqlite::read_from_view(**session, body);
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
  return std::make_unique<sqlite::sql_view_store>(executor);
}

result<std::unique_ptr<view_store>> open_memory_view_store() {
  memory_view_disk disk;
  return open_memory_view_store(disk, {.name = "view"});
}

}  // namespace banyan
