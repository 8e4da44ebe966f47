// What a running journal does when its files are removed or replaced, and how a copy is read that can not be written.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>
#include <tests/framework/engines/sqlite/journal_files.hpp>
#include <tests/framework/engines/sqlite/read_only_folder.hpp>

#include <banyan/engines/sqlite/journal.hpp>

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace journal_test;
using banyan::test::with_read_only;
namespace fs = std::filesystem;

TEST_CASE("a file that was removed or replaced takes no more appends, and the journal says that it is lost") {
  const temporary_folder folder;
  const auto data = folder.file("data"), file = data + "/j.db", elsewhere = folder.file("elsewhere");
  fs::create_directories(data);
  const int way = GENERATE(0, 1, 2, 3, 4, 5);
  CAPTURE(way);
  auto j = open_sqlite_journal({.path = file}).value();
  append(*j, to("s", expected::any(), {event(1)})).value();
  CHECK_FALSE(j->status().trouble);
  switch (way) {
    case 0: fs::remove_all(data); break;
    case 1: fs::rename(data, elsewhere); break;
    case 2: fs::remove(file); break;
    case 3: fs::remove(file + "-wal"); break;
    case 4: fs::remove(file + ".lock"); break;
    default:
      fs::copy_file(file, elsewhere);
      fs::rename(elsewhere, file);
  }
  REQUIRE(j->status().trouble);
  CHECK(j->status().trouble->code == code::corrupt);
  CHECK(j->status().trouble->reason == "journal_lost");
  CHECK(j->status().trouble->message.find("was removed or replaced while the journal is open") != std::string::npos);
  const auto refused = append(*j, to("s", expected::any(), {event(2)}));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::unavailable);
  CHECK(refused.error().reason == "journal_lost");
  CHECK(refused.error().outcome == outcome::not_applied);
  CHECK(read_all(*j).value().size() == 1);
  if (way == 1) {  // back again: too late, something else may have been there
    fs::rename(elsewhere, data);
    CHECK(append(*j, to("s", expected::any(), {event(3)})).has_error());
  }
}

namespace {

// As cp does, some time later: the file stays, its content is another one.
void overwrite(const std::string& file, const std::string& content) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << content;
  fs::last_write_time(file, fs::file_time_type::clock::now() + std::chrono::seconds{1});
}

// Until then the writer has made the checkpoint that was due.
void wait_for_the_writer(journal& j) { CHECK_FALSE(save(j, {"none", 1, "k", "{}"}).value()); }

// With one event in its main file, and a log that is cut.
std::string old_content(const std::string& file) {
  append(*open_sqlite_journal({.path = file}).value(), to("s", expected::any(), {event(1)})).value();
  return content_of(file);
}

}  // namespace

TEST_CASE("a file that another program has written over takes no more appends, and what was put there is left alone") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  const auto backup = old_content(file);
  auto j = open_sqlite_journal({.path = file, .checkpoint_pages = 1}).value();
  const std::string payload(GENERATE(as<std::size_t>{}, 10, 10'000), 'x');  // the file keeps its size, or has grown
  append(*j, to("s", expected::any(), {event(2, payload)})).value();
  wait_for_the_writer(*j);
  auto put_there = backup;
  SECTION("with an older copy") {}
  SECTION("with nothing") { put_there.clear(); }
  SECTION("with something longer") { put_there = content_of(file) + std::string(4096, 'x'); }
  overwrite(file, put_there);
  const auto refused = append(*j, to("s", expected::any(), {event(3)}));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::unavailable);
  CHECK(refused.error().reason == "journal_lost");
  CHECK(refused.error().outcome == outcome::not_applied);
  REQUIRE(j->status().trouble);
  CHECK(j->status().trouble->code == code::corrupt);
  CHECK(mentions(*j->status().trouble, file + " or its -wal was overwritten by another program"));
  CHECK(append(*j, to("s", expected::any(), {event(4)})).error().reason == "journal_lost");
  j.reset();
  CHECK(content_of(file) == put_there);
}

TEST_CASE("a log that another program has cut takes no more appends") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  auto j = open_sqlite_journal({.path = file, .tidy_after = std::chrono::hours{1}}).value();
  append(*j, to("s", expected::any(), {event(1)})).value();
  const auto log = content_of(file + "-wal");
  append(*j, to("s", expected::any(), {event(2)})).value();
  overwrite(file + "-wal", log);
  CHECK(append(*j, to("s", expected::any(), {event(3)})).error().reason == "journal_lost");
}

TEST_CASE("a file that was overwritten is noticed while nothing is asked, and then its log is left alone") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  const auto backup = old_content(file);
  auto j = open_sqlite_journal({.path = file, .tidy_after = std::chrono::milliseconds{1}}).value();
  append(*j, to("s", expected::any(), {event(2, std::string(10'000, 'x'))})).value();
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (fs::file_size(file + "-wal") > 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  wait_for_the_writer(*j);
  overwrite(file, backup);
  while (!j->status().trouble && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  REQUIRE(j->status().trouble);
  CHECK(j->status().trouble->reason == "journal_lost");
  j.reset();
  CHECK(content_of(file) == backup);
}

TEST_CASE("checkpoints, also of other programs, and times that are set do not look like foreign writing") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  auto j = open_sqlite_journal({.path = file, .checkpoint_pages = GENERATE(1u, 8000u), .tidy_after = std::chrono::milliseconds{1}}).value();
  for (std::uint64_t n = 1; n <= 40; ++n) {
    append(*j, to("s", expected::any(), {event(n, std::string(2000, 'x'))})).value();
    if (n % 4 == 1) change(file, "pragma wal_checkpoint(passive)");
    if (n % 4 == 2) fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds{n});
    if (n % 4 == 3) change(file, "pragma wal_checkpoint(truncate)");
  }
  change(file, "vacuum");
  append(*j, to("s", expected::any(), {event(41)})).value();
  CHECK_FALSE(j->status().trouble);
}

TEST_CASE("a file that may not be written is told when it is opened, before anything is asked") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  (void)old_content(file);
  const auto seen = with_read_only(file, [&] {
    const auto j = open_sqlite_journal({.path = file, .probe_every = std::chrono::hours{1}});
    if (!j) return to_string(j.error());
    const auto trouble = (*j)->status().trouble;
    const auto refused = append(**j, to("s", expected::any(), {event(2)}));
    const auto events = read_all(**j);
    return (trouble ? trouble->reason : "writable") + ", " + (refused ? "stored" : std::string{to_string(refused.error().code)}) + ", " +
           std::to_string(events ? events->size() : 999);
  });
  if (!seen) WARN("mounts are not allowed here: nothing was tried");
  CHECK(seen.value_or("not_writable, unavailable, 1") == "not_writable, unavailable, 1");
}

TEST_CASE("a file that may not grow at all is a full disk, when it is opened and later, until it may") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  (void)old_content(file);
  const bool from_the_start = GENERATE(true, false);
  CAPTURE(from_the_start);
  channel told;
  const auto child = in_another_process([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const auto let_files_grow = [](bool may) {
      rlimit limit{};
      if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
      limit.rlim_cur = may ? limit.rlim_max : 0;
      if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    };
    let_files_grow(!from_the_start);
    auto j = open_sqlite_journal({.path = file, .probe_every = std::chrono::hours{1}, .tidy_after = std::chrono::hours{1}});
    if (!j) return;
    told.send((*j)->status().trouble.has_value());
    let_files_grow(false);
    const auto refused = append(**j, to("s", expected::any(), {event(2)}));
    told.send(refused.has_error() && refused.error().code == code::exhausted && refused.error().reason == "disk" &&
              refused.error().outcome == outcome::not_applied);
    let_files_grow(true);
    told.send(append(**j, to("s", expected::any(), {event(2)})).has_value());
  });
  told.close_sending();
  CHECK(told.receive() == (from_the_start ? 1u : 0u));
  CHECK(told.receive() == 1u);
  CHECK(told.receive() == 1u);
  ::waitpid(child, nullptr, 0);
}

namespace {

std::string look_at(const std::string& file) {
  auto j = open_sqlite_journal({.path = file, .read_only = true, .readers = 1});
  if (!j) return to_string(j.error());
  const auto i = info(**j);
  if (!i) return to_string(i.error());
  const auto events = read_all(**j);
  return std::to_string(events ? events->size() : 999) + (i->incomplete.empty() ? "" : " incomplete");
}

}  // namespace

TEST_CASE("a copy in a folder that may not be written is read, and says when its log is left out") {
  const temporary_folder folder;
  const auto data = folder.file("read only % ?"), file = data + "/j.db", original = folder.file("j.db");
  fs::create_directories(data);
  auto j = open_sqlite_journal({.path = original}).value();
  append(*j, to("s", expected::any(), {event(1), event(2)})).value();
  j.reset();
  std::optional<std::string> seen;
  SECTION("stopped") {
    fs::copy_file(original, file);
    seen = with_read_only(data, [&] { return look_at(file); });
    CHECK(seen.value_or("2") == "2");
  }
  SECTION("with a log that it can not read") {
    j = open_sqlite_journal({.path = original}).value();
    append(*j, to("s", expected::any(), {event(3)})).value();
    fs::copy_file(original, file);
    fs::copy_file(original + "-wal", file + "-wal");
    j.reset();  // with_read_only forks, and ThreadSanitizer takes the threads of a forked process for its own
    seen = with_read_only(data, [&] { return look_at(file); });
    CHECK(seen.value_or("2 incomplete") == "2 incomplete");
  }
  SECTION("with a log and its index, as a whole folder is copied while it runs") {
    j = open_sqlite_journal({.path = original}).value();
    append(*j, to("s", expected::any(), {event(3)})).value();
    for (const auto* suffix : {"", "-wal", "-shm"}) fs::copy_file(original + suffix, file + suffix);
    j.reset();
    seen = with_read_only(data, [&] { return look_at(file); });
    CHECK(seen.value_or("3") == "3");
  }
  SECTION("beside its running owner, who may write it under another mount") {
    int ready[2], enough[2];
    REQUIRE(::pipe(ready) == 0);
    REQUIRE(::pipe(enough) == 0);
    const auto owner = ::fork();
    if (owner == 0) {
      ::close(enough[1]);
      auto own = open_sqlite_journal({.path = file}).value();
      append(*own, to("s", expected::any(), {event(3)})).value();
      char c = 'r';
      if (::write(ready[1], &c, 1) == 1) [[maybe_unused]] const auto end = ::read(enough[0], &c, 1);
      ::_exit(0);
    }
    char c = 0;
    REQUIRE(::read(ready[0], &c, 1) == 1);
    seen = with_read_only(data, [&] { return look_at(file); });
    CHECK(seen.value_or("1") == "1");
    for (const int end : {ready[0], ready[1], enough[0], enough[1]}) ::close(end);
    REQUIRE(::waitpid(owner, nullptr, 0) == owner);
  }
  if (!seen) WARN("mounts are not allowed here: nothing was tried");
}
