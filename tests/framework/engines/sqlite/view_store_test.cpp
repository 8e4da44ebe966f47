// What is particular to the view store on files: threads, bounded queues, snapshots, processes that die, strange files.
#include <banyan/engines/sqlite/view_store.hpp>

#include <tests/conformance/view_store_engines.hpp>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace view_test;

namespace {

class temporary_folder {
 public:
  temporary_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "banyan-view-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error{"cannot make a temporary folder"};
    path_ = pattern;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

sqlite_view_options in(const temporary_folder& folder, view_options view = {.name = "notes"}) {
  return {.view = std::move(view), .folder = folder.path()};
}

// A door that bodies wait at, so that a test decides when a thread goes on.
class door {
 public:
  void open() { opened_.set_value(); }
  void wait() { future_.wait(); }

 private:
  std::promise<void> opened_;
  std::shared_future<void> future_ = opened_.get_future().share();
};

template <class T>
struct pending {
  std::promise<result<T>> promise;
  std::future<result<T>> future = promise.get_future();
  completion<T> done() {
    return [this](result<T> r) { promise.set_value(std::move(r)); };
  }
  bool answered() const { return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }
};

}  // namespace

TEST_CASE("a view is one file, named after the view and its version") {
  const temporary_folder folder;
  auto options = in(folder, {.name = "sales", .version = 3});
  options.folder = folder.file("made/when/missing");
  {
    const auto store = open_sqlite_view_store(options).value();
    open(*store).value();
  }
  CHECK(std::filesystem::exists(options.folder + "/sales.v3.db"));
  CHECK_FALSE(std::filesystem::exists(options.folder + "/sales.v3.db-wal"));
}

TEST_CASE("options out of bounds are refused by name") {
  const temporary_folder folder;
  const auto field_of = [&](auto change) {
    auto options = in(folder);
    change(options);
    const auto opened = open_sqlite_view_store(options);
    REQUIRE(opened.has_error());
    return opened.error().field;
  };
  CHECK(field_of([](auto& o) { o.write_queue = 0; }) == "write_queue");
  CHECK(field_of([](auto& o) { o.read_queue = 0; }) == "read_queue");
  CHECK(field_of([](auto& o) { o.run_time = timespan{}; }) == "run_time");
  CHECK(field_of([](auto& o) { o.folder = "/proc/no/such/place"; }) == "folder");
}

TEST_CASE("a file that is no view is refused and left alone") {
  const temporary_folder folder;
  const std::string text = "this is not a database, but somebody's diary of the year 2011, which is long enough to be one";
  std::ofstream{folder.file("notes.v1.db")} << text;
  CHECK(open_sqlite_view_store(in(folder)).error().code == code::corrupt);
  std::string kept;
  std::getline(std::ifstream{folder.file("notes.v1.db")}, kept);
  CHECK(kept == text);
}

TEST_CASE("a query stands on one snapshot while the view moves on") {
  const temporary_folder folder;
  const auto store = open_sqlite_view_store(in(folder)).value();
  open(*store).value();
  add_note(*store, 1, "before").value();
  door reading, written;
  pending<position> answer;
  std::vector<std::string> seen;
  store->read(
      [&](view_reader& v) {
        reading.open();
        written.wait();
        seen = v.query<std::string>("select text from notes");
      },
      answer.done());
  reading.wait();
  add_note(*store, 2, "after").value();
  written.open();
  CHECK(answer.future.get().value() == 1);
  CHECK(seen == std::vector<std::string>{"before"});
  CHECK(notes(*store).size() == 2);
}

TEST_CASE("replicas answer side by side, and a slow query does not stop the writer") {
  const temporary_folder folder;
  const auto store = open_sqlite_view_store(in(folder, {.name = "notes", .readers = 2})).value();
  open(*store).value();
  door slow;
  pending<position> answer;
  store->read([&](view_reader&) { slow.wait(); }, answer.done());
  CHECK(add_note(*store, 1, "meanwhile").value() == 1);
  CHECK(notes(*store).size() == 1);
  CHECK_FALSE(answer.answered());
  slow.open();
  CHECK(answer.future.get().has_value());
}

TEST_CASE("full queues refuse at once, and what was accepted is done") {
  const temporary_folder folder;
  auto options = in(folder, {.name = "notes", .readers = 1});
  options.write_queue = 2;
  options.read_queue = 3;
  const auto store = open_sqlite_view_store(options).value();
  open(*store).value();
  door busy_writing, busy_reading, go_on;
  pending<position> writes[4], reads[5];
  store->write([&](view_writer&) { busy_writing.open(); go_on.wait(); }, 1, writes[0].done());
  store->read([&](view_reader&) { busy_reading.open(); go_on.wait(); }, reads[0].done());
  busy_writing.wait();
  busy_reading.wait();
  for (int i = 1; i < 4; ++i) store->write(no_tables, i + 1, writes[i].done());
  for (int i = 1; i < 5; ++i) store->read([](view_reader&) {}, reads[i].done());
  REQUIRE(writes[3].answered());
  REQUIRE(reads[4].answered());
  for (auto* last : {&writes[3], &reads[4]}) {
    const auto refused = last->future.get();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::exhausted);
    CHECK(refused.error().retry_after == std::chrono::milliseconds{100});
  }
  go_on.open();
  for (int i = 0; i < 3; ++i) CHECK(writes[i].future.get().value() == i + 1);
  for (int i = 0; i < 4; ++i) CHECK(reads[i].future.get().has_value());
}

TEST_CASE("a store that is destroyed finishes what is under way and refuses what waits") {
  const temporary_folder folder;
  auto store = open_sqlite_view_store(in(folder, {.name = "notes", .readers = 1})).value();
  open(*store).value();
  door busy_writing, busy_reading, go_on, refused;
  pending<position> under_way, waiting, reading;
  store->write(
      [&](view_writer& v) {
        v.run("insert into notes(text) values ('kept')");
        busy_writing.open();
        go_on.wait();
      },
      1, under_way.done());
  store->read([&](view_reader&) { busy_reading.open(); refused.wait(); }, reading.done());
  busy_writing.wait();
  busy_reading.wait();
  store->write([](view_writer& v) { v.run("insert into notes(text) values ('lost')"); }, 2, waiting.done());
  // Destruction begins in a thread; it can not end before both doors are open.
  std::thread destroyer{[&] { store.reset(); }};
  refused.open();
  CHECK(reading.future.get().has_value());
  go_on.open();
  destroyer.join();
  CHECK(under_way.future.get().has_value());
  const auto last = waiting.future.get();
  // The writer may have come to it before the destroyer did; it never half did it.
  store = open_sqlite_view_store(in(folder)).value();
  CHECK(notes(*store).size() == (last ? 2u : 1u));
  if (!last) CHECK(last.error().code == code::unavailable);
}

TEST_CASE("another process that opens the view takes it over") {
  const temporary_folder folder;
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto store = open_sqlite_view_store(in(folder)).value();
    open(*store).value();
    const bool wrote = add_note(*store, 5, "by the child").has_value();
    _exit(wrote ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  const auto store = open_sqlite_view_store(in(folder)).value();
  CHECK(open(*store).value().checkpoint == 5);
  CHECK(notes(*store) == std::vector<std::string>{"by the child"});
}

namespace {

// Writes batches of rows until it is killed, and tells every checkpoint that was acknowledged. It kills itself after so many rows, in the
// middle of a transaction; 0: never.
[[noreturn]] void write_for_ever(const sqlite_view_options& options, int told, int rows_to_live) {
  const auto store = open_sqlite_view_store(options).value();
  const auto from = open(*store, [](view_writer& v) {
                      v.run("create table rows(position integer primary key, part integer, filler text)");
                      v.run("create table total(one integer primary key, rows integer)");
                      v.run("insert into total values (1, 0)");
                    }).value();
  for (auto at = from.checkpoint + 1;; ++at) {
    const auto stored = write(*store, at, [&](view_writer& v) {
      for (int part = 0; part < 20; ++part) {
        v.run("insert into rows values (?1, ?2, ?3)", at * 20 + part, part, std::string(300, 'x'));
        if (--rows_to_live == 0) kill(getpid(), SIGKILL);
      }
      v.run("update total set rows = rows + 20");
    });
    if (!stored || ::write(told, &at, sizeof at) != sizeof at) _exit(1);
  }
}

}  // namespace

TEST_CASE("rows and checkpoint agree after every kill -9, and nothing acknowledged is gone") {
  const temporary_folder folder;
  position acknowledged = 0;
  for (int life = 1; life <= 30; ++life) {
    CAPTURE(life);
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const auto child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      close(pipe_ends[0]);
      write_for_ever(in(folder), pipe_ends[1], life % 2 * life * 31);
    }
    close(pipe_ends[1]);
    if (life % 2 == 0) {
      // From outside, wherever it happens to be by now; some of them have hardly begun.
      for (int heard = 0; heard < life * 7 % 40; ++heard) {
        REQUIRE(::read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
      }
      REQUIRE(kill(child, SIGKILL) == 0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    while (::read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
    }
    close(pipe_ends[0]);

    const auto store = open_sqlite_view_store(in(folder)).value();
    std::int64_t rows = 0, total = 0;
    const auto at = read(*store, [&](view_reader& v) {
      if (v.first<int>("select count(*) from sqlite_schema where name = 'rows'") == 0) return;
      rows = *v.first<std::int64_t>("select count(*) from rows");
      total = *v.first<std::int64_t>("select rows from total");
    }).value();
    REQUIRE(rows == at * 20);
    REQUIRE(total == at * 20);
    REQUIRE(at >= acknowledged);
  }
  CHECK(acknowledged > 100);
}
