#include <banyan/process_supervision/program_group.hpp>

#include <banyan/configuration/assignment.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

std::string mistakes_in(const std::string& text) {
  std::vector<problem> problems;
  read_program_group({"f.toml", text}, problems);
  std::string out;
  for (const auto& p : problems) out += p.where + ": " + p.sentence + "\n";
  return out;
}

program_group group_of(const std::string& text) {
  std::vector<problem> problems;
  auto group = read_program_group({"f.toml", text}, problems);
  CHECK(report(problems) == "0 problems found\n");
  return group;
}

}  // namespace

TEST_CASE("what is not said has the default of actors", "[program_group]") {
  const auto g = group_of("[[program]]\nname = 'a'\ncommand = ['a']");
  CHECK((g.policy.strategy == restart::one_for_one));
  REQUIRE(g.policy.backoff);
  CHECK(g.policy.backoff->max == backoff_policy{}.max);
  CHECK_FALSE(g.policy.limit);
  REQUIRE(g.programs.size() == 1);
  const auto& p = g.programs[0];
  CHECK((p.restart == restart_type::permanent));
  CHECK((p.ready.when == readiness::kind::started));
  CHECK(p.stop_signal == SIGTERM);
  CHECK(p.shutdown == timespan{5s});
  CHECK_FALSE(p.heartbeat);
  CHECK_FALSE(p.limits.core);
}

TEST_CASE("one program takes the caller's arguments, and runs where they are given", "[program_group]") {
  auto g = group_of(R"([[program]]
name = "shop"
command = ["../bin/shop", "serve"]
takes_arguments = true
[[program]]
name = "other"
command = ["bin/other"]
directory = "sub"
)");
  auto untold = g;
  REQUIRE(resolve(g, "/of/file", {"--port", "0"}));
  CHECK(g.programs[0].command == std::vector<std::string>{"/of/bin/shop", "serve", "--port", "0"});
  CHECK(g.programs[0].directory == "");
  CHECK(g.programs[1].command == std::vector<std::string>{"bin/other"});
  CHECK(g.programs[1].directory == "/of/file/sub");
  REQUIRE(resolve(untold, "/of/file", {}));
  CHECK(untold.programs[0].command == std::vector<std::string>{"/of/bin/shop", "serve"});

  auto nobody = group_of("[[program]]\nname = 'a'\ncommand = ['a']");
  const auto refused = resolve(nobody, "/of/file", {"--port"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("no program has takes_arguments = true") != std::string::npos);

  CHECK(mistakes_in("[[program]]\nname = 'a'\ncommand = ['a']\ntakes_arguments = true\ndirectory = 'x'\n"
                    "[[program]]\nname = 'b'\ncommand = ['b']\ntakes_arguments = true") ==
        "f.toml:5: program[0].directory: a program that takes arguments runs where they are given\n"
        "f.toml:9: program[1].takes_arguments: one program can take the arguments: there is another at f.toml:4\n");
}

TEST_CASE("everything can be said", "[program_group]") {
  const auto g = group_of(R"(
strategy = "rest_for_one"
backoff = { first = "1ms", min = "2ms", max = "3s", jitter = 0.5, quiet = "4s" }
intensity = { restarts = 7, within = "1min" }
[[program]]
name = "a"
command = ["bin/a", "--x", ""]
directory = "sub"
environment = { A = "1", "B.C" = "" }
restart = "temporary"
ready = "http://127.0.0.1:8081/readyz"
ready_within = "2s"
ready_timeout = "700ms"
heartbeat = "3s"
stop_signal = "SIGINT"
shutdown = "0s"
limits = { open_files = 64, address_space = "2GiB", core = "0B", cpu = "1h" }
[[program]]
name = "b"
command = ["b"]
ready = "notify"
[[program]]
name = "c"
command = ["c"]
ready = "exit"
)");
  CHECK((g.policy.strategy == restart::rest_for_one));
  CHECK(g.policy.backoff->first == timespan{1ms});
  CHECK(g.policy.backoff->min == timespan{2ms});
  CHECK(g.policy.backoff->max == timespan{3s});
  CHECK(g.policy.backoff->jitter == 0.5);
  CHECK(g.policy.backoff->quiet == timespan{4s});
  CHECK(g.policy.limit->restarts == 7);
  CHECK(g.policy.limit->within == timespan{1min});
  REQUIRE(g.programs.size() == 3);
  const auto& a = g.programs[0];
  CHECK(a.name == "a");
  CHECK(a.command == std::vector<std::string>{"bin/a", "--x", ""});
  CHECK(a.directory == "sub");
  CHECK(a.environment == std::vector<std::pair<std::string, std::string>>{{"A", "1"}, {"B.C", ""}});
  CHECK((a.restart == restart_type::temporary));
  CHECK((a.ready.when == readiness::kind::answered));
  CHECK(a.ready.url == "http://127.0.0.1:8081/readyz");
  CHECK(a.ready.within == timespan{2s});
  CHECK(a.ready.timeout == timespan{700ms});
  CHECK(a.heartbeat == timespan{3s});
  CHECK(a.stop_signal == SIGINT);
  CHECK(a.shutdown == timespan{0s});
  CHECK(a.limits.open_files == 64);
  CHECK(a.limits.address_space == std::int64_t{2} << 30);
  CHECK(a.limits.core == 0);
  CHECK(a.limits.cpu == timespan{1h});
  CHECK((g.programs[1].ready.when == readiness::kind::notified));
  CHECK((g.programs[2].ready.when == readiness::kind::exited));
  CHECK((g.programs[2].restart == restart_type::transient));
}

TEST_CASE("back-off can be none", "[program_group]") {
  CHECK_FALSE(group_of("backoff = 'none'\n[[program]]\nname = 'a'\ncommand = ['a']").policy.backoff);
}

TEST_CASE("all mistakes are told at once, each with its line and key", "[program_group]") {
  CHECK(mistakes_in(R"(strategy = "one_for_two"
backof = "none"
intensity = { restarts = -1, within = 5 }
backoff = { min = "2s", max = "1s" }

[[program]]
name = "a b"
comand = ["a"]
[[program]]
name = "a"
command = []
heartbeat = "soon"
limits = { core = "1 GB", open_file = 5 }
environment = { X = 1, WATCHDOG_USEC = "1", "" = "x" }
[[program]]
name = "a"
command = "a --x"
ready = "http://example.com/"
stop_signal = "SIGKILL"
[[program]]
name = "c"
command = ["c"]
ready = "exit"
restart = "permanent"
heartbeat = "1s"
)") == R"(f.toml:1: strategy: expected one of one_for_one, one_for_all, rest_for_one, found "one_for_two"; did you mean one_for_one?
f.toml:2: backof: there is no such key; did you mean backoff?
f.toml:3: intensity.restarts: expected a whole number from 0 to 1000000, found "-1"
f.toml:3: intensity.within: expected a time span such as 800ms, 1.5s or 10min from 1ms to 1d, in quotes; found the number 5
f.toml:7: program[0].name: expected a name of letters, digits, '-', '_' and '.', at most 64 of them, found "a b"
f.toml:8: program[0].comand: there is no such key; did you mean command?
f.toml:11: program[1].command: expected the program and its arguments, such as ["bin/shop", "serve"]
f.toml:12: program[1].heartbeat: expected a time span such as 800ms, 1.5s or 10min from 10ms to 1d, found "soon"
f.toml:13: program[1].limits.core: expected a size such as 0B, 64KiB, 512MiB or 2GiB, found "1 GB"
f.toml:13: program[1].limits.open_file: there is no such key; did you mean limits.open_files?
f.toml:14: program[1].environment.: no variable can be named or set like this
f.toml:14: program[1].environment.WATCHDOG_USEC: the supervisor sets this itself
f.toml:14: program[1].environment.X: expected a text, in quotes
f.toml:17: program[2].command: expected the program and its arguments, such as ["bin/shop", "serve"]
f.toml:18: program[2].ready: expected none, exit, notify or a URL of this machine such as http://127.0.0.1:8081/readyz, found "http://example.com/"
f.toml:19: program[2].stop_signal: expected one of SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, found "SIGKILL"
f.toml:4: backoff: the back-off's longest wait is shorter than its shortest
f.toml:6: program[0]: it has no command
f.toml:16: program[2].name: two programs are named a: also at f.toml:10
f.toml:24: program[3].restart: a program that is ready when it has ended can not be permanent: it would start again for ever
f.toml:25: program[3].heartbeat: a program that is ready when it has ended has ready_within, and no heartbeat
)");
}

TEST_CASE("only a URL has attempts that time out; and only plain HTTP is asked", "[program_group]") {
  CHECK(mistakes_in("[[program]]\nname = 'a'\ncommand = ['a']\nready = 'notify'\nready_timeout = '2s'") ==
        "f.toml:5: program[0].ready_timeout: only a program whose readiness is a URL has attempts that can time out\n");
  CHECK(mistakes_in("[[program]]\nname = 'a'\ncommand = ['a']\nready = 'https://127.0.0.1/'").find("f.toml:4: program[0].ready: expected") == 0);
  CHECK(group_of("[[program]]\nname = 'a'\ncommand = ['a']").programs[0].ready.timeout == timespan{5s});
}

TEST_CASE("a file without programs, or with something else in their place, is a mistake", "[program_group]") {
  CHECK(mistakes_in("") == "f.toml: there is no [[program]] in it\n");
  CHECK(mistakes_in("[program]\nname = 'a'") ==
        "f.toml:2: program.name: each program is a table of its own: write [[program]] above it\n"
        "f.toml: there is no [[program]] in it\n");
  CHECK(mistakes_in("'program[0]' = 1\n'program[3]'.name = 'x'\n[[program]]") ==
        "f.toml:1: program[0]: there is no such key\nf.toml:2: program[3].name: there is no such key\n"
        "f.toml:3: program[0]: it has no name\nf.toml:3: program[0]: it has no command\n");
}

TEST_CASE("what should be a table says which", "[program_group]") {
  CHECK(mistakes_in("intensity = 5\n[[program]]\nname = 'a'\ncommand = ['a']\nlimits = 3\nenvironment = 'x'") ==
        "f.toml:1: intensity: expected a table of restarts and within\n"
        "f.toml:5: program[0].limits: expected a table of open_files, address_space, core and cpu\n"
        "f.toml:6: program[0].environment: expected a table of texts, such as { HOME = \"/\" }\n");
}

TEST_CASE("a limit under which nothing can start is a mistake", "[program_group]") {
  const auto limited = [](const std::string& how) { return "[[program]]\nname = 'a'\ncommand = ['a']\nlimits = { " + how + " }"; };
  for (const std::string few : {"1B", "0B", "1MiB", "4095KiB", "4"})
    CHECK(mistakes_in(limited("address_space = '" + std::string{few} + "'")) ==
          "f.toml:4: program[0].limits.address_space: expected a size of at least 4MiB, such as 512MiB or 2GiB, found \"" + few + "\"\n");
  CHECK(mistakes_in(limited("open_files = 7")).find("limits.open_files: expected a whole number from 8") != std::string::npos);
  CHECK(mistakes_in(limited("cpu = '500ms'")).find("limits.cpu: expected a time span") != std::string::npos);
  CHECK(mistakes_in(limited("address_space = '4MiB', open_files = 8, core = '0B', cpu = '1s'")) == "");
}

TEST_CASE("a syntax error is the only thing that is said about its file", "[program_group]") {
  const auto text = mistakes_in("strategy = 'one_for_one'\n[[program]\n");
  CHECK(text.starts_with("f.toml:2:11: "));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}
