// An event that ends the process of its handler, for real: child processes that die of it, one after the other, over the same files.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>

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
  deadly(delivery_store& s, std::filesystem::path to) : subscription_world{s}, diary{std::move(to)} {}
  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    std::ofstream{diary, std::ios::app} << e.stream << ':' << e.payload << '\n' << std::flush;
    if (e.payload == "slow") co_await host.sleep(0s);  // suspends: the next deliveries begin before it completes
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
  ::alarm(100);
  std::signal(SIGABRT, SIG_DFL);
  captured_log log{log_level::off};
  auto store = open_sqlite_delivery_store({.of = numbers, .folder = in.string()}).value();
  deadly w{*store, in / "diary"};
  w.trial = {.first_wait = 20ms, .proof = 1, .proof_of_own_fault = 1};
  for (int i = 0; i < 10; ++i) w.append("s" + std::to_string(i), i == 4 ? payload : "slow");
  w.append("s4", "after it");
  {
    actor_system system{{.threads = 1}};
    system.spawn(w.factory(), {.name = "subscription"});
    for (auto at = w.progress->checkpoint.load(); at < 11; at = w.progress->checkpoint.load()) w.progress->checkpoint.wait(at);
  }
  _exit(0);
}

int count(const std::filesystem::path& diary, const std::string& wanted) {
  std::ifstream in{diary};
  int n = 0;
  for (std::string line; std::getline(in, line);) n += line == wanted;
  return n;
}

}  // namespace

TEST_CASE("an event that ends its process is quarantined after some deaths, and nobody else is", "[subscription]") {
  const std::string payload = GENERATE("abort", "kill");
  folder in;
  int deaths = 0, status = -1;
  for (; deaths < 30; ++deaths) {
    const auto child = fork();
    if (child == 0) live(in.path, payload);
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) break;
    REQUIRE(WTERMSIG(status) == (payload == "abort" ? SIGABRT : SIGKILL));
  }
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(deaths >= 3);  // among others, alone, and in a trial
  CHECK(count(in.path / "diary", "s4:" + payload) == deaths);
  CHECK(count(in.path / "diary", "s4:after it") == 1);
  const auto left = open_sqlite_delivery_store({.of = numbers, .folder = in.path.string(), .read_only = true}).value();
  left->summarize([](result<delivery_store::summary> s) { CHECK(s.value().checkpoint == 11); });
  std::vector<dead_letter> letters;
  left->find(5, [&](result<std::vector<dead_letter>> found) { letters = std::move(found).value(); });
  // The first death was one of ten events, and only a death of one that was alone is counted.
  const auto reason = "poison: ended its process " + std::to_string(deaths - 1) + " times: the process ended while the event was handled";
  const auto event = to_string(derive(uuid{}, 5, "s4"));
  CHECK(letters == std::vector<dead_letter>{{5, event, "s4", "numbers.added", payload, deaths - 1, reason}});
}
