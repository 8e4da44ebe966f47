// What a running journal does when its files are removed or replaced, and how a copy is read that can not be written.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>
#include <tests/framework/engines/sqlite/read_only_folder.hpp>

#include <banyan/engines/sqlite/journal.hpp>

#include <fstream>
#include <sys/wait.h>
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
    seen = with_read_only(data, [&] { return look_at(file); });
    CHECK(seen.value_or("2 incomplete") == "2 incomplete");
  }
  SECTION("with a log and its index, as a whole folder is copied while it runs") {
    j = open_sqlite_journal({.path = original}).value();
    append(*j, to("s", expected::any(), {event(3)})).value();
    for (const auto* suffix : {"", "-wal", "-shm"}) fs::copy_file(original + suffix, file + suffix);
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
