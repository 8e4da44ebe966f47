// How a group ends, in order and not, and what is left of it: nothing.
#include "supervised_group.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace banyan;

namespace {

// Two programs, one of which has processes in its own session and out of it.
std::string with_grandchildren() {
  return program("a", {"leave_behind", "leave_away", "say", "away", "wait"}) + program("b", {"say", "here", "wait"});
}

}  // namespace

TEST_CASE("processes that end while they are looked at are left out", "[process_table]") {
  auto table = (std::filesystem::temp_directory_path() / "banyan-processes-XXXXXX").string();
  REQUIRE(::mkdtemp(table.data()) != nullptr);
  std::filesystem::create_directories(table + "/11/stat");  // can be opened, but not read
  std::filesystem::create_directories(table + "/12");
  std::filesystem::create_directories(table + "/13");
  std::ofstream{table + "/13/stat"} << "13 (a name) of (any kind)) S 1 12 13 0";
  const auto all = processes(table);
  std::filesystem::remove_all(table);
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == 13);
  CHECK(all[0].session == 13);
  CHECK(processes(table).empty());
}

TEST_CASE("SIGTERM ends programs in reverse order, each when the one after it has ended", "[supervise]") {
  supervised_group g{program("a", {"say_bye", "say", "here", "wait"}) + program("b", {"say_bye", "say", "here", "wait"})};
  g.lines_with("a         | here", "b         | here");
  g.signal(SIGTERM);
  g.line_with("b         | bye");
  g.line_with("b exited with code 0");
  g.line_with("a         | bye");
  g.line_with("a exited with code 0");
  g.line_with("all programs have ended");
  CHECK(g.end() == 0);
  CHECK(g.left().empty());
}

TEST_CASE("a program that does not end in its time is killed, and the others have theirs", "[supervise]") {
  supervised_group g{program("a", {"say_bye", "say", "here", "wait"}) +
                     program("b", {"ignore_term", "say", "here", "wait"}, "shutdown = '100ms'")};
  g.lines_with("a         | here", "b         | here");
  g.signal(SIGTERM);
  g.line_with("b has not ended in its time: SIGKILL");
  g.line_with("a         | bye");
  CHECK(g.end() == 0);
}

TEST_CASE("a second signal kills what still runs", "[supervise]") {
  supervised_group g{program("a", {"ignore_term", "say", "here", "wait"}, "shutdown = '1h'") +
                     program("b", {"ignore_term", "say", "here", "wait"}, "shutdown = '1h'")};
  g.lines_with("a         | here", "b         | here");
  g.signal(SIGTERM);
  g.line_with("ending all programs");
  g.signal(SIGINT);
  CHECK(g.end() == 128 + SIGINT);
  CHECK(g.left().empty());
}

TEST_CASE("a stopped program is ended too", "[supervise]") {
  supervised_group g{program("a", {"say", "here", "wait"}, "shutdown = '1h'")};
  const auto a = g.start_of("a");
  g.line_with("a         | here");
  ::kill(a, SIGSTOP);
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
}

TEST_CASE("STOPPING=1 unasked: it has its shutdown time, and no heartbeats are expected", "[supervise]") {
  const auto keys = "ready = 'notify'\nheartbeat = '1s'\nshutdown = '2s'";
  supervised_group g{program("a", {"ready", "stopping", "wait"}, keys)};
  g.start_of("a");
  CHECK(g.line_with("a has").find("not ended in its time: SIGKILL") != std::string::npos);
  CHECK(g.text().find("missed its heartbeat") == std::string::npos);
}

TEST_CASE("what a program leaves behind is killed before it starts again, also what has left its session", "[supervise]") {
  supervised_group g{with_grandchildren()};
  const auto a = g.start_of("a");
  g.lines_with("a         | away", "b         | here");
  const auto all = g.left().size();
  ::kill(a, SIGKILL);
  g.line_with("a left 2 processes behind: SIGKILL");
  g.line_with("a was killed by SIGKILL");
  g.start_of("a");
  g.line_with("a         | away");
  CHECK(g.left().size() == all);
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK(g.left().empty());
}

TEST_CASE("kill -9 of the process that was started leaves nothing behind", "[supervise]") {
  supervised_group g{with_grandchildren()};
  g.lines_with("a         | away", "b         | here");
  CHECK(g.left().size() == 6);  // the keeper, the supervisor, a, its two, b
  g.signal(SIGKILL);
  CHECK(g.end() == 1000 + SIGKILL);
  CHECK(g.comes_to_nothing());
}

TEST_CASE("kill -9 of the process that supervises leaves nothing behind", "[supervise]") {
  supervised_group g{with_grandchildren()};
  const auto a = g.start_of("a");
  g.lines_with("a         | away", "b         | here");
  const auto supervisor = parent_of(a);
  REQUIRE(supervisor != g.keeper());
  ::kill(supervisor, SIGKILL);
  CHECK(g.end() == 128 + SIGKILL);
  CHECK(g.left().empty());
  CHECK(g.errors().find("the supervisor was killed by SIGKILL") != std::string::npos);
}

TEST_CASE("kill -9 of all three at once leaves nothing but what escaped them", "[supervise]") {
  supervised_group g{program("a", {"say", "here", "wait"})};
  const auto a = g.start_of("a");
  g.line_with("a         | here");
  const auto supervisor = parent_of(a);
  ::kill(g.keeper(), SIGSTOP);
  ::kill(supervisor, SIGSTOP);
  ::kill(supervisor, SIGKILL);
  ::kill(g.keeper(), SIGKILL);
  CHECK(g.comes_to_nothing());  // the kernel's word is enough for a main process
}
