// How a group is started, by a shell that has closed or ignored things, and what its programs get of that.
#include "supervised_group.hpp"

#include <banyan/process_supervision/notify_address.hpp>

#include <sys/resource.h>
#include <sys/socket.h>

#include <iterator>

using namespace banyan;

namespace {

std::string shell(const std::string& name, const std::string& script, const std::string& more = "restart = 'temporary'") {
  return "[[program]]\nname = '" + name + "'\ncommand = ['sh', '-c', '''" + script + "''']\n" + more + "\n";
}

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Fills a pipe that nobody reads.
void stop_reading(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  const std::string much(4096, '\n');
  while (::write(fd, much.data(), much.size()) > 0) {
  }
  ::fcntl(fd, F_SETFL, flags);
}

void send_to(const std::string& socket, const std::string& message) {
  const auto to = parse_notify_address(socket);
  REQUIRE(to);
  const descriptor from{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  REQUIRE(::sendto(from.get(), message.data(), message.size(), 0, to->get(), to->size) == static_cast<ssize_t>(message.size()));
}

}  // namespace

TEST_CASE("whatever of descriptors 0 to 2 was closed, programs have /dev/null and the log's pipe there", "[supervise]") {
  const auto seen = std::filesystem::temp_directory_path() / ("banyan-descriptors-" + std::to_string(::getpid()));
  const auto script = "in=$(readlink /proc/$$/fd/0); out=$(readlink /proc/$$/fd/1); err=$(readlink /proc/$$/fd/2); echo $in $out $err > " +
                      seen.string() + "; echo done";
  for (const auto& closed : std::vector<std::vector<int>>{{0, 1, 2}, {2}, {1}, {0}, {0, 1}, {1, 2}}) {
    std::filesystem::remove(seen);
    supervised_group g{shell("a", script, "restart = 'temporary'\nheartbeat = '1h'"), {}, [&] {
                         for (int fd : closed) ::close(fd);
                       }};
    CHECK(g.end() == 0);
    INFO(closed.size() << " closed, from " << closed.front());
    const auto found = contents_of(seen);
    INFO(found);
    const auto out = found.find("pipe:["), err = found.rfind("pipe:[");
    REQUIRE(out != err);
    CHECK(found.starts_with("/dev/null pipe:["));
    CHECK(found.substr(out, err - out - 1) == found.substr(err, found.size() - err - 1));
  }
  std::filesystem::remove(seen);
}

TEST_CASE("programs start with no signal ignored, whatever their supervisor ignores", "[supervise]") {
  supervised_group g{shell("a", "grep SigIgn /proc/self/status"), {}, [] { std::signal(SIGPIPE, SIG_IGN); }};
  CHECK(g.line_with("SigIgn").ends_with("0000000000000000"));
  CHECK(g.end() == 0);
}

TEST_CASE("under nohup a SIGHUP ends nobody: neither the keeper, nor the supervisor, nor the programs", "[supervise]") {
  supervised_group g{program("a", {"say", "here", "wait"}) + shell("b", "grep SigIgn /proc/self/status"), {}, [] {
                       std::signal(SIGHUP, SIG_IGN);
                     }};
  const auto a = g.start_of("a");
  CHECK(g.line_with("SigIgn").ends_with("0000000000000001"));  // SIGHUP
  for (auto process : {g.keeper(), parent_of(a), a}) ::kill(process, SIGHUP);
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK(g.last_text().find("SIGTERM: ending all programs") != std::string::npos);
  CHECK(g.last_text().find("a was killed by SIGTERM") != std::string::npos);
  CHECK(g.text().find("SIGHUP") == std::string::npos);
}

TEST_CASE("a terminal that closes says so twice, which kills nobody; a second SIGTERM does", "[supervise]") {
  supervised_group g{program("a", {"ignore_term", "say", "here", "wait"}, "shutdown = '1h'"), {}, [] { std::signal(SIGHUP, SIG_DFL); }};
  g.line_with("a         | here");
  g.signal(SIGHUP);
  g.line_with("SIGHUP: ending all programs");
  g.signal(SIGHUP);
  g.signal(SIGTERM);  // is taken after it: the lower number comes first
  g.line_with("SIGTERM: killing all programs");
  CHECK(g.end() == 128 + SIGTERM);
}

TEST_CASE("without nohup a SIGHUP ends all in good order", "[supervise]") {
  supervised_group g{program("a", {"say_bye", "say", "here", "wait"})};
  g.line_with("a         | here");
  g.signal(SIGHUP);
  g.line_with("SIGHUP: ending all programs");
  g.line_with("a         | bye");
  CHECK(g.end() == 0);
}

TEST_CASE("the supervisor takes all the open files it may have; its programs have the limit that it was started with", "[supervise]") {
  supervised_group g{shell("a", "ulimit -Sn; ulimit -Hn; grep open.files /proc/$PPID/limits; exec sleep 1h"), {}, [] {
                       const rlimit few{.rlim_cur = 200, .rlim_max = 500};
                       ::setrlimit(RLIMIT_NOFILE, &few);
                     }};
  g.line_with("a         | 200");
  g.line_with("a         | 500");
  CHECK(g.line_with("Max open files").find(" 500 ") != std::string::npos);
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
}

TEST_CASE("it gives up in time, also when nobody reads its reason", "[supervise]") {
  supervised_group g{"intensity = { restarts = 0, within = '1min' }\n" + program("a", {"exit", "3"}), {}, [] { stop_reading(2); }};
  CHECK(g.end() == 1);
  CHECK(g.last_text().find("gives up on a: it exited with code 3") != std::string::npos);
}

TEST_CASE("a terminal that nobody reads any more stops neither the programs' heartbeats nor the end", "[supervise]") {
  const descriptor reader{::posix_openpt(O_RDWR | O_NOCTTY)};
  REQUIRE((reader.get() >= 0 && ::grantpt(reader.get()) == 0 && ::unlockpt(reader.get()) == 0));
  const std::string terminal = ::ptsname(reader.get());
  supervised_group g{program("a", {"flood", "100000", "exit", "0"}, "restart = 'temporary'"), {}, [&] {
                       const int fd = ::open(terminal.c_str(), O_RDWR | O_NOCTTY);
                       ::dup2(fd, 1);
                       ::dup2(fd, 2);
                     }};
  CHECK(g.end() == 0);  // all it prints does not fit, and it ends all the same
  CHECK(g.left().empty());
}

TEST_CASE("it goes on without its log when whoever read it has gone", "[supervise]") {
  const auto seen = std::filesystem::temp_directory_path() / ("banyan-no-log-" + std::to_string(::getpid()));
  std::filesystem::remove(seen);
  supervised_group g{shell("a", "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; echo all > " + seen.string()), {}, [] {
                       int ends[2];
                       (void)!::pipe(ends);
                       ::dup2(ends[1], 1);
                       ::close(ends[0]);
                       ::close(ends[1]);
                     }};
  CHECK(g.end() == 0);
  CHECK(contents_of(seen) == "all\n");
  std::filesystem::remove(seen);
}

TEST_CASE("a log that may not grow any further (ulimit -f) ends neither the supervisor nor the programs", "[supervise]") {
  const auto log = std::filesystem::temp_directory_path() / ("banyan-short-log-" + std::to_string(::getpid()));
  supervised_group g{program("a", {"flood", "3000", "exit", "0"}, "restart = 'temporary'"), {}, [&] {
                       const rlimit small{.rlim_cur = 4096, .rlim_max = 4096};
                       ::setrlimit(RLIMIT_FSIZE, &small);
                       ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
                     }};
  CHECK(g.end() == 0);
  CHECK(std::filesystem::file_size(log) == 4096);
  std::filesystem::remove(log);
}

TEST_CASE("a program's socket is in a folder that nobody else may enter, and is gone at the end", "[supervise]") {
  supervised_group g{shell("a", "echo at=$NOTIFY_SOCKET; stat -c %a $(dirname $NOTIFY_SOCKET); exec sleep 1h", "heartbeat = '1h'")};
  const auto line = g.line_with("at=");
  const auto socket = line.substr(line.find("at=") + 3);
  CHECK(socket.starts_with("/"));
  CHECK(std::filesystem::is_socket(socket));
  g.line_with("a         | 700");
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path{socket}.parent_path()));

  supervised_group killed{shell("a", "echo at=$NOTIFY_SOCKET; exec sleep 1h", "heartbeat = '1h'")};
  const auto next = killed.line_with("at=");
  const auto folder = std::filesystem::path{next.substr(next.find("at=") + 3)}.parent_path();
  CHECK(std::filesystem::exists(folder));
  killed.signal(SIGKILL);  // the supervisor clears up
  CHECK(killed.comes_to_nothing());
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("nobody else can say that a program is ready, or flood its socket", "[supervise]") {
  supervised_group g{shell("a", "echo at=$NOTIFY_SOCKET; exec sleep 1h", "ready = 'notify'") + program("b", {"wait"})};
  const auto line = g.line_with("at=");
  const auto socket = line.substr(line.find("at=") + 3);
  send_to(socket, "READY=1");
  g.line_with("a was spoken for by process " + std::to_string(::getpid()) + ", which is not one of its own: ignored");
  for (int i = 0; i < 1000; ++i) send_to(socket, "STATUS=nonsense " + std::to_string(i));
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK(g.text().find("a is ready") == std::string::npos);
  CHECK(g.text().find("nonsense") == std::string::npos);
}

TEST_CASE("what a program has started may speak for it", "[supervise]") {
  supervised_group g{"[[program]]\nname = 'a'\ncommand = ['sh', '-c', \"'" MISBEHAVING_PROGRAM "' ready & exec sleep 1h\"]\nready = 'notify'"};
  g.line_with("a is ready");
}
