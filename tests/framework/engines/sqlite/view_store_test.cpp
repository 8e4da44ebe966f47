// What is particular to the view store on files: threads, bounded queues, snapshots, processes that die, strange files.
#include <banyan/engines/sqlite/view_store.hpp>

#include <tests/conformance/view_store_engines.hpp>
#include <tests/framework/engines/sqlite/read_only_folder.hpp>
#include <tests/framework/observability/captured_log.hpp>

#include <banyan/engines/sqlite/database.hpp>

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
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

const std::string diary = "this is not a database, but somebody's diary of the year 2011, which is long enough to be one";

std::string content_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Time that passes when a test says so.
class hand_clock final : public banyan::clock {
 public:
  instant now() const override { return {}; }
  monotonic steady() const override { return monotonic{nanoseconds{time_.load()}}; }
  void pass(nanoseconds d) { time_ += d.count(); }

 private:
  std::atomic<std::int64_t> time_{3'600'000'000'000};
};

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

TEST_CASE("a file that is no view is kept under another name, and the view is built anew") {
  const temporary_folder folder;
  const auto before = GENERATE(as<std::function<void(const std::string&)>>{}, [](const std::string& file) { std::ofstream{file} << diary; },
                               [](const std::string& file) {
                                 auto db = sqlite::database::open({.path = file}).value();
                                 db.execute("create table diary(day text)").value();
                               });
  before(folder.file("notes.v1.db"));
  const auto was = content_of(folder.file("notes.v1.db"));

  SECTION("when all that is in it comes from the journal") {
    test::captured_log log{log_level::error};
    const auto store = open_sqlite_view_store(in(folder)).value();
    CHECK(open(*store).value().checkpoint == 0);
    CHECK(add_note(*store, 1, "new").value() == 1);
    CHECK(content_of(folder.file("notes.v1.db.unreadable")) == was);
    CHECK(log.has("views: a view's file can not be read: it is put away and built anew from the journal"));
  }
  SECTION("but not when it can not be rebuilt: that is refused, and the file is left alone") {
    const auto refused = open_sqlite_view_store(in(folder, {.name = "notes", .rebuildable = false}));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::corrupt);
    CHECK(refused.error().reason == "store_damaged");
    CHECK(refused.error().message.find(folder.file("notes.v1.db")) != std::string::npos);
    CHECK(content_of(folder.file("notes.v1.db")) == was);
  }
}

namespace {

// A view with many pages, whose file is then overwritten from the third page on, by somebody else.
std::unique_ptr<view_store> damaged_view(const temporary_folder& folder, bool rebuildable) {
  auto store = open_sqlite_view_store(in(folder, {.name = "notes", .rebuildable = rebuildable})).value();
  open(*store).value();
  write(*store, 7, [](view_writer& v) {
    for (int i = 0; i < 2000; ++i) v.run("insert into notes(text) values (?1)", std::string(200, 'x'));
  }).value();
  store.reset();
  store = open_sqlite_view_store(in(folder, {.name = "notes", .rebuildable = rebuildable})).value();
  CHECK(open(*store).value().checkpoint == 7);
  std::fstream file{folder.file("notes.v1.db"), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(0, std::ios::end);
  const auto size = static_cast<std::size_t>(file.tellp());
  file.seekp(2 * 4096);
  file << std::string(size - 2 * 4096, '\xa5');
  return store;
}

error error_of(const result<position>& r) {
  REQUIRE(r.has_error());
  return r.error();
}

}  // namespace

TEST_CASE("a page that was damaged while the view is open: it is deleted and begins anew when it is opened next") {
  const temporary_folder folder;
  test::captured_log log{log_level::error};
  const auto store = damaged_view(folder, true);
  CHECK_FALSE(store->status().trouble);
  const auto count = [](view_reader& v) { v.rows("select count(*) from notes where text <> ''", {}); };
  const bool found_by_reading = GENERATE(true, false);
  if (found_by_reading) {
    const auto read_error = error_of(read(*store, count));
    CHECK(read_error.code == code::unavailable);
    CHECK(read_error.reason == "view_damaged");
    CHECK(read_error.retry_after);
  } else {
    CHECK(error_of(write(*store, 8, [](view_writer& v) { v.run("delete from notes where text <> ''"); })).code == code::corrupt);
  }
  REQUIRE(store->status().trouble);
  CHECK(store->status().trouble->code == code::corrupt);
  CHECK(error_of(read(*store, count)).reason == "view_damaged");
  CHECK(error_of(write(*store, 8, no_tables)).code == code::corrupt);
  CHECK(log.has("views: a view's file is damaged: it is built anew from the journal"));

  CHECK(open(*store).value().checkpoint == 0);
  CHECK_FALSE(store->status().trouble);
  CHECK(store->status().rebuilt == 1);
  CHECK(add_note(*store, 1, "from the journal").value() == 1);
  CHECK(notes(*store) == std::vector<std::string>{"from the journal"});
}

TEST_CASE("a damaged page of a store that can not be rebuilt: everything is refused, and the file stays") {
  const temporary_folder folder;
  const auto store = damaged_view(folder, false);
  const auto why = error_of(read(*store, [](view_reader& v) { v.rows("select count(*) from notes where text <> ''", {}); }));
  CHECK(why.code == code::corrupt);
  CHECK(why.message.find(folder.file("notes.v1.db")) != std::string::npos);
  CHECK(error_of(write(*store, 8, no_tables)).code == code::corrupt);
  CHECK(open(*store).error().code == code::corrupt);
  CHECK(store->status().trouble);
  CHECK(std::filesystem::file_size(folder.file("notes.v1.db")) > 400'000);
}

TEST_CASE("an error that only a body calls corrupt says nothing about the file") {
  const temporary_folder folder;
  const auto store = open_sqlite_view_store(in(folder)).value();
  open(*store).value();
  CHECK(error_of(write(*store, 1, [](view_writer&) { throw result_error{{code::corrupt, "an event does not decode"}}; })).code ==
        code::corrupt);
  CHECK_FALSE(store->status().trouble);
  CHECK(add_note(*store, 1, "fine").value() == 1);
}

TEST_CASE("folder and files are for their owner alone, also those that were there before") {
  const temporary_folder folder;
  auto options = in(folder);
  options.folder = folder.file("views");
  const auto mode = [](const std::string& path) { return static_cast<int>(std::filesystem::status(path).permissions()) & 0777; };
  const auto files = {options.folder + "/notes.v1.db", options.folder + "/notes.v1.db-wal", options.folder + "/notes.v1.db-shm"};
  const auto old_mask = ::umask(0);
  {
    const auto store = open_sqlite_view_store(options).value();
    open(*store).value();
    CHECK(mode(options.folder) == 0700);
    for (const auto& file : files) CHECK(mode(file) == 0600);
  }
  ::chmod(options.folder.c_str(), 0755);
  ::chmod((options.folder + "/notes.v1.db").c_str(), 0644);
  {
    const auto store = open_sqlite_view_store(options).value();
    open(*store).value();
    CHECK(mode(options.folder) == 0700);
    for (const auto& file : files) CHECK(mode(file) == 0600);
  }
  ::umask(old_mask);
}

TEST_CASE("a symbolic link is no view") {
  const temporary_folder folder;
  std::filesystem::create_symlink(folder.file("elsewhere"), folder.file("notes.v1.db"));
  CHECK(open_sqlite_view_store(in(folder)).error().reason == "symbolic_link");
  CHECK_FALSE(std::filesystem::exists(folder.file("elsewhere")));
}

TEST_CASE("a read that is due or cancelled in the queue is dropped, and answered") {
  const temporary_folder folder;
  hand_clock clock;
  auto options = in(folder, {.name = "notes", .readers = 1});
  options.clock = &clock;
  const auto store = open_sqlite_view_store(options).value();
  open(*store).value();
  door busy, go_on;
  pending<position> running, due, cancelled, last;
  int done = 0;
  store->read([&](view_reader&) { busy.open(); go_on.wait(); }, running.done());
  busy.wait();
  const auto flag = std::make_shared<cancellation>();
  store->read([&](view_reader&) { ++done; }, due.done(), {.deadline = clock.steady() + std::chrono::milliseconds{300}});
  store->read([&](view_reader&) { ++done; }, cancelled.done(), {.cancelled = flag});
  store->read([&](view_reader&) { ++done; }, last.done());
  CHECK(store->status().waiting == 3);
  clock.pass(std::chrono::milliseconds{301});
  flag->cancel();
  CHECK(store->status().waiting == 1);
  go_on.open();
  CHECK(error_of(due.future.get()).code == code::deadline_exceeded);
  const auto unwanted = error_of(cancelled.future.get());
  CHECK(unwanted.code == code::deadline_exceeded);
  CHECK(unwanted.reason == "cancelled");
  CHECK(last.future.get().has_value());
  CHECK(done == 1);
  CHECK(store->status().dropped == 2);
  pending<position> too_late;
  store->read([&](view_reader&) { ++done; }, too_late.done(), {.deadline = clock.steady()});
  CHECK(error_of(too_late.future.get()).code == code::deadline_exceeded);
  CHECK(done == 1);
}

TEST_CASE("a view whose reads wait for too long refuses new ones, until the old ones are done or nobody waits for them") {
  const temporary_folder folder;
  hand_clock clock;
  auto options = in(folder, {.name = "notes", .readers = 1});
  options.clock = &clock;
  const auto store = open_sqlite_view_store(options).value();
  open(*store).value();
  door busy, go_on;
  pending<position> running, waiting, refused, accepted;
  store->read([&](view_reader&) { busy.open(); go_on.wait(); }, running.done());
  busy.wait();
  const auto flag = std::make_shared<cancellation>();
  store->read([](view_reader&) {}, waiting.done(), {.cancelled = flag});
  clock.pass(std::chrono::milliseconds{1001});
  CHECK(store->status().longest_wait == std::chrono::milliseconds{1001});
  CHECK(store->status().silent == std::chrono::milliseconds{1001});
  store->read([](view_reader&) {}, refused.done());
  const auto why = error_of(refused.future.get());
  CHECK(why.code == code::exhausted);
  CHECK(why.reason == "overloaded");
  CHECK(why.retry_after);
  CHECK(store->status().refused == 1);
  flag->cancel();
  store->read([](view_reader&) {}, accepted.done());
  CHECK(error_of(waiting.future.get()).reason == "cancelled");
  go_on.open();
  CHECK(accepted.future.get().has_value());
}

TEST_CASE("a statement is interrupted at the deadline of its read, and when nobody waits for it any more") {
  const temporary_folder folder;
  hand_clock clock;
  auto options = in(folder, {.name = "notes", .readers = 1});
  options.clock = &clock;
  const auto store = open_sqlite_view_store(options).value();
  open(*store).value();
  door begun;
  pending<position> endless, next;
  const auto run_for_ever = [&](view_reader& v) {
    begun.open();
    v.rows("with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n", {});
  };
  const auto flag = std::make_shared<cancellation>();
  const bool is_due = GENERATE(true, false);
  store->read(run_for_ever, endless.done(), {.deadline = clock.steady() + std::chrono::seconds{2}, .cancelled = flag});
  begun.wait();
  if (is_due) clock.pass(std::chrono::seconds{2});
  else flag->cancel();
  const auto why = error_of(endless.future.get());
  CHECK(why.code == code::deadline_exceeded);
  CHECK(why.reason == (is_due ? "" : "cancelled"));
  store->read([](view_reader& v) { v.rows("select 1", {}); }, next.done());
  CHECK(next.future.get().has_value());
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

TEST_CASE("a copy in a folder that may not be written is read by tools") {
  const temporary_folder folder;
  auto options = in(folder);
  options.folder = folder.file("read only % ?");
  {
    const auto store = open_sqlite_view_store(options).value();
    open(*store).value();
  }
  const auto look = [&] {
    const auto read = read_sqlite_view(options, [](view_reader& v) { v.rows("SELECT count(*) FROM sqlite_schema", {}); });
    return read ? std::to_string(*read) : to_string(read.error());
  };
  CHECK(look() == "0");
  for (const auto* left : {"-wal", "-shm"}) std::filesystem::remove(options.folder + "/notes.v1.db" + left);
  CHECK(banyan::test::with_read_only(options.folder, look).value_or("0") == "0");
}
