// A node with a link and a pattern of its own, and a configuration file that is a text of the test.
#pragma once

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

namespace reload_tests {

using namespace banyan;
using namespace std::chrono_literals;

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
inline result<void> install(const dial_spec& spec, assembly& a) {
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

inline application the_till(const std::shared_ptr<dial_state>& dials = std::make_shared<dial_state>()) {
  return {"till-app",
          {service<rates_api>(),
           service<till_api>(ambassador<rates_api>{.deadline = 1s,
                                                   .limit = bulkhead_options{.concurrency = 8},
                                                   .breaker = circuit_breaker{},
                                                   .retry = retry_options{}},
                              dial{.name = "main", .state = dials},
                              dial{.name = "fixed", .takes_new_ones = false, .state = dials})}};
}

inline const std::string token = "a-token-of-an-operator";
inline const std::string deadline = "till.ambassador.rates.deadline";

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

inline std::string set_turns(const std::string& of, int to) {
  return "[till.dial." + of + "]\nturns = " + std::to_string(to) + "\n";
}

std::string set_deadline(const std::string& to) { return "[till.ambassador.rates]\ndeadline = \"" + to + "\"\n"; }

}  // namespace reload_tests
