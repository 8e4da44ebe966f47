// An event that ends the process of its handler, for real: child processes that die of it, one after the other, over the same files.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct folder {
  folder() : path{std::filesystem::temp_directory_path() / ("banyan_poison_" + std::to_string(getpid()))} {
    std::filesystem::create_directories(path);
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// Writes down what it begins, so that it can be read when the process is dead.
struct deadly final : subscription_world {
  deadly(view_store& s, std::filesystem::path to) : subscription_world{s}, diary{std::move(to)} {}
  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    std::ofstream{diary, std::ios::app} << e.stream << ':' << e.payload << '\n' << std::flush;
    if (e.payload == "slow") co_await host.sleep(50ms);
    if (e.payload == "abort") std::abort();
    if (e.payload == "kill") ::raise(SIGKILL);
    co_return done{};
  }
  std::filesystem::path diary;
};

// The life of one process: it handles everything, and ends with 0; or it dies.
[[noreturn]] void live(const std::filesystem::path& in, const std::string& payload) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(SIGABRT, SIG_DFL);
  captured_log log{log_level::off};
  auto store = open_sqlite_view_store({.view = {.name = "tests"}, .folder = in.string()}).value();
  deadly w{*store, in / "diary"};
  for (int i = 0; i < 10; ++i) w.append("s" + std::to_string(i), i == 4 ? payload : "slow");
  w.append("s4", "after it");
  {
    actor_system system{{.threads = 1}};
    system.spawn(w.factory(), {.name = "subscription"});
    for (int i = 0; i < 1000 && w.progress->checkpoint < 11; ++i) std::this_thread::sleep_for(10ms);
  }
  _exit(w.progress->checkpoint == 11 ? 0 : 1);
}

int count(const std::filesystem::path& diary, const std::string& wanted) {
  std::ifstream in{diary};
  int n = 0;
  for (std::string line; std::getline(in, line);) n += line == wanted;
  return n;
}

}  // namespace

TEST_CASE("an event that ends its process is quarantined after three deaths, and nobody else is", "[subscription]") {
  const std::string payload = GENERATE("abort", "kill");
  folder in;
  int deaths = 0, status = -1;
  for (; deaths < 10; ++deaths) {
    const auto child = fork();
    if (child == 0) live(in.path, payload);
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) break;
    CHECK(WTERMSIG(status) == (payload == "abort" ? SIGABRT : SIGKILL));
  }
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(deaths == 3);
  CHECK(count(in.path / "diary", "s4:" + payload) == 3);
  CHECK(count(in.path / "diary", "s4:after it") == 1);
  auto store = open_sqlite_view_store({.view = {.name = "tests"}, .folder = in.path.string()}).value();
  subscription_world w{*store};
  std::vector<subscription_world::dead> letters;
  std::atomic<bool> is_read{false};
  store->read(
      [&](view_reader& v) {
        for (auto& r : v.rows("SELECT position, payload, attempts, reason FROM dead_letters", {}))
          letters.push_back(
              {std::get<std::int64_t>(r[0]), std::get<std::string>(r[1]), std::get<std::int64_t>(r[2]), std::get<std::string>(r[3])});
      },
      [&](result<position>) { is_read = true; });
  while (!is_read) std::this_thread::sleep_for(1ms);
  CHECK(letters == std::vector<subscription_world::dead>{
                       {5, payload, 3, "poison: crashed its handler 3 times: the process ended while the event was handled"}});
}
