// The configuration of a running node is read again: what changes, and how it is asked for.
#include <tests/framework/runtime/till_node.hpp>

using namespace banyan;
using namespace reload_tests;
using namespace std::chrono_literals;

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
