#include <banyan/cli/doctor/machine.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>

using namespace banyan;
using namespace banyan::doctor;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

const instant built = parse_rfc3339("2026-03-01T00:00:00Z").value();
clock_facts good_clock() { return {"tsc", true, true, built + 24h, built}; }
severity status_of(const clock_facts& f, std::string_view name) {
  const auto all = judge(f);
  return std::ranges::find(all, name, &finding::name)->status;
}

}  // namespace

TEST_CASE("the hard limit of open files decides how many connections a node takes") {
  CHECK(judge(open_files_facts{1024, 1'048'576}).status == severity::ok);
  CHECK(judge(open_files_facts{1024, 4352}).status == severity::ok);
  const auto few = judge(open_files_facts{1024, 4351});
  CHECK(few.status == severity::warning);
  CHECK(few.value == "1024 soft, 4351 hard: a node takes 4095 connections");
  CHECK_FALSE(few.advice.empty());
  CHECK(judge(open_files_facts{200, 255}).status == severity::error);
  CHECK(judge(open_files_facts{1024, ~std::uint64_t{0}}).value == "1024 soft, unlimited hard: a node takes 4096 connections");
}

TEST_CASE("few inotify watches are a warning, for editors") {
  CHECK(judge(inotify_facts{128, 65'536}).status == severity::ok);
  CHECK(judge(inotify_facts{127, 65'536}).status == severity::warning);
  CHECK(judge(inotify_facts{128, 8191}).status == severity::warning);
  CHECK(judge(inotify_facts{}).status == severity::ok);
  CHECK(judge(inotify_facts{128, 8191})
            .advice.ends_with("sysctl fs.inotify.max_user_instances=128 fs.inotify.max_user_watches=65536"));
  CHECK(raised_inotify({256, 131'072}) ==
        "sysctl fs.inotify.max_user_instances=256 fs.inotify.max_user_watches=131072");
}

TEST_CASE("a short listen backlog is a warning") {
  CHECK(judge(backlog_facts{4096}).status == severity::ok);
  CHECK(judge(backlog_facts{128}).status == severity::warning);
  CHECK(judge(backlog_facts{}).status == severity::ok);
}

TEST_CASE("a port that is taken is told with its owner") {
  CHECK(judge(port_facts{"listen", 8080, 0}).status == severity::ok);
  const auto taken = judge(port_facts{"admin", 8081, EADDRINUSE, "shop, process 4711"});
  CHECK(taken.name == "port 8081");
  CHECK(taken.status == severity::warning);
  CHECK(taken.value == "taken by shop, process 4711");
  CHECK(taken.advice.find("--set admin=") != std::string::npos);
  CHECK(judge(port_facts{"listen", 8080, EADDRINUSE}).value == "taken by another program");
  CHECK(judge(port_facts{"listen", 80, EACCES}).value == "can not be opened: Permission denied");
}

TEST_CASE("the socket that listens at a port is found in the kernel's table") {
  constexpr std::string_view table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 0100007F:D2A4 01 00000000:00000000 00:00000000 00000000  1000        0 111 1 0\n"
      "   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222 1 0\n"
      "   2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 333 1 0\n";
  CHECK(listener_in(table, 8080) == 333U);
  CHECK(listener_in(table, 8081) == 222U);
  CHECK_FALSE(listener_in(table, 8082));
  CHECK_FALSE(listener_in("", 8080));
}

TEST_CASE("a good clock has nothing to be told") {
  for (const auto& f : judge(good_clock())) {
    CAPTURE(f.name);
    CHECK(f.status == severity::ok);
    CHECK(f.advice.empty());
  }
}

TEST_CASE("a clock that is slow, not synchronised or wrong is told") {
  auto f = good_clock();
  f.source = "hpet";
  CHECK(status_of(f, "clock source") == severity::warning);
  f = good_clock();
  f.synchronised = GENERATE(std::optional{false}, std::optional<bool>{});
  CHECK(status_of(f, "NTP") == severity::warning);
  f = good_clock();
  f.has_boottime = false;
  CHECK(status_of(f, "boot time clock") == severity::warning);
  f = good_clock();
  f.now = instant{};
  CHECK(status_of(f, "wall clock") == severity::error);
  f.now = built - 23h;  // zones, and a build elsewhere
  CHECK(status_of(f, "wall clock") == severity::ok);
  f.now = built + 24h * 365 * 51;
  CHECK(status_of(f, "wall clock") == severity::error);
}

TEST_CASE("memory is judged by what this process may use") {
  CHECK(judge(memory_facts{8192 * mebibyte, 4096 * mebibyte, {}}).status == severity::ok);
  CHECK(judge(memory_facts{8192 * mebibyte, 100 * mebibyte, {}}).status == severity::warning);
  CHECK(judge(memory_facts{8192 * mebibyte, 4096 * mebibyte, 511 * mebibyte}).status == severity::warning);
  CHECK(judge(memory_facts{8192 * mebibyte, 4096 * mebibyte, 100 * mebibyte}).status == severity::error);
  CHECK(judge(memory_facts{100 * mebibyte, 90 * mebibyte, 512 * mebibyte}).status == severity::error);
  CHECK(judge(memory_facts{8192 * mebibyte, 1536 * mebibyte, 512 * mebibyte}).value ==
        "8.0 GiB, 1.5 GiB available; limit of the control group 512 MiB");
}

TEST_CASE("cores are judged by what this process may use") {
  CHECK(judge(cores_facts{2, {}}).status == severity::ok);
  CHECK(judge(cores_facts{1, {}}).status == severity::warning);
  CHECK(judge(cores_facts{4, 4.0}).status == severity::ok);
  const auto few = judge(cores_facts{16, 2.5});
  CHECK(few.status == severity::warning);
  CHECK(few.value == "16 cores, time for 2.5 of them (cpu.max)");
  CHECK(few.advice.ends_with("--set threads=3"));
}

TEST_CASE("a quota is the time of a period") {
  CHECK(quota_in("200000 100000\n") == 2.0);
  CHECK_FALSE(quota_in("max 100000\n"));
  CHECK_FALSE(quota_in(""));
  CHECK_FALSE(quota_in("100000 0"));
}
