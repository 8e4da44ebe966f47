// A bad configuration changes nothing in a running node.
#include <tests/framework/runtime/till_node.hpp>

using namespace banyan;
using namespace reload_tests;
using namespace std::chrono_literals;

TEST_CASE("a bad configuration is refused whole, until a good one: the last good values stay") {
  till_node n{set_deadline("2s")};
  for (const auto& bad : {set_deadline("3s") + "limit.concurrency = 0\n",         // out of range
                                set_deadline("3s") + "deadlin = \"1s\"\n",              // no such option
                                set_deadline("3s") + "[",                               // no TOML
                                set_deadline("3s") + "retry.backoff = \"2s\"\n"}) {     // longer than backoff_max
    const auto done = n.reload(bad);
    CHECK(done.outcome == reload_outcome::refused);
    CHECK(done.problems.size() == 1);
    CHECK(done.applied.empty());
    CHECK(n.link_has("deadline 2s"));
  }
  CHECK(n.log.has("the configuration is not reloaded: the last good one stays problems=1"));
  CHECK(n.log.has("the configuration has a mistake at=\"till.toml:3: till.ambassador.rates.limit.concurrency\""));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"refused\"} 4"));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"ok\"} 0"));
  CHECK(n.ready_says("{\"name\":\"configuration\",\"state\":\"degraded\",\"sentence\":\"the last reload was refused"));

  CHECK(n.reload(set_deadline("4s")).applied.size() == 1);
  CHECK(n.link_has("deadline 4s"));
  CHECK_FALSE(n.ready_says("\"name\":\"configuration\""));
}

TEST_CASE("when one part refuses its new values, what others have taken is put back, and nothing has changed") {
  till_node n{set_deadline("2s")};
  const auto both = set_deadline("3s") + set_turns("main", 5);
  n.dials->refuses = true;
  const auto refused = n.reload(both);
  CHECK(refused.outcome == reload_outcome::refused);
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems.front().where == "till.dial.main");
  CHECK(refused.problems.front().sentence == "the dial is worn out");
  CHECK(refused.applied.empty());
  CHECK(refused.needs_restart.empty());
  CHECK(n.link_has("deadline 2s"));
  CHECK(n.dials->turns == 1);
  CHECK(n.get("/plan").find(R"("name":"deadline","type":"duration","value":"2s")") != std::string::npos);
  CHECK(n.get("/plan").find(R"("name":"turns","type":"integer","value":"5")") == std::string::npos);
  CHECK(n.ready_says("{\"name\":\"configuration\",\"state\":\"degraded\""));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"refused\"} 1"));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"ok\"} 0"));
  CHECK_FALSE(n.log.has("an option has changed"));

  n.dials->refuses = false;
  CHECK(n.reload(both).applied ==
        std::vector<option_change>{{deadline, "2s", "3s"}, {"till.dial.main.turns", "1", "5"}});
  CHECK(n.link_has("deadline 3s"));
  CHECK(n.dials->turns == 5);
  CHECK_FALSE(n.ready_says("\"name\":\"configuration\""));
}

TEST_CASE("a part that throws is one that refuses, and what an operator had set is put back too") {
  till_node n{set_deadline("2s")};
  REQUIRE(n.post("/links/till/rates/options/deadline/9s").status == 200);
  n.dials->breaks = true;
  CHECK(n.reload(set_deadline("3s") + set_turns("main", 5)).outcome == reload_outcome::refused);
  CHECK(n.link_has("deadline 9s"));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"refused\"} 1"));
}

TEST_CASE("a dynamic option of a part that takes no new ones refuses the reload before anything is set") {
  till_node n{set_deadline("2s")};
  const auto refused = n.reload(set_deadline("3s") + set_turns("fixed", 5));
  CHECK(refused.outcome == reload_outcome::refused);
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems.front().where == "till.dial.fixed");
  CHECK(n.link_has("deadline 2s"));
  CHECK(n.reload(set_deadline("3s")).outcome == reload_outcome::ok);
}

TEST_CASE("a reload without memory is refused, and the node goes on") {
  till_node n{set_deadline("2s")};
  n.before_reading = [] { throw std::bad_alloc{}; };
  CHECK(n.reload(set_deadline("3s")).outcome == reload_outcome::refused);
  CHECK(n.ready_says("\"name\":\"configuration\",\"state\":\"degraded\""));
  n.before_reading = {};
  CHECK(n.reload(set_deadline("3s")).applied.size() == 1);
}

TEST_CASE("a secret that is badly written is quoted nowhere") {
  till_node n{set_deadline("2s")};
  for (const std::string bad : {"operator_token = \"hunter2 secret\"\n", "otlp_headers = \"hunter2\"\n",
                                "operator_token = 271828182845\n", "operator_token = 27182818284590452353\n"}) {
    n.file = bad;
    const auto said = n.post("/options/reload").body;
    INFO(said);
    CHECK(said.find("refused") != std::string::npos);
    CHECK(said.find("hunter2") == std::string::npos);
    CHECK(said.find("271828") == std::string::npos);
  }
  CHECK(n.log.has("the configuration has a mistake at=\"till.toml:1: operator_token\""));
  CHECK_FALSE(n.log.has("hunter2"));
  CHECK_FALSE(n.log.has("271828"));
}

TEST_CASE("what an operator has set and what is configured must fit together") {
  till_node n{set_deadline("2s")};
  REQUIRE(n.post("/links/till/rates/options/retry.backoff_max/500ms").status == 200);
  const auto refused = n.reload(set_deadline("3s") + "retry.backoff = \"900ms\"\n");
  CHECK(refused.outcome == reload_outcome::refused);
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems.front().where == "till.ambassador.rates");
  CHECK(refused.problems.front().sentence ==
        "the values in force would not fit together: retry.backoff is longer than retry.backoff_max");
  CHECK(n.link_has("deadline 2s"));
  CHECK(n.link_has("back-off 25ms to 500ms"));
  CHECK(n.post("/links/till/rates/options/retry.backoff_max/1ms").status == 400);
  CHECK(n.link_has("back-off 25ms to 500ms"));
}
