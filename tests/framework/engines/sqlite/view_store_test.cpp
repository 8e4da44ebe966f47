// What is particular to the view store on files: strange and damaged files, owners, processes that die.
#include <tests/framework/engines/sqlite/killed_writer.hpp>
#include <tests/framework/engines/sqlite/view_store_files.hpp>
#include <tests/framework/observability/captured_log.hpp>

#include <banyan/engines/sqlite/database.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace view_test;

namespace {

const std::string diary = "this is not a database, but somebody's diary of the year 2011, which is long enough to be one";

std::string content_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

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

  test::captured_log log{log_level::error};
  const auto store = open_sqlite_view_store(in(folder)).value();
  CHECK(open(*store).value().checkpoint == 0);
  CHECK(add_note(*store, 1, "new").value() == 1);
  CHECK(content_of(folder.file("notes.v1.db.unreadable")) == was);
  CHECK(log.has("views: a view's file can not be read: it is put away and built anew from the journal"));
}

TEST_CASE("a view of a newer program is refused and left alone") {
  const temporary_folder folder;
  open(*open_sqlite_view_store(in(folder)).value()).value();
  const auto file = folder.file("notes.v1.db");
  sqlite::database::open({.path = file}).value().execute("pragma user_version = 99").value();
  const auto was = content_of(file);
  const auto refused = open_sqlite_view_store(in(folder));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::unimplemented);
  CHECK(refused.error().reason == "newer_format");
  CHECK(content_of(file) == was);
  CHECK_FALSE(std::filesystem::exists(file + ".unreadable"));
}

namespace {

// A view with many pages, whose file is then overwritten from the third page on, by somebody else.
std::unique_ptr<view_store> damaged_view(const temporary_folder& folder) {
  auto store = open_sqlite_view_store(in(folder)).value();
  open(*store).value();
  write(*store, 7, [](view_writer& v) {
    for (int i = 0; i < 2000; ++i) v.run("insert into notes(text) values (?1)", std::string(200, 'x'));
  }).value();
  store.reset();
  store = open_sqlite_view_store(in(folder)).value();
  CHECK(open(*store).value().checkpoint == 7);
  std::fstream file{folder.file("notes.v1.db"), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(0, std::ios::end);
  const auto size = static_cast<std::size_t>(file.tellp());
  file.seekp(2 * 4096);
  file << std::string(size - 2 * 4096, '\xa5');
  return store;
}

}  // namespace

TEST_CASE("a page that was damaged while the view is open: it is deleted and begins anew when it is opened next") {
  const temporary_folder folder;
  test::captured_log log{log_level::error};
  const auto store = damaged_view(folder);
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

TEST_CASE("what is in the place of a view and no file of its own is put away") {
  const temporary_folder folder;
  const auto file = folder.file("notes.v1.db");
  const auto kind = GENERATE(as<std::string>{}, "pipe", "folder", "hard_link", "pipe for the log");
  CAPTURE(kind);
  std::ofstream{folder.file("elsewhere")} << diary;
  if (kind == "pipe") REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  if (kind == "folder") std::filesystem::create_directories(file + "/full");
  if (kind == "hard_link") std::filesystem::create_hard_link(folder.file("elsewhere"), file);
  if (kind == "pipe for the log") REQUIRE(::mkfifo((file + "-wal").c_str(), 0600) == 0);
  test::captured_log log{log_level::error};
  {
    const auto store = open_sqlite_view_store(in(folder)).value();
    open(*store).value();
    CHECK(add_note(*store, 1, "new").value() == 1);
  }
  CHECK(log.has("views: a view's file can not be read: it is put away and built anew from the journal"));
  CHECK(std::filesystem::is_regular_file(file));
  CHECK(std::filesystem::is_fifo(file + ".unreadable") == (kind == "pipe"));
  CHECK(std::filesystem::exists(file + ".unreadable/full") == (kind == "folder"));
  CHECK(content_of(folder.file("elsewhere")) == diary);
}

TEST_CASE("a view that can not be opened for want of descriptors says so, with the limit") {
  const temporary_folder folder;
  open_sqlite_view_store(in(folder)).value();
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(3);
    int refused = 0;
    for (limit.rlim_cur = static_cast<rlim_t>(::open("/dev/null", O_RDONLY | O_CLOEXEC)) + 1;; ++limit.rlim_cur, ++refused) {
      if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(3);
      const auto store = open_sqlite_view_store(in(folder));
      if (store) _exit(refused >= 3 ? 0 : 2);
      if (store.error().message.find("too many open files (limit " + std::to_string(limit.rlim_cur)) == std::string::npos) _exit(1);
    }
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
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
    // Every second one is killed from here; some of them have hardly begun. The others kill themselves.
    const auto heard = life % 2 == 0 ? std::optional{life * 7 % 40} : std::nullopt;
    acknowledged = test::run_until_killed(
        acknowledged, heard, [&](int told) { write_for_ever(in(folder), told, life % 2 * life * 31); });
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
