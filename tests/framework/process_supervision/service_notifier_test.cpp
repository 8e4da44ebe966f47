#include <banyan/process_supervision/service_notifier.hpp>

#include <banyan/process_supervision/byte_size.hpp>
#include <banyan/process_supervision/http_probe.hpp>
#include <banyan/process_supervision/notify_message.hpp>
#include <banyan/process_supervision/signal_name.hpp>

#include <catch2/catch.hpp>

#include <tests/framework/process_supervision/notify_receiver.hpp>

#include <csignal>
#include <cstdlib>
#include <vector>

#include <sys/resource.h>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct variables {
  variables(std::initializer_list<std::pair<const char*, std::string>> set) : all{set} {
    for (const auto& [name, value] : all) ::setenv(name, value.c_str(), 1);
  }
  ~variables() {
    for (const auto& [name, value] : all) ::unsetenv(name);
  }
  std::vector<std::pair<const char*, std::string>> all;
};

std::optional<timespan> heartbeat_with(const std::string& usec, const std::string& pid = {}) {
  const variables v{{"NOTIFY_SOCKET", "@nobody"}, {"WATCHDOG_USEC", usec}};
  if (!pid.empty()) ::setenv("WATCHDOG_PID", pid.c_str(), 1);
  auto found = service_notifier::of_environment().heartbeat();
  ::unsetenv("WATCHDOG_PID");
  return found;
}

}  // namespace

TEST_CASE("what a service tells arrives as sd_notify would send it", "[service_notifier]") {
  test::notify_receiver above{"notifier"};
  const variables v{{"NOTIFY_SOCKET", above.name}};
  const auto n = service_notifier::of_environment();
  n.ready();
  n.send_heartbeat();
  n.stopping();
  n.status("two\nlines");
  CHECK(above.next() == "READY=1");
  CHECK(above.next() == "WATCHDOG=1");
  CHECK(above.next() == "STOPPING=1");
  CHECK(above.next() == "STATUS=two lines");
}

TEST_CASE("a supervisor that does not read stops nobody", "[service_notifier]") {
  const test::notify_receiver above{"full"};
  const service_notifier n{above.name};
  for (int i = 0; i < 10'000; ++i) n.send_heartbeat();
  SUCCEED();
}

TEST_CASE("it sends heartbeats when the process has no descriptor left, and so do its copies", "[service_notifier]") {
  test::notify_receiver above{"exhausted"};
  const service_notifier n{above.name};
  const auto copy = n;
  std::vector<descriptor> all;
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  auto few = limit;
  few.rlim_cur = 100;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  while (all.empty() || all.back()) all.emplace_back(::dup(0));
  n.send_heartbeat();
  copy.stopping();
  all.clear();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(above.next() == "WATCHDOG=1");
  CHECK(above.next() == "STOPPING=1");
}

TEST_CASE("without a socket, or with one that is not there, nothing happens", "[service_notifier]") {
  ::unsetenv("NOTIFY_SOCKET");
  service_notifier::of_environment().ready();
  service_notifier{"relative"}.ready();
  service_notifier{"@nobody-listens-here"}.ready();
  service_notifier{"/nowhere/at/all"}.send_heartbeat();
  CHECK_FALSE(service_notifier::of_environment().heartbeat());
}

TEST_CASE("a heartbeat is expected when it is this process that is meant", "[service_notifier]") {
  CHECK(heartbeat_with("2500000") == timespan{2500ms});
  CHECK(heartbeat_with("2500000", std::to_string(::getpid())) == timespan{2500ms});
  CHECK_FALSE(heartbeat_with("2500000", "1"));
  CHECK_FALSE(heartbeat_with("0"));
  CHECK_FALSE(heartbeat_with("-1"));
  CHECK_FALSE(heartbeat_with("soon"));
  CHECK_FALSE(heartbeat_with("99999999999999999999"));
}

TEST_CASE("one message may say several things, and others that mean nothing here", "[notify_message]") {
  CHECK(parse_notify_message("READY=1\nSTATUS=a=b\nMAINPID=1\nWATCHDOG=1\n") ==
        notify_message{.ready = true, .heartbeat = true, .status = "a=b"});
  CHECK(parse_notify_message("STOPPING=1") == notify_message{.stopping = true});
  CHECK(parse_notify_message("READY=0\nready=1\n\n=\nWATCHDOG=trigger") == notify_message{});
  CHECK(parse_notify_message("") == notify_message{});
}

TEST_CASE("sizes have a unit", "[byte_size]") {
  CHECK(parse_byte_size("0B") == 0);
  CHECK(parse_byte_size("3KiB") == 3072);
  CHECK(parse_byte_size("8388607TiB") == std::int64_t{8388607} << 40);
  for (const auto* wrong : {"", "5", "5 MiB", "5MB", "-1B", "1.5MiB", "8388608TiB", "MiB"}) CHECK_FALSE(parse_byte_size(wrong));
}

TEST_CASE("signals have names", "[signal_name]") {
  CHECK(signal_name(SIGSEGV) == "SIGSEGV");
  CHECK(signal_name(40) == "signal 40");
  CHECK(signal_number("SIGUSR1") == SIGUSR1);
  CHECK_FALSE(signal_number("TERM"));
  CHECK_FALSE(signal_number("SIGNOTHING"));
}

TEST_CASE("only this machine is asked whether a program is ready", "[http_probe]") {
  for (const auto* good : {"127.0.0.1:8081", "[::1]:8081", "[::1]", "localhost", "localhost:1"}) CHECK(loopback_endpoint(good));
  for (const auto* bad : {"example.com:80", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:", "10.0.0.1:80", ""})
    CHECK_FALSE(loopback_endpoint(bad));
}
