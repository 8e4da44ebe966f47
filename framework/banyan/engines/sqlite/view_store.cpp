#include <banyan/engines/sqlite/view_store.hpp>

#include <banyan/engines/sqlite/view_file.hpp>

#include <utility>

namespace banyan {

namespace {

using namespace sqlite;

class sql_view_store final : public view_store {
 public:
  explicit sql_view_store(std::unique_ptr<view_file> file) : file_{std::move(file)} {}

  void open(source of, writer_body create_tables, completion<state> done) override {
    if (file_->damage()) {  // rebuilt when opened again
      if (auto made = file_->rebuild(); !made) return done(made.error());
    }
    file_->write<state>([of = std::move(of), create = std::move(create_tables)](
                            view_session& s, view_ownership& own) { return open_view(s, own, of, create); },
                        std::move(done));
  }
  void write(writer_body body, position checkpoint, completion<position> done) override {
    file_->write<position>([body = std::move(body), checkpoint](
                               view_session& s, view_ownership& own) { return write_view(s, own, body, checkpoint); },
                           std::move(done));
  }
  void read(reader_body body, completion<position> done, read_limits limits) override {
    file_->read<position>([body = std::move(body)](view_session& s) { return read_from_view(s, body); },
                          std::move(done), std::move(limits));
  }
  view_store_status status() const override { return file_->status(); }

 private:
  std::unique_ptr<view_file> file_;
};

result<std::unique_ptr<view_store>> store_on(result<std::unique_ptr<view_file>> file) {
  if (!file) return file.error();
  return std::make_unique<sql_view_store>(std::move(*file));
}

}  // namespace

result<std::unique_ptr<view_store>> open_sqlite_view_store(sqlite_view_options options) {
  return store_on(view_file::open(std::move(options), contents::rebuildable));
}

result<std::unique_ptr<view_store>> open_memory_view_store(memory_view_disk& disk, const view_options& view) {
  return store_on(view_file::in_memory(disk, view, contents::rebuildable));
}

result<std::unique_ptr<view_store>> open_memory_view_store() {
  memory_view_disk disk;
  return open_memory_view_store(disk, {.name = "view"});
}

}  // namespace banyan
