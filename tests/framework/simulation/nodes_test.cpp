// Several nodes in one world: what links do to messages between them, and what crashes, pauses and clock jumps do to a node.
#include <tests/framework/simulation/bank.hpp>

#include <services/catalog/service.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace bank_test;

namespace {

struct ping {
  using reply = ping;
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(ping, (), (number))
struct stray {
  using reply = ping;
};

class echo final : public actor {
 public:
  explicit echo(std::vector<int>& heard) : heard_{heard} {}
  behavior make_behavior() override {
    return behavior{}.on<ping>([this](const ping& p) {
      heard_.push_back(p.number);
      return p;
    });
  }

 private:
  std::vector<int>& heard_;
};

// "here" reaches "there"; the test asks in the name of a stranger on "here".
struct two_nodes {
  explicit two_nodes(simulation_options o = {.network = {1ms, 2ms}}) : world{std::move(o)} {
    world.add("there", [this](simulated_actors& n) {
      n.publish("echo", n.system().spawn([this] { return std::make_unique<echo>(heard); }, {.name = "echo"}));
    });
    world.add("here", [this](simulated_actors& n) {
      system = &n.system();
      remote = n.reach<ping>("there", "echo");
      nobody = n.reach<ping>("there", "nobody");
    });
  }
  void ask(int number, timespan limit = 1s) {
    ++asked;
    system->ask(remote, ping{number}, limit,
                [this](result<ping> r) { answers.push_back(r ? std::to_string(r->number) : std::string{to_string(r.error().code)}); });
  }

  std::vector<int> heard;
  std::vector<std::string> answers;
  int asked = 0;
  simulation world;
  actor_system* system = nullptr;
  address remote, nobody;
};

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("A request to an actor of another node travels there and its answer back, in the time the network takes") {
  two_nodes t;
  const auto begun = t.world.steady();
  t.ask(7);
  while (t.answers.empty() && t.world.step()) {
  }
  CHECK(t.answers == strings{"7"});
  CHECK(t.world.steady() - begun >= 2ms);
  CHECK(t.world.steady() - begun <= 4ms);
}

TEST_CASE("Over a cut link a request ends by its deadline, with the outcome unknown; one way cut, it arrives and its answer does not") {
  two_nodes t;
  t.world.inject({.kind = fault_kind::cut, .node = "here", .to = "there", .lasts = 5s});
  t.ask(1);
  t.world.run_for(2s);
  CHECK(t.answers == strings{"deadline_exceeded"});
  CHECK(t.heard.empty());
  t.world.run_for(4s);
  t.world.inject({.kind = fault_kind::cut_one_way, .node = "there", .to = "here", .lasts = 5s});
  t.ask(2);
  t.world.run_for(2s);
  CHECK(t.answers == strings{"deadline_exceeded", "deadline_exceeded"});
  CHECK(t.heard == std::vector<int>{2});
}

TEST_CASE("A duplicated request is handled twice and answered once, whatever the schedule") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{21}));
  two_nodes t{simulation_options{.seed = seed, .network = {1ms, 2ms}}};
  t.world.inject({.kind = fault_kind::duplicate, .node = "here", .to = "there", .lasts = 5s, .share = 1});
  t.ask(1);
  t.world.run_for(1s);
  t.system->send(t.remote, ping{2});
  t.world.run_for(1s);
  CHECK(t.heard == std::vector<int>{1, 1, 2, 2});
  CHECK(t.answers == strings{"1"});
}

TEST_CASE("A link in disorder changes the order, a healthy one does not") {
  two_nodes t;
  for (int i = 0; i < 20; ++i) t.system->send(t.remote, ping{i});
  t.world.run_for(1s);
  REQUIRE(t.heard.size() == 20);
  CHECK(std::is_sorted(t.heard.begin(), t.heard.end()));
  t.heard.clear();
  t.world.inject({.kind = fault_kind::reorder, .node = "here", .to = "there", .lasts = 5s});
  for (int i = 0; i < 20; ++i) t.system->send(t.remote, ping{i});
  t.world.run_for(1s);
  REQUIRE(t.heard.size() == 20);
  CHECK(!std::is_sorted(t.heard.begin(), t.heard.end()));
}

TEST_CASE("Only what is listed travels, and only to what is published; a node that is down answers nobody") {
  two_nodes t;
  std::vector<error> errors;
  t.system->ask(t.remote, stray{}, 1s, [&](result<ping> r) { errors.push_back(r.error()); });
  t.system->ask(t.nobody, ping{}, 1s, [&](result<ping> r) { errors.push_back(r.error()); });
  t.world.run_for(500ms);
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].code == code::unimplemented);
  CHECK(errors[1].code == code::not_found);
  t.world.inject({.kind = fault_kind::crash, .node = "there", .lasts = 2s});
  CHECK(!t.world.is_up("there"));
  t.ask(1);
  t.world.run_for(1500ms);
  CHECK(t.answers == strings{"deadline_exceeded"});
  t.world.run_for(1s);
  CHECK(t.world.is_up("there"));
  t.ask(2);
  t.world.run_for(1s);
  CHECK(t.answers.back() == "2");
}

TEST_CASE("The answer to a node that crashed meanwhile is for nobody") {
  two_nodes t;
  t.ask(1);
  for (int i = 0; i < 1000 && t.heard.empty(); ++i) t.world.step();
  REQUIRE(t.heard == std::vector<int>{1});
  t.world.inject({.kind = fault_kind::crash, .node = "here"});
  t.world.run_for(2s);
  for (const auto& a : t.answers) CHECK(a != "1");
  t.ask(3);
  t.world.run_for(1s);
  CHECK(t.answers.back() == "3");
}

TEST_CASE("A paused node does nothing, and then catches up; the others go on") {
  two_nodes t;
  const auto begun = t.world.steady();
  t.world.inject({.kind = fault_kind::pause, .node = "there", .lasts = 3s});
  t.ask(1, 10s);
  t.world.run_for(2900ms);
  CHECK(t.heard.empty());
  while (t.answers.empty() && t.world.step()) {
  }
  CHECK(t.answers == strings{"1"});
  CHECK(t.world.steady() - begun >= 3s);
  CHECK(t.world.steady() - begun < 3100ms);
}

TEST_CASE("When a clock jumps, forwards or backwards, deadlines and timers keep their time") {
  for (nanoseconds jump : {nanoseconds{-2h}, nanoseconds{2h}}) {
    two_nodes t;
    const auto wall = t.system->now();
    t.world.inject({.kind = fault_kind::cut, .node = "here", .to = "there", .lasts = 5s});
    t.ask(1);
    t.world.run_for(500ms);
    t.world.inject({.kind = fault_kind::clock_jump, .node = "here", .jump = jump});
    CHECK(t.system->now() - wall == jump + 500ms);
    t.world.run_for(400ms);
    CHECK(t.answers.empty());
    t.world.run_for(200ms);
    CHECK(t.answers == strings{"deadline_exceeded"});
  }
}

TEST_CASE("Requests and answers of clients travel too: lost ones end by the client's patience, doubled ones are handled twice") {
  const application app{"catalog", {shop::catalog::describe()}};
  simulation world{{.seed = 3, .network = {1ms, 2ms}, .patience = 4s}};
  world.add("one", app);
  world.add("other", app);
  const auto put = [&](const std::string& node, const std::string& sku) {
    http_request r;
    r.method = "PUT";
    r.target = "/products/" + sku;
    r.body = R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})";
    r.headers.add("Content-Type", "application/json");
    auto answers = std::make_shared<strings>();
    world.request_to(node, std::move(r), [answers](result<http_response> a) {
      answers->push_back(a ? std::to_string(a->status) : std::string{to_string(a.error().code)});
    });
    return answers;
  };
  auto to_other = put("other", "kite");
  world.run_for(1s);
  CHECK(*to_other == strings{"200"});
  CHECK(world.stored("one").empty());
  CHECK(world.stored("other").size() == 1);

  world.inject({.kind = fault_kind::cut_one_way, .node = "one", .to = std::string{clients}, .lasts = 3s});
  auto unheard = put("one", "kite");
  world.run_for(3900ms);
  CHECK(unheard->empty());
  CHECK(world.stored("one").size() == 1);  // it was done all the same
  world.run_for(200ms);
  CHECK(*unheard == strings{"deadline_exceeded"});

  world.inject({.kind = fault_kind::duplicate, .node = std::string{clients}, .to = "one", .lasts = 1s, .share = 1});
  auto twice = put("one", "ball");
  world.run_for(1s);
  CHECK(*twice == strings{"200"});
  CHECK(world.counts().links.duplicated == 1);

  world.inject({.kind = fault_kind::crash, .node = "one", .lasts = 1s});
  auto refused = put("one", "drum");
  world.run_for(500ms);
  CHECK(*refused == strings{"unavailable"});
  world.run_for(1s);
  auto again = put("one", "drum");
  world.run_for(1s);
  CHECK(*again == strings{"200"});
}

TEST_CASE("The power fails where it is told to: in the middle of an append, a projection's write, the start") {
  const application app{"catalog", {shop::catalog::describe()}};
  for (auto during : {crash_point::append, crash_point::projection, crash_point::start}) {
    CAPTURE(to_string(during));
    simulation world{app,
                     {.seed = 5,
                      .faults = {{.kind = fault_kind::crash, .at = 2s, .node = "catalog", .during = during, .steps = 3, .lasts = 100ms}},
                      .trace_log = 1000}};
    world.run_for(3s);
    CHECK(world.counts().crashes == (during == crash_point::start ? 2 : 0));
    world.request("PUT", "/products/kite", R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})", [](result<http_response>) {});
    world.run_for(3s);
    CHECK(world.counts().during(during) == 1);
    CHECK(world.is_up("catalog"));
    const auto lines = world.trace_log();
    CHECK(
        std::any_of(lines.begin(), lines.end(), [](const std::string& line) { return line.find("loses its power") != std::string::npos; }));
  }
}

TEST_CASE("The same seed gives the same run of all nodes, and a trace_log costs no determinism") {
  const auto run = [](std::uint64_t seed, std::size_t trace_log) {
    seeded_random random{seed, "faults"};
    simulation world{{.seed = seed,
                      .faults = random_faults({.nodes = {"bank", "till"}, .count = 12, .within = 10s}, random),
                      .network = {1ms, 20ms},
                      .trace_log = trace_log}};
    pay_in(defect::none)(world, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    return world.trace();
  };
  CHECK(run(1, 0) == run(1, 0));
  CHECK(run(1, 0) == run(1, 500));
  CHECK(run(1, 0) != run(2, 0));
}

TEST_CASE("A law that is broken names itself and the case") {
  simulation world{{.seed = 1}};
  world.require(true, "two is even");
  try {
    world.require(false, "three is even", "3 % 2 = 1");
    FAIL("nothing was thrown");
  } catch (const broken_law& e) {
    CHECK(e.law() == "three is even");
    CHECK(e.what() == std::string{"three is even: 3 % 2 = 1"});
  }
  CHECK_THROWS_AS(world.inject({.kind = fault_kind::pause, .node = "nobody"}), std::invalid_argument);
}
