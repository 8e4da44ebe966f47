// The configuration of a running node is read again: what changes, what needs a restart, and what a bad one changes.
#include <tests/framework/observability/captured_log.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/configuration/assignment.hpp>
#include <banyan/core/json.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/configuration.hpp>
#include <banyan/runtime/reload.hpp>
#include <banyan/runtime/serving.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <new>
#include <random>
#include <utility>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct rates_api {
  static constexpr std::string_view name = "rates";
  using operations = banyan::operations<>;
};
struct till_api {
  static constexpr std::string_view name = "till";
  using operations = banyan::operations<>;
};

// A pattern with one dynamic option, which a test can make refuse new values.
struct dial_state {
  std::atomic<int> turns = 1;
  std::atomic<bool> refuses = false, breaks = false;
};
struct dial_spec {
  int turns = 1;
  bool takes_new_ones = true;
  std::shared_ptr<dial_state> state;
};
result<void> install(const dial_spec& spec, assembly& a) {
  if (!spec.takes_new_ones) return {};
  a.takes_options([s = spec.state](const std::vector<option_value>& values) -> result<std::vector<option_value>> {
    if (s->refuses) return error{code::exhausted, "the dial is worn out"};
    if (s->breaks) throw std::bad_alloc{};
    const auto before = std::to_string(s->turns.exchange(std::stoi(values.front().value)));
    return std::vector<option_value>{{values.front().name, before}};
  });
  return {};
}
struct dial {
  std::string name;
  bool takes_new_ones = true;
  std::shared_ptr<dial_state> state;

  void contribute(plan& p) const {
    auto spec = p.add<dial_spec>("dial", name, phase::background);
    spec->takes_new_ones = takes_new_ones;
    spec->state = state;
    spec.option("turns", &dial_spec::turns).dynamic().installed_by(&install);
  }
};

application the_till(const std::shared_ptr<dial_state>& dials = std::make_shared<dial_state>()) {
  return {"till-app",
          {service<rates_api>(),
           service<till_api>(ambassador<rates_api>{.deadline = 1s,
                                                   .limit = bulkhead_options{.concurrency = 8},
                                                   .breaker = circuit_breaker{},
                                                   .retry = retry_options{}},
                              dial{.name = "main", .state = dials},
                              dial{.name = "fixed", .takes_new_ones = false, .state = dials})}};
}

const std::string token = "a-token-of-an-operator";
const std::string deadline = "till.ambassador.rates.deadline";

struct data_folder {
  std::string path = (std::filesystem::temp_directory_path() / "banyan-reload-XXXXXX").string();
  data_folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~data_folder() { std::filesystem::remove_all(path); }
};

// A node whose configuration file is a text of the test.
struct till_node {
  explicit till_node(std::string text, std::vector<std::string> environment = {}, std::string only = {})
      : file{std::move(text)} {
    sources.environment = std::move(environment);
    sources.assignments = {"data=" + place.path, "listen=127.0.0.1:0", "admin=127.0.0.1:0", "threads=2",
                           "operator_token=" + token, "only=" + only};
    auto first = read().value();
    REQUIRE(first.problems.empty());
    app = std::move(first.app);
    settings = std::move(first.settings);
    node = serving::start(app, settings, [this] { return read(); }).value();
  }
  ~till_node() { node->stop(); }

  result<configured_application> read() {
    if (before_reading) before_reading();
    auto fresh = declare_again(the_till(dials));
    configured_application now{std::move(*fresh), default_settings("till-app")};
    sources.files = {{"till.toml", file}};
    now.problems = apply_configuration(now.app, now.settings, sources, on_mistakes::apply_the_others);
    for (auto& p : check_all(now.app, now.settings)) now.problems.push_back(std::move(p));
    return now;
  }
  reload_report reload(std::string text) {
    file = std::move(text);
    return node->reload().value();
  }
  std::string get(const std::string& path) {
    return test_kit::blocking_http_client{node->operations_port()}.get(path).body;
  }
  http_response post(std::string target, const std::string& with_token = token) {
    http_request r;
    r.method = "POST";
    r.target = std::move(target);
    if (!with_token.empty()) r.headers.set("Authorization", "Bearer " + with_token);
    return test_kit::blocking_http_client{node->operations_port()}.send(std::move(r));
  }
  // The status; 0: no answer.
  int try_post(std::string target) {
    http_request r;
    r.method = "POST";
    r.target = std::move(target);
    r.headers.set("Authorization", "Bearer " + token);
    const auto answer = test_kit::blocking_http_client{node->operations_port()}.try_send(std::move(r));
    return answer ? answer->status : 0;
  }
  bool link_has(std::string_view part) { return get("/links/till/rates").find(part) != std::string::npos; }
  bool metrics_have(std::string_view line) { return get("/metrics").find(line) != std::string::npos; }
  bool ready_says(std::string_view part) { return get("/readyz").find(part) != std::string::npos; }

  test::captured_log log{log_level::info};
  data_folder place;
  std::shared_ptr<dial_state> dials = std::make_shared<dial_state>();
  std::function<void()> before_reading;
  std::string file;
  configuration_sources sources;
  application app;
  node_settings settings;
  std::unique_ptr<serving> node;
};

std::string set_turns(const std::string& of, int to) {
  return "[till.dial." + of + "]\nturns = " + std::to_string(to) + "\n";
}

std::string set_deadline(const std::string& to) { return "[till.ambassador.rates]\ndeadline = \"" + to + "\"\n"; }

}  // namespace

TEST_CASE("a dynamic option that differs is to be set; another needs a restart, and its value is not told") {
  const configured_values before{{"a.deadline", {"1s", true}}, {"a.workers", {"2", false}}, {"token", {"old", false}}};
  auto now = before;
  CHECK(difference(before, now).dynamic.empty());
  CHECK(difference(before, now).needs_restart.empty());
  now["a.deadline"].value = "2s";
  now["token"].value = "new";
  const auto found = difference(before, now);
  CHECK(found.dynamic == std::vector<option_change>{{"a.deadline", "1s", "2s"}});
  CHECK(found.needs_restart == std::vector<std::string>{"token"});
}

TEST_CASE("a difference has exactly the options of both sides whose values differ, in one of its two lists") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    std::mt19937_64 draw{seed};
    configured_values before, now;
    std::size_t dynamic = 0, fixed = 0;
    for (int i = 0; i < 20; ++i) {
      const auto path = "o" + std::to_string(i);
      const bool in_before = draw() % 4 != 0, in_now = draw() % 4 != 0, is_dynamic = draw() % 2 == 0;
      const auto a = std::to_string(draw() % 3), b = std::to_string(draw() % 3);
      if (in_before) before[path] = {a, is_dynamic};
      if (in_now) now[path] = {b, is_dynamic};
      if (in_before && in_now && a != b) ++(is_dynamic ? dynamic : fixed);
    }
    INFO("seed " << seed);
    const auto found = difference(before, now);
    CHECK(found.dynamic.size() == dynamic);
    CHECK(found.needs_restart.size() == fixed);
    for (const auto& c : found.dynamic) {
      CHECK(before[c.option].value == c.before);
      CHECK(now[c.option].value == c.after);
      CHECK(now[c.option].is_dynamic);
    }
    for (const auto& name : found.needs_restart) CHECK_FALSE(now[name].is_dynamic);
  }
}

TEST_CASE("a changed option of a link is set while the node runs, and told") {
  till_node n{set_deadline("2s")};
  REQUIRE(n.link_has("deadline 2s"));
  CHECK(n.reload(set_deadline("2s")).applied.empty());
  const auto done = n.reload(set_deadline("3s") + "limit.concurrency = 4\n");
  CHECK(done.outcome == reload_outcome::ok);
  CHECK(done.applied == std::vector<option_change>{{deadline, "2s", "3s"},
                                                   {"till.ambassador.rates.limit.concurrency", "8", "4"}});
  CHECK(done.needs_restart.empty());
  CHECK(n.link_has("deadline 3s"));
  CHECK(n.link_has("limit 4 in flight"));
  CHECK(n.log.has("an option has changed option=" + deadline + " before=2s after=3s"));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"ok\"} 2"));
  CHECK(n.get("/plan").find("\"value\":\"3s\",\"origin\":\"till.toml:2\"") != std::string::npos);

  // Without the line it is the value in code again.
  CHECK(n.reload("").applied.size() == 2);
  CHECK(n.link_has("deadline 1s"));
  CHECK(n.link_has("limit 8 in flight"));
}

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

TEST_CASE("the environment and the command line stay above the file") {
  till_node n{set_deadline("2s"), {"BANYAN_TILL__AMBASSADOR__RATES__DEADLINE=5s"}};
  CHECK(n.link_has("deadline 5s"));
  CHECK(n.reload(set_deadline("3s")).applied.empty());
  CHECK(n.link_has("deadline 5s"));
  CHECK(n.reload("threads = 7\n" + set_deadline("3s")).needs_restart.empty());  // threads=2 by the command line
}

TEST_CASE("options that are not dynamic are named, and stay; when they are as before they need no restart") {
  till_node n{set_deadline("2s")};
  const auto changed = "max_lag = 7\notlp_headers = \"a=secret\"\n" + set_deadline("3s") + "breaker.calls = 50\n";
  const auto done = n.reload(changed);
  CHECK(done.applied == std::vector<option_change>{{deadline, "2s", "3s"}});
  CHECK(done.needs_restart ==
        std::vector<std::string>{"max_lag", "otlp_headers", "till.ambassador.rates.breaker.calls"});
  CHECK(n.log.has("some changed options need a restart options=\"max_lag, otlp_headers, "
                  "till.ambassador.rates.breaker.calls\""));
  CHECK_FALSE(n.log.has("a=secret"));
  CHECK(n.link_has("of 100 calls"));
  const auto plan = n.get("/plan");
  CHECK(plan.find(R"("name":"deadline","type":"duration","value":"3s")") != std::string::npos);
  CHECK(plan.find(R"("name":"breaker.calls","type":"integer","value":"100")") != std::string::npos);
  CHECK(n.reload(changed).needs_restart.size() == 3);
  CHECK(n.reload(set_deadline("3s")).needs_restart.empty());
}

TEST_CASE("what an operator has set stays until the configured value of that option changes") {
  till_node n{set_deadline("2s")};
  REQUIRE(n.post("/links/till/rates/options/deadline/9s").status == 200);
  CHECK(n.reload(set_deadline("2s") + "limit.concurrency = 4\n").applied.size() == 1);
  CHECK(n.link_has("deadline 9s"));
  CHECK(n.reload(set_deadline("3s") + "limit.concurrency = 4\n").applied ==
        std::vector<option_change>{{deadline, "9s", "3s"}});
  CHECK(n.link_has("deadline 3s"));
}

TEST_CASE("an operator reloads by a command, with the token, and is answered what became of it") {
  till_node n{set_deadline("2s")};
  n.file = set_deadline("3s") + "breaker.calls = 50\n";
  CHECK(n.post("/options/reload", "").status == 401);
  CHECK(n.link_has("deadline 2s"));
  CHECK(n.post("/options/reload").body ==
        R"({"outcome":"ok","applied":[{"option":"till.ambassador.rates.deadline","before":"2s","after":"3s"}],)"
        R"("needs_restart":["till.ambassador.rates.breaker.calls"],"problems":[]})");
  n.file = set_deadline("soon");
  const auto refused = n.post("/options/reload");
  CHECK(refused.status == 200);
  CHECK(refused.body.find(R"({"outcome":"refused","applied":[],"needs_restart":[],"problems":[{"where":)"
                          R"("till.toml:2: till.ambassador.rates.deadline","sentence":"expected a time span)") == 0);
  CHECK(n.link_has("deadline 3s"));
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

TEST_CASE("while an operator's reload reads, the operations port answers; one more waits, and a third is refused") {
  till_node n{set_deadline("2s")};
  std::promise<void> reads, may_go_on;
  n.before_reading = [&, first = true]() mutable {
    if (!std::exchange(first, false)) return;
    reads.set_value();
    may_go_on.get_future().wait();
  };
  n.file = set_deadline("3s");
  auto under_way = std::async(std::launch::async, [&] { return n.try_post("/options/reload"); });
  reads.get_future().wait();
  http_request health;
  health.target = "/healthz";
  CHECK(test_kit::blocking_http_client{n.node->operations_port()}.try_send(std::move(health)));
  std::promise<int> refused;
  std::atomic<bool> is_first = true;
  const auto ask = [&] {
    const auto status = n.try_post("/options/reload");
    if (is_first.exchange(false)) refused.set_value(status);
    return status;
  };
  auto second = std::async(std::launch::async, ask), third = std::async(std::launch::async, ask);
  CHECK(refused.get_future().get() == 429);
  may_go_on.set_value();
  CHECK(under_way.get() == 200);
  CHECK(second.get() + third.get() == 200 + 429);
  CHECK(n.link_has("deadline 3s"));
  CHECK(n.metrics_have("banyan_configuration_reloads_total{outcome=\"ok\"} 2"));
}

TEST_CASE("a node that stops waits for the end of the reload that is under way") {
  std::promise<void> reads, may_go_on;
  std::atomic<bool> has_read = false;
  auto n = std::make_unique<till_node>(set_deadline("2s"));
  n->before_reading = [&] {
    reads.set_value();
    may_go_on.get_future().wait();
    has_read = true;
  };
  auto under_way = std::async(std::launch::async, [&n = *n] { return n.try_post("/options/reload"); });
  reads.get_future().wait();
  auto goes_on = std::async(std::launch::async, [&, &n = *n] {
    const bool drains = n.log.comes("drain ended");
    may_go_on.set_value();
    return drains;
  });
  n.reset();
  CHECK(has_read);
  CHECK(goes_on.get());
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

TEST_CASE("options of a service that does not run here are nobody's business here") {
  till_node n{set_deadline("2s"), {}, "rates"};
  const auto done = n.reload(set_deadline("3s"));
  CHECK(done.applied.empty());
  CHECK(done.needs_restart.empty());
}

TEST_CASE("a program reloads by the way to read its configuration; without one there are no reloads") {
  const test::captured_log log{log_level::off};
  const data_folder place;
  const auto app = the_till();
  auto settings = default_settings("till-app");
  settings.data = place.path;
  settings.listen = settings.admin = "127.0.0.1:0";
  settings.operator_token = token;
  const auto read_again = [&]() -> result<configured_application> {
    return configured_application{the_till(), settings, {{"till.toml:1", "it is no TOML"}}};
  };
  {
    auto node = serving::start(app, settings, read_again).value();
    const auto done = node->reload();
    if (done->outcome == reload_outcome::refused) std::cerr << report(done->problems);
    CHECK(done->outcome == reload_outcome::refused);
    node->stop();
  }
  auto node = serving::start(app, settings).value();
  CHECK_FALSE(node->reload());
  CHECK(test_kit::blocking_http_client{node->operations_port()}.get("/options/reload").status == 404);
  node->stop();
}

TEST_CASE("the words of a reload: changes, what needs a restart, and why it was refused", "[words]") {
  const auto words = options_words();
  REQUIRE(words->words.size() == 1);
  operator_arguments as_text;
  as_text.set("--json", "");
  const auto show = words->words.front().show;
  const reload_report changes{.applied = {{"a.b.c.deadline", "1s", "2s"}}, .needs_restart = {"listen"}};
  const auto done = show(as_text, to_json(changes));
  REQUIRE(done);
  CHECK(done->out == "a.b.c.deadline: 1s -> 2s\nlisten: needs a restart\n");
  CHECK(done->code == 0);
  CHECK(show(as_text, to_json(reload_report{}))->out == "nothing has changed\n");
  const auto refused = show(as_text, to_json(reload_report{.outcome = reload_outcome::refused,
                                                           .problems = {{"shop.toml:3: listen", "no\naddress"}}}));
  REQUIRE(refused);
  CHECK(refused->code == 1);
  CHECK(refused->err == "shop.toml:3: listen: no?address\nrefused: the last good configuration stays\n");
  CHECK_FALSE(show(as_text, "{"));
}
