#include <banyan/engines/sqlite/delivery_store.hpp>

#include <banyan/engines/sqlite/delivery_tables.hpp>
#include <banyan/engines/sqlite/view_file.hpp>

#include <utility>

namespace banyan {

namespace {

using namespace sqlite;

bool only_moves_checkpoint(const delivery_change& c) {
  return !c.began && c.given_up.empty() && c.kept.empty() && c.handled.empty() && c.counted.empty() &&
         c.forgotten.empty();
}

class sql_delivery_store final : public delivery_store {
 public:
  explicit sql_delivery_store(std::unique_ptr<view_file> file) : file_{std::move(file)} {}

  void open(source of, completion<state> done) override {
    file_->write<state>(
        [this, of = std::move(of)](view_session& s, view_ownership& own) -> result<state> {
          state found;
          if (auto set = sync_commits(s, true); !set) return set.error();
          const auto opened = take_over_view(s, own, of.history, of.head, [&](view_writer& v, position checkpoint) {
            delivery_tables::prepare(v, of.history, of.head);
            found = {checkpoint, delivery_tables::beginning(v), delivery_tables::counts(v, checkpoint),
                     delivery_tables::totals(v)};
          });
          if (!opened) return opened.error();
          return found;
        },
        std::move(done));
  }
  void commit(delivery_change change, completion<committed> done) override {
    file_->write<committed>(
        [this, change = std::move(change)](view_session& s, view_ownership& own) -> result<committed> {
          committed stored;
          if (auto set = sync_commits(s, !only_moves_checkpoint(change)); !set) return set.error();
          const bool has_letters = !change.given_up.empty() || !change.kept.empty() || !change.handled.empty();
          const auto written = write_view(
              s, own,
              [&](view_writer& v) {
                delivery_tables::store(v, change, own.history);
                if (has_letters) stored.letters = delivery_tables::totals(v);
              },
              change.checkpoint);
          if (!written) return written.error();
          stored.checkpoint = *written;
          return stored;
        },
        std::move(done));
  }
  void restart(source of, position checkpoint, completion<position> done) override {
    file_->write<position>(
        [this, of = std::move(of), checkpoint](view_session& s, view_ownership& own) -> result<position> {
          if (auto set = sync_commits(s, true); !set) return set.error();
          return restart_view(s, own, of.history, of.head, checkpoint,
                              [&](view_writer& v) { delivery_tables::restart(v, checkpoint); });
        },
        std::move(done));
  }
  void list(letter_place after, std::size_t limit, completion<std::vector<dead_letter>> done) override {
    if (limit < 1 || limit > page)
      return done(error{code::invalid_argument, "a list has 1 to " + std::to_string(page) + " letters"}.at("limit"));
    look<std::vector<dead_letter>>(
        [after = std::move(after), limit](view_reader& v) { return delivery_tables::list(v, after, limit); },
        std::move(done));
  }
  void find(position at, completion<std::vector<dead_letter>> done) override {
    look<std::vector<dead_letter>>([at](view_reader& v) { return delivery_tables::find(v, at); }, std::move(done));
  }
  void summarize(completion<summary> done) override {
    file_->read<summary>(
        [](view_session& s) -> result<summary> {
          summary found;
          const auto at = read_from_view(s, [&](view_reader& v) { found.letters = delivery_tables::totals(v); });
          if (!at) return at.error();
          found.checkpoint = *at;
          return found;
        },
        std::move(done));
  }
  std::optional<error> trouble() const override { return file_->damage(); }

 private:
  template <class T>
  void look(std::function<T(view_reader&)> body, completion<T> done) {
    file_->read<T>(
        [body = std::move(body)](view_session& s) -> result<T> {
          T found;
          const auto read = read_from_view(s, [&](view_reader& v) { found = body(v); });
          if (!read) return read.error();
          return found;
        },
        std::move(done));
  }

  // On the thread of writes, outside of a transaction. A synced commit syncs those before it too.
  result<void> sync_commits(view_session& s, bool synced) {
    if (synced == synced_) return {};
    auto set = s.connection().execute(synced ? "pragma synchronous = full" : "pragma synchronous = normal");
    if (!set) return s.noted(set.error());
    synced_ = synced;
    return {};
  }

  bool synced_ = true;
  std::unique_ptr<view_file> file_;  // destroyed first: its jobs use the rest
};

result<view_options> file_of(const delivery_options& of) {
  view_options view{.name = delivery_store_name(of), .version = 1, .readers = 1};
  if (!is_view_name(view.name))
    return error{code::invalid_argument,
                 "topic \"" + of.topic + "\" and group \"" + of.group + "\" make no file's name"}
        .at("topic");
  return view;
}

result<std::unique_ptr<delivery_store>> store_on(result<std::unique_ptr<view_file>> file) {
  if (!file) return file.error();
  return std::make_unique<sql_delivery_store>(std::move(*file));
}

}  // namespace

result<std::unique_ptr<delivery_store>> open_sqlite_delivery_store(const sqlite_delivery_options& options) {
  auto view = file_of(options.of);
  if (!view) return view.error();
  sqlite_view_options file{
      .view = std::move(*view), .folder = options.folder, .vfs = options.vfs, .clock = options.clock};
  return store_on(options.read_only ? view_file::open_for_reading(file)
                                    : view_file::open(std::move(file), contents::irreplaceable));
}

result<std::unique_ptr<delivery_store>> open_memory_delivery_store(memory_view_disk& disk, const delivery_options& of) {
  auto view = file_of(of);
  if (!view) return view.error();
  return store_on(view_file::in_memory(disk, *view, contents::irreplaceable));
}

result<std::unique_ptr<delivery_store>> open_memory_delivery_store(const delivery_options& of) {
  memory_view_disk disk;
  return open_memory_delivery_store(disk, of);
}

}  // namespace banyan
