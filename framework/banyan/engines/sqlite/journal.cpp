#include <banyan/engines/sqlite/journal.hpp>

#include <banyan/engines/sqlite/journal_commit.hpp>
#include <banyan/engines/sqlite/journal_lock.hpp>
#include <banyan/engines/sqlite/journal_read_pool.hpp>
#include <banyan/engines/sqlite/private_files.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <filesystem>

namespace banyan {

namespace {

using namespace sqlite;

class sqlite_journal final : public journal {
 public:
  explicit sqlite_journal(sqlite_journal_options options)
      : options_{std::move(options)}, damage_{std::make_shared<journal_damage>(options_.path)} {}

  result<void> open() {
    if (!options_.read_only) {
      auto lock = journal_lock::take(options_.path);
      if (!lock) return lock.error();
      lock_.emplace(std::move(*lock));
    }
    auto opened = open_files();
    // On a full disk the journal can still be read; no other process can read it meanwhile.
    if (!opened && opened.error().reason == no_shared_memory && options_.vfs.empty() && !options_.read_only) {
      readers_.reset();
      commit_.reset();
      options_.vfs = exclusive_vfs;
      opened = open_files();
    }
    if (!opened) return about_opening(options_.path, opened.error());
    if (commit_) commit_->start();
    return {};
  }

  void append(append_request request, completion<append_result> done) override {
    auto size = check(request);
    if (!size) return done(size.error());
    if (!commit_) return done(read_only());
    commit_->append(std::move(request), *size, std::move(done));
  }
  void save_snapshot(snapshot s, completion<bool> done) override {
    auto size = check(s);
    if (!size) return done(size.error());
    if (!commit_) return done(false);
    commit_->save(std::move(s), *size, std::move(done));
  }

  void load(load_request request, completion<loaded_stream> done) override {
    readers_->ask(std::move(done), [r = std::move(request)](journal_reader& reader) { return reader.load(r); });
  }
  void read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) override {
    readers_->ask(std::move(done), [r = std::move(request)](journal_reader& reader) { return reader.read_stream(r); });
  }
  void read_all(read_all_request request, completion<read_page> done) override {
    if (auto sound = check(request); !sound) return done(sound.error());
    readers_->read_all(std::move(request), std::move(done));
  }
  void list_streams(std::string prefix, std::string after, std::size_t limit, completion<std::vector<stream_info>> done) override {
    readers_->ask(std::move(done), [prefix = std::move(prefix), after = std::move(after), limit](journal_reader& reader) {
      return reader.list_streams(prefix, after, limit);
    });
  }
  void info(completion<journal_info> done) override {
    readers_->ask(std::move(done), [this](journal_reader& reader) {
      auto info = reader.info();
      if (info && history_) info->history = *history_;
      return info;
    });
  }

  void seal(partition part, fence f, completion<sealed> done) override {
    if (auto there = check_partition(part); !there) return done(there.error());
    if (auto sound = check(f, "fence"); !sound) return done(sound.error());
    if (!commit_) return done(read_only());
    const auto bytes = f.scope.size();
    commit_->change(
        bytes, [f = std::move(f)](journal_writer& w) { return w.seal(f); }, std::move(done));
  }
  void read_token(partition part, std::string scope, completion<std::int64_t> done) override {
    if (auto there = check_partition(part); !there) return done(there.error());
    if (auto sound = check_scope(scope); !sound) return done(sound.error());
    readers_->ask(std::move(done),
                  [scope = std::move(scope)](journal_reader& reader) { return reader.token_of(scope); });
  }
  void declare(std::string key, std::string value, completion<bool> done) override {
    if (auto sound = check_fact(key, value); !sound) return done(sound.error());
    if (!commit_) return done(read_only());
    const auto bytes = key.size() + value.size();
    commit_->change(
        bytes, [key = std::move(key), value = std::move(value)](journal_writer& w) { return w.declare(key, value); },
        std::move(done));
  }
  void forget_commands(forget_request request, completion<forgotten> done) override {
    if (auto sound = check(request); !sound) return done(sound.error());
    if (!commit_) return done(read_only());
    const auto bytes = request.category.size();
    commit_->change(
        bytes, [r = std::move(request)](journal_writer& w) { return w.forget(r); }, std::move(done));
  }

  journal_status status() const override {
    auto s = commit_ ? commit_->status() : journal_status{};
    if (auto found = damage_->found()) s.trouble = std::move(found);
    return s;
  }

  std::unique_ptr<watch> on_commit(std::function<void(position head)> notify) override { return watchers_->add(std::move(notify)); }

 private:
  static error read_only() {
    return error{code::unimplemented, "this journal is open for reading only"}.because("read_only");
  }

  result<void> open_files() {
    if (!options_.read_only) {
      auto writer = journal_writer::open(options_, uuid_v7(options_.clock->now(), system_random()));
      if (!writer) return writer.error();
      if (auto whole = (*writer)->check(); !whole) return whole;
      (*writer)->tidy_log();  // a killed process may have left it
      history_ = (*writer)->history();
      commit_ = std::make_unique<journal_commit>(options_, std::move(*writer), watchers_, damage_);
    }
    std::vector<std::unique_ptr<journal_reader>> readers;
    for (std::size_t i = 0; i < options_.readers; ++i) {
      auto reader = journal_reader::open(options_);
      if (!reader) return reader.error();
      readers.push_back(std::move(*reader));
    }
    readers_ = std::make_unique<journal_read_pool>(options_, std::move(readers), damage_);
    return {};
  }

  sqlite_journal_options options_;  // fixed once open
  const std::shared_ptr<journal_damage> damage_;
  std::optional<journal_lock> lock_;
  std::shared_ptr<commit_watchers> watchers_ = std::make_shared<commit_watchers>();
  // Of a journal open for writing; fixed, since another opening would need the lock.
  std::optional<journal_history> history_;
  // Destroyed in reverse order: the writer is the last connection to close, and leaves no WAL.
  std::unique_ptr<journal_commit> commit_;
  std::unique_ptr<journal_read_pool> readers_;
};

result<void> check_options(const sqlite_journal_options& o) {
  const auto wrong = [](const char* what, const char* field) { return error{code::invalid_argument, what}.at(field); };
  if (o.path.empty()) return wrong("the journal's path is empty", "path");
  if (o.readers < 1 || o.readers > 64) return wrong("a journal has 1 to 64 readers", "readers");
  if (o.queue < 1 || o.read_queue < 1) return wrong("a queue has room for 1 at least", o.queue < 1 ? "queue" : "read_queue");
  if (o.batch < 1) return wrong("a batch has 1 append at least", "batch");
  if (o.checkpoint_pages < 1 || o.checkpoint_pages > 1'000'000) return wrong("checkpoint after 1 to 1,000,000 pages", "checkpoint_pages");
  if (o.probe_every < std::chrono::milliseconds{1}) return wrong("look for room every millisecond at most", "probe_every");
  if (o.tidy_after < std::chrono::milliseconds{1}) return wrong("the log is left alone for a millisecond at least", "tidy_after");
  if (!o.clock) return wrong("a journal needs a clock", "clock");
  return {};
}

}  // namespace

result<std::unique_ptr<journal>> open_sqlite_journal(sqlite_journal_options options) {
  if (auto checked = check_options(options); !checked) return checked.error();
  std::error_code failed;
  const bool is_there = std::filesystem::exists(options.path, failed) || failed;  // errors are reported by opening it
  if (options.read_only && !is_there) return error{code::not_found, "there is no journal " + options.path};
  if (auto irregular = find_irregular_file(options.path)) return std::move(*irregular);
  auto opened = std::make_unique<sqlite_journal>(std::move(options));
  if (auto done = opened->open(); !done) return done.error();
  return std::unique_ptr<journal>{std::move(opened)};
}

}  // namespace banyan
