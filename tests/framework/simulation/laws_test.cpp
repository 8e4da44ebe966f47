// Laws are checked after each run and during it, and a broken one is reported with the seed and the command that
// replays it.
#include <tests/framework/simulation/bank.hpp>

#include <banyan/simulation/laws.hpp>
#include <banyan/simulation/persistent_clients.hpp>

#include <services/catalog/service.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace bank_test;

namespace {

std::optional<std::string> is_well(simulation&) { return {}; }

// Each operation counts to its own moment; nothing else happens in the world.
struct counted {
  int now = 0;
  void begin(simulation& world, const workload& some) {
    for (const auto i : some) world.after(std::chrono::seconds{i}, [this] { ++now; });
  }
};

// A variable of the environment, for as long as this lives; null: not set.
struct environment {
  environment(const char* name, const char* value) : name_{name} {
    if (const auto* now = std::getenv(name)) before_ = now;
    set(value);
  }
  ~environment() { set(before_ ? before_->c_str() : nullptr); }
  environment(const environment&) = delete;

 private:
  void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }
  const char* name_;
  std::optional<std::string> before_{};
};

}  // namespace

TEST_CASE("a law of the options is checked after each run, and a broken one is found, minimised and replayed") {
  const environment none{"BANYAN_SEEDS", nullptr};  // this test is about numbers of seeds
  int checks = 0;
  const law no_two{"no two operations", [&](simulation& world) -> std::optional<std::string> {
                     ++checks;
                     const auto seconds = (world.steady() - monotonic{1s}) / 1s;
                     return seconds > 1 ? std::optional{std::to_string(seconds) + " seconds"} : std::nullopt;
                   }};
  const auto last = [](simulation& world, const workload& some) {
    for (const auto i : some) world.after(std::chrono::seconds{i}, [] {});
    while (world.step()) {
    }
  };
  simulate_options options{.seeds = 3,
                           .operations = 2,
                           .faults = {.nodes = {"nobody"}, .count = 0},
                           .laws = {{"all is well", is_well}, no_two}};
  const auto good = simulate(options, last);
  CHECK(!good.failure);
  CHECK(good.seeds == 3);
  CHECK(checks == 3);

  options.operations = 10;
  const auto report = simulate(options, last);
  REQUIRE(report.failure);
  CHECK(report.failure->law == "no two operations");
  CHECK(report.failure->message == "no two operations: 9 seconds");
  CHECK(report.failure->smallest.operations.size() == 1);
  CHECK(report.failure->replays_exactly);
  CHECK(to_string(report).find("BANYAN_REPLAY='seed=1 operations=") != std::string::npos);

  options.replay = to_string(report.failure->smallest);
  CHECK(simulate(options, last).failure->message == report.failure->smallest_message);
}

TEST_CASE("a law with an interval is checked at the first step in each, and one without at the end only") {
  counted n;
  simulation world{{.seed = 1}};
  n.begin(world, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  std::vector<int> every_3, every_step, at_the_end;
  const auto seen_by = [&](std::vector<int>& where) {
    return [&](simulation&) -> std::optional<std::string> {
      where.push_back(n.now);
      return {};
    };
  };
  {
    const checked_laws laws{world,
                            {{"a", seen_by(every_3), 3s}, {"b", seen_by(every_step), 1ns}, {"c", seen_by(at_the_end)}}};
    world.run_for(8s + 500ms);
    CHECK(every_3 == std::vector<int>{1, 4, 7});
    CHECK(every_step == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(at_the_end.empty());
    laws.check();
    CHECK(at_the_end == std::vector<int>{9});
  }
  world.run_for(10s);
  CHECK(every_step.size() == 10);  // no more once the laws are gone
}

TEST_CASE("a law that is broken for a moment only is found by its interval, and by no check at the end") {
  const auto passing = [](timespan every) {
    return [every](simulation& world, const workload& some) {
      counted n;
      n.begin(world, some);
      const checked_laws laws{
          world,
          {{"never five", [&](simulation&) { return n.now == 5 ? std::optional{std::string{"five"}} : std::nullopt; },
            every}}};
      world.run_for(1min);
      laws.check();
    };
  };
  const simulate_options options{.seeds = 1, .operations = 9, .faults = {.nodes = {"nobody"}, .count = 0}};
  CHECK(!simulate(options, passing({})).failure);
  const auto report = simulate(options, passing(1ns));
  REQUIRE(report.failure);
  CHECK(report.failure->message == "never five: five");
  CHECK(report.failure->smallest.operations.size() == 5);
}

TEST_CASE("laws that are checked at every step do not change the run") {
  const application app{"catalog", {shop::catalog::describe()}};
  const auto trace = [&](std::vector<law> laws) {
    simulation world{app, {.seed = 5}};
    const checked_laws kept{world, std::move(laws)};
    for (int i = 0; i < 20; ++i)
      world.after(i * 100ms, [&world, i] {
        world.request("PUT", "/products/S" + std::to_string(i),
                      R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})", [](auto) {});
      });
    world.run_for(1s);
    world.crash();
    world.run_for(10s);
    return world.trace();
  };
  CHECK(trace({}) == trace({{"all is well", is_well, 1ns}}));
}

TEST_CASE("BANYAN_SEEDS is the number of seeds, and must be one") {
  const simulate_options options{.seeds = 2, .operations = 1, .faults = {.nodes = {"nobody"}, .count = 0}};
  const auto nothing = [](simulation&, const workload&) {};
  {
    const environment e{"BANYAN_SEEDS", "7"};
    CHECK(simulate(options, nothing).seeds == 7);
  }
  for (const auto* wrong : {"x", "", "0", "3x", "-1"}) {
    const environment e{"BANYAN_SEEDS", wrong};
    CAPTURE(wrong);
    CHECK_THROWS_WITH(
        simulate(options, nothing),
        Catch::Contains("BANYAN_SEEDS is a number of seeds such as 1000, not '" + std::string{wrong} + "'"));
  }
  {
    const environment e{"BANYAN_SEEDS", "18446744073709551615"};
    const auto fails = [](simulation&, const workload&) { throw std::runtime_error{"at once"}; };
    CHECK(simulate(options, fails).failure);
  }
  const environment none{"BANYAN_SEEDS", nullptr};
  CHECK(simulate(options, nothing).seeds == 2);
}

TEST_CASE("a persistent client repeats its request until an answer settles it") {
  const application app{"catalog", {shop::catalog::describe()}};
  simulation world{app, {.seed = 3}};
  persistent_clients clients{world};
  std::vector<int> statuses;
  const auto told = [&](const http_response& r) { statuses.push_back(r.status); };
  world.fail_syncs(3);
  clients.send({}, "PUT", "/products/A1", R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})", told);
  clients.send(20s, "GET", "/products/A2", {}, told);
  CHECK(clients.unanswered() == 2);
  world.run_for(10s);
  CHECK(statuses == std::vector<int>{200});
  CHECK(clients.unanswered() == 1);
  world.run_for(20s);
  CHECK(statuses == std::vector<int>{200, 404});  // an answer, though no success
  CHECK(clients.unanswered() == 0);

  http_response busy;
  for (const int status : {429, 500, 503, 504, 200, 201, 400, 404, 409, 422}) {
    busy.status = status;
    CAPTURE(status);
    CHECK(persistent_clients::is_retryable(busy) == (status == 429 || status >= 500));
  }
  CHECK(persistent_clients::is_retryable(error{code::unavailable, "gone"}));
}

TEST_CASE("what clients that are gone wanted is forgotten") {
  const application app{"catalog", {shop::catalog::describe()}};
  simulation world{app, {.seed = 3}};
  int answers = 0;
  {
    persistent_clients clients{world};
    clients.send({}, "GET", "/products/A1", {}, [&](const http_response&) { ++answers; });
    clients.send(20s, "GET", "/products/A2", {}, [&](const http_response&) { ++answers; });
    world.run_for({});
  }
  world.run_for(1min);
  CHECK(answers == 0);
}
