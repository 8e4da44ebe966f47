// Real programs that crash, hang, and fail to start, under a real `banyan supervise`.
#include "supervised_group.hpp"

#include <linux/capability.h>
#include <sys/resource.h>

#include <algorithm>
#include <iterator>

using namespace banyan;

namespace {

const std::string at_once = "backoff = { first = '0s', min = '1ms', max = '2ms' }\n";

// As for a user who is not root: hard limits can not be raised.
void with_at_most(rlim_t open_files) {
  ::prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE);
  const rlimit both{.rlim_cur = open_files, .rlim_max = open_files};
  ::setrlimit(RLIMIT_NOFILE, &both);
}

}  // namespace

TEST_CASE("a program that is killed by any signal starts again; the others do not notice", "[supervise]") {
  supervised_group g{at_once + program("b", {"wait"}) + program("a", {"say", "here", "wait"})};
  g.start_of("b");
  auto a = g.start_of("a");
  for (const auto& [signal, name] : {std::pair{SIGKILL, "SIGKILL"}, {SIGABRT, "SIGABRT"}, {SIGSEGV, "SIGSEGV"}, {SIGTERM, "SIGTERM"}}) {
    g.line_with("a         | here");
    ::kill(a, signal);
    CHECK(g.line_with("a was killed by").find(name) != std::string::npos);
    a = g.start_of("a");
  }
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK(g.last_text().find("b starts") == std::string::npos);
  CHECK(g.left().empty());
}

TEST_CASE("a program is told how its last run ended, and the first run is told nothing", "[supervise]") {
  const auto keys = "ready = 'notify'\nheartbeat = '2s'";
  supervised_group g{at_once + program("a", {"value", "BANYAN_LAST_END", "ready", "heartbeat"}, keys)};
  auto a = g.start_of("a");
  g.line_with("a         | BANYAN_LAST_END is not set");
  for (const auto& [signal, told] : {std::pair{SIGKILL, "SIGKILL"}, {SIGSEGV, "SIGSEGV"}, {SIGSTOP, "hung"}, {SIGTERM, "SIGTERM"}}) {
    g.line_with("a is ready");
    ::kill(a, signal);
    a = g.start_of("a");
    g.line_with(std::string{"a         | BANYAN_LAST_END is "} + told);
  }
}

TEST_CASE("one_for_all takes the others along, last one first", "[supervise]") {
  supervised_group g{"strategy = 'one_for_all'\n" + at_once + program("a", {"wait"}) + program("b", {"wait"})};
  const auto a = g.start_of("a");
  g.start_of("b");
  ::kill(a, SIGKILL);
  g.line_with("a was killed by SIGKILL");
  g.line_with("b was killed by SIGTERM");
  g.start_of("a");
  g.start_of("b");
}

TEST_CASE("a stopped program misses its heartbeat, and starts again", "[supervise]") {
  supervised_group g{at_once + program("a", {"ready", "heartbeat"}, "ready = 'notify'\nheartbeat = '2s'")};
  const auto a = g.start_of("a");
  g.line_with("a is ready");
  ::kill(a, SIGSTOP);
  g.line_with("a missed its heartbeat for 2s: SIGABRT");
  g.line_with("a missed its heartbeat for 2s and was killed by SIGABRT");
  g.start_of("a");
  g.line_with("a is ready");
}

TEST_CASE("a program without a heartbeat may be paused as long as somebody likes, which is told", "[supervise]") {
  supervised_group g{at_once + program("a", {"wait"}) + program("b", {"ready", "heartbeat"}, "heartbeat = '1h'")};
  const auto a = g.start_of("a");
  const auto b = g.start_of("b");
  ::kill(a, SIGSTOP);
  g.line_with("a was paused by SIGSTOP; it has no heartbeat, and stays so until SIGCONT");
  ::kill(a, SIGCONT);
  g.line_with("a goes on");
  ::kill(b, SIGSTOP);
  CHECK(g.line_with("b was paused by SIGSTOP").ends_with("by SIGSTOP"));
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
}

TEST_CASE("hundreds of restarts leave no descriptor, no zombie and no process, and each is told once", "[supervise]") {
  const int restarts = 200;
  supervised_group g{"backoff = { first = '0s', min = '0s', max = '0s' }\nintensity = { restarts = " + std::to_string(restarts) +
                     ", within = '1h' }\n" + program("steady", {"wait"}) + program("a", {"leave_behind", "exit", "1"})};
  const auto supervisor = parent_of(g.start_of("steady"));
  const auto descriptors = [&] {
    const std::filesystem::directory_iterator all{"/proc/" + std::to_string(supervisor) + "/fd"};
    return std::distance(begin(all), end(all));
  };
  std::vector<std::ptrdiff_t> counts;
  for (int i = 0; i < restarts; ++i) {
    g.start_of("a");
    if (i % 20 == 0) counts.push_back(descriptors());
  }
  CHECK(*std::max_element(counts.begin(), counts.end()) <= counts.front() + 2);  // whether a run is between two, and has its pipe
  CHECK(g.end() == 1);
  const auto count_of = [&](const std::string& part) {
    std::size_t n = 0;
    for (auto at = g.text().find(part); at != std::string::npos; at = g.text().find(part, at + 1)) ++n;
    return n;
  };
  CHECK(count_of("a starts as process") == 201);
  CHECK(count_of("a exited with code 1") == 201);
  CHECK(count_of("a left 1 process behind: SIGKILL") == 201);
  CHECK(g.left().empty());
}

TEST_CASE("one that holds on to SIGABRT is killed after its shutdown time", "[supervise]") {
  const auto keys = "ready = 'notify'\nheartbeat = '200ms'\nshutdown = '100ms'";  // beats are expected once it is ready
  supervised_group g{at_once + program("a", {"ignore", std::to_string(SIGABRT), "ready", "wait"}, keys)};
  g.start_of("a");
  g.line_with("a missed its heartbeat for 200ms: SIGABRT");
  g.line_with("a has not ended in its time: SIGKILL");
  g.line_with("a missed its heartbeat for 200ms and was killed by SIGKILL");
  g.start_of("a");
}

TEST_CASE("too many restarts, and it gives up: what failed, how, and its last words", "[supervise]") {
  supervised_group g{"intensity = { restarts = 2, within = '1min' }\n" + at_once + program("steady", {"wait"}) +
                     program("a", {"complain", "no disk", "print", "farewell", "exit", "3"})};
  CHECK(g.end() == 1);
  const auto why = g.errors();
  CHECK(why.find("gave up on a: it exited with code 3") != std::string::npos);
  CHECK(why.find("it was run 3 times\nallowed are 2 restarts within 1min\nits last lines:\n  no disk\n  farewell\n") != std::string::npos);
  CHECK(g.last_text().find("steady was killed by SIGTERM") != std::string::npos);
  CHECK(g.last_text().find("| gives up on a: it exited with code 3 after") != std::string::npos);  // the log knows it, too
  CHECK(g.last_text().find("; it was run 3 times, allowed are 2 restarts within 1min\n") != std::string::npos);
  CHECK(g.left().empty());
}

TEST_CASE("a final exit code: given up at once, others end in order", "[supervise]") {
  supervised_group g{at_once + program("steady", {"wait"}) + program("a", {"complain", "unknown option --prot", "exit", "2"}) +
                     "final_exit_code = 2\n"};
  CHECK(g.end() == 1);
  const auto why = g.errors();
  CHECK(why.find("gave up on a: it exited with code 2") != std::string::npos);
  CHECK(why.find("that is its final_exit_code: another start would not mend it\nits last lines:\n  unknown option --prot\n") !=
        std::string::npos);
  CHECK(why.find("it was run") == std::string::npos);
  CHECK(g.last_text().find("| gives up on a: it exited with code 2 after") != std::string::npos);
  CHECK(g.last_text().find("steady was killed by SIGTERM") != std::string::npos);
  CHECK(g.left().empty());

  supervised_group other{"intensity = { restarts = 2, within = '1min' }\n" + at_once + program("a", {"exit", "3"}) +
                         "final_exit_code = 2\n"};
  CHECK(other.end() == 1);
  CHECK(other.errors().find("it was run 3 times") != std::string::npos);
}

TEST_CASE("a limit above the supervisor's own is told before anything starts, with and without --check", "[supervise]") {
  for (const auto& arguments : {std::vector<std::string>{}, {"--check"}}) {
    supervised_group g{at_once + program("a", {"wait"}, "limits = { open_files = 201, core = '0B' }"), arguments, [] { with_at_most(200); }};
    CHECK(g.end() == 2);
    CHECK(g.last_text().empty());
    CHECK(g.errors().find(".toml:5: program[0].limits.open_files: 201 is more than this process may give: its own hard limit (ulimit -H) is "
                          "200") != std::string::npos);
  }
  supervised_group g{at_once + program("a", {"wait"}, "limits = { open_files = 200 }"), {"--check"}, [] { with_at_most(200); }};
  CHECK(g.end() == 0);
}

TEST_CASE("a limit that can not be set any more: given up at once, others end in order", "[supervise]") {
  supervised_group g{at_once + program("steady", {"wait"}) + program("a", {"wait"}, "limits = { open_files = 200 }"), {},
                     [] { with_at_most(200); }};
  const auto a = g.start_of("a");
  const rlimit fewer{.rlim_cur = 100, .rlim_max = 100};
  REQUIRE(::prlimit(parent_of(a), RLIMIT_NOFILE, &fewer, nullptr) == 0);
  ::kill(a, SIGKILL);
  CHECK(g.end() == 1);
  const auto why = g.errors();
  CHECK(why.find("gave up on a: it cannot set limits.open_files: Operation not permitted") != std::string::npos);
  CHECK(why.find("another start would not mend it") != std::string::npos);
  CHECK(why.find("final_exit_code") == std::string::npos);
  CHECK(g.last_text().find("steady was killed by SIGTERM") != std::string::npos);
  CHECK(g.left().empty());
}

TEST_CASE("without back-off a program that can not start at first ends the group", "[supervise]") {
  supervised_group g{"backoff = 'none'\n[[program]]\nname = 'a'\ncommand = ['./nowhere']"};
  CHECK(g.end() == 1);
  CHECK(g.errors().find("gave up on a: it cannot run ./nowhere: No such file or directory") != std::string::npos);
}

TEST_CASE("a program that can never be started keeps nobody from ending the group", "[supervise]") {
  supervised_group g{"backoff = { first = '0s', min = '0s', max = '0s' }\n" + program("steady", {"wait"}) +
                     "[[program]]\nname = 'a'\ncommand = ['./nowhere']"};
  for (int i = 0; i < 100; ++i) g.line_with("a cannot run ./nowhere");  // also: what happens is told meanwhile
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK(g.left().empty());
}

TEST_CASE("with back-off it waits longer each time, and can be ended while it does", "[supervise]") {
  supervised_group g{"backoff = { first = '1ms', min = '2ms', max = '1h', jitter = 0.0 }\n" + program("a", {"exit", "1"})};
  g.line_with("it waits for 1ms");
  g.line_with("it waits for 2ms");
  g.line_with("it waits for 4ms");
  g.line_with("it waits for 8ms");
  g.signal(SIGINT);
  CHECK(g.end() == 0);
}

TEST_CASE("an end with code 0 is no failure: transient programs stay down, and when none is left all is done", "[supervise]") {
  supervised_group g{at_once + program("a", {"exit", "0"}, "restart = 'transient'") + program("b", {"exit", "5"}, "restart = 'temporary'")};
  CHECK(g.end() == 0);
  CHECK(g.last_text().find("a exited with code 0") != std::string::npos);
  CHECK(g.last_text().find("b exited with code 5") != std::string::npos);
  CHECK(g.last_text().find("no program is left to run") != std::string::npos);
}

TEST_CASE("each program starts when the one before is ready", "[supervise]") {
  const auto port = std::to_string(20'000 + ::getpid() % 10'000);
  supervised_group g{at_once + program("migrate", {"say", "migrated", "exit", "0"}, "ready = 'exit'") +
                     program("db", {"say", "opening", "status", "nearly", "ready", "wait"}, "ready = 'notify'") +
                     program("web", {"serve", port}, "ready = 'http://127.0.0.1:" + port + "/readyz'") + program("last", {"wait"})};
  g.line_with("migrate   | migrated");
  g.line_with("migrate exited with code 0");
  g.start_of("db");
  g.line_with("db        | opening");
  g.line_with("db is ready");
  g.start_of("web");
  for (int i = 0; i < 3; ++i) g.line_with("web       | asked");
  g.line_with("web is ready");
  g.start_of("last");
  g.line_with("all programs are up");
}

TEST_CASE("a program that is not ready in time, or ends before, has failed", "[supervise]") {
  supervised_group g{"intensity = { restarts = 0, within = '1min' }\n" +
                     program("a", {"wait"}, "ready = 'notify'\nready_within = '100ms'")};
  CHECK(g.end() == 1);
  CHECK(g.errors().find("gave up on a: it was not ready within 100ms and was killed by SIGTERM") != std::string::npos);
  supervised_group h{"intensity = { restarts = 0, within = '1min' }\n" + program("a", {"exit", "0"}, "ready = 'notify'")};
  CHECK(h.end() == 1);
  CHECK(h.errors().find("gave up on a: it exited with code 0 before it was ready") != std::string::npos);
}

TEST_CASE("mistakes in the file are told at once, and nothing starts", "[supervise]") {
  supervised_group g{"stratgy = 'one_for_all'\n" + program("a", {"wait"}, "shutdown = 5")};
  CHECK(g.end() == 2);
  const auto why = g.errors();
  CHECK(why.find(":1: stratgy: there is no such key; did you mean strategy?") != std::string::npos);
  CHECK(why.find(":5: program[0].shutdown: expected a time span") != std::string::npos);
  CHECK(why.find("2 problems found") != std::string::npos);
}
