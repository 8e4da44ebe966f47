// What supervised programs print, and what they are started with.
#include "supervised_group.hpp"

#include <sstream>

using namespace banyan;

TEST_CASE("the last lines of a dying program are not lost, however many", "[supervise]") {
  supervised_group g{program("a", {"flood", "20000", "print", "last words", "raise", "9"}, "restart = 'temporary'")};
  CHECK(g.end() == 0);
  std::string expected, printed;
  for (int n = 0; n < 20'000; ++n) expected += "a         | line " + std::to_string(n) + "\n";
  std::istringstream text{g.last_text()};
  for (std::string line; std::getline(text, line);)
    if (line.starts_with("a ")) printed += line + "\n";
  CHECK((printed == expected + "a         | last words\n"));
  CHECK(g.last_text().find("a was killed by SIGKILL") > g.last_text().rfind("a         | "));
}

TEST_CASE("a last line without a line break is a line", "[supervise]") {
  supervised_group g{program("a", {"say", "hello", "print", "last words", "exit", "1"}, "restart = 'temporary'")};
  g.line_with("a         | last words");
  CHECK(g.end() == 0);
}

TEST_CASE("standard output and standard error come in the order in which they were written", "[supervise]") {
  supervised_group g{program("a", {"say", "1", "complain", "2", "say", "3", "complain", "4", "exit", "0"}, "restart = 'temporary'")};
  CHECK(g.end() == 0);
  CHECK(g.last_text().find("a         | 1\na         | 2\na         | 3\na         | 4\n") != std::string::npos);
}

TEST_CASE("a program that floods does not keep the others from being heard, or from living", "[supervise]") {
  supervised_group g{program("a", {"flood_for_ever"}) + program("b", {"say", "me too", "heartbeat"}, "heartbeat = '5s'")};
  g.line_with("b         | me too");
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
}

TEST_CASE("what escaped from a program and floods its output does not hold up the end of the program", "[supervise]") {
  supervised_group g{"[[program]]\nname = 'a'\nrestart = 'transient'\n"
                     "command = ['/bin/sh', '-c', 'cd $(mktemp -d) && mkfifo begun && "
                     "{ setsid sh -c \"echo >begun; exec env -i yes\" & read line <begun; rm -r $PWD; }']\n"};
  g.line_with("a exited with code 0");
  CHECK(g.end() == 0);
}

TEST_CASE("when nobody reads, lines are lost and counted, and programs go on", "[supervise]") {
  supervised_group g{program("a", {"flood_for_ever"}) +
                     program("b", {"flood", "200000", "say", "done", "exit", "0"}, "restart = 'temporary'")};
  const auto b = g.start_of("b");
  CHECK(has_ended(b));  // it could not if it had to wait for us
  g.line_with("lines are missing here");
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
}

TEST_CASE("each line may begin with its time, and names may be coloured", "[supervise]") {
  supervised_group g{program("a", {"say", "hi", "exit", "0"}, "restart = 'temporary'"), {"--timestamps", "--color", "always"}};
  const auto line = g.line_with("hi");
  CHECK(line.substr(4, 1) == "-");
  CHECK(line.substr(23) == "Z \x1b[36ma         | \x1b[0mhi");
}

TEST_CASE("a program has its directory, its environment and its limits", "[supervise]") {
  ::setenv("NOTIFY_SOCKET", "@of-somebody-else", 1);
  ::setenv("BANYAN_TEST_GREETING", "from outside", 1);
  supervised_group g{R"([[program]]
name = "a"
command = ["sh", "-c", "pwd; echo $BANYAN_TEST_GREETING; ulimit -n; ulimit -v; ulimit -c; ulimit -t; echo socket=$NOTIFY_SOCKET"]
directory = "/usr"
environment = { BANYAN_TEST_GREETING = "from the file" }
restart = "temporary"
limits = { open_files = 64, address_space = "1GiB", core = "0B", cpu = "90s" }
)"};
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("BANYAN_TEST_GREETING");
  CHECK(g.end() == 0);
  const std::string expected[] = {"/usr", "from the file", "64", "1048576", "0", "90", "socket="};
  std::string text;
  for (const auto& line : expected) text += "a         | " + line + "\n";
  CHECK(g.last_text().find(text) != std::string::npos);
}

TEST_CASE("a heartbeat is announced as systemd does", "[supervise]") {
  supervised_group g{program("a", {"show", "NOTIFY_SOCKET", "show", "WATCHDOG_USEC", "show", "WATCHDOG_PID", "heartbeat"}, "heartbeat = '5s'")};
  g.line_with("NOTIFY_SOCKET=set");
  g.line_with("WATCHDOG_USEC=set");
  g.line_with("WATCHDOG_PID=set");
}
