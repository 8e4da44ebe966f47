// The examples of the headers of values, plans and what is seen of a node, in one program that compiles: tests/examples/check compares them.
#include <banyan/actor/system.hpp>
#include <banyan/core/exit_reason.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/json.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/plan/number_in.hpp>
#include <banyan/plan/option.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>
#include <banyan/supervision/policy.hpp>

#include <CLI/CLI.hpp>

namespace examples {

using namespace banyan;
using namespace std::chrono_literals;

// --- core/ids.hpp

struct made_ids {
  uuid a, b, c;
};
made_ids make_ids(const banyan::clock& clock, random_source& random, uuid command_id, const std::string& idempotency_key) {
  uuid order = uuid_v7(clock.now(), random);
  uuid event = derive(command_id, 0);
  uuid command = uuid_from_name("orders", idempotency_key);
  using sku = strong<struct sku_tag>;
  return sku{"85123A"} == sku{"22633"} ? made_ids{} : made_ids{order, event, command};
}

// --- core/exit_reason.hpp

struct ends : actor {
  behavior make_behavior() override { return {}; }
  void finish() {
    self().stop();
    self().stop({exit_reason::shutdown, "lease lost"});
  }
};

// --- core/json.hpp, core/shape.hpp

namespace lines {
struct line { std::string sku; std::int64_t quantity = 1; std::optional<std::string> note; };
BOOST_DESCRIBE_STRUCT(line, (), (sku, quantity, note))
}  // namespace lines

bool there_and_back() {
  using lines::line;
  std::string text = to_json(line{"A1", 2, {}});
  result<line> back = from_json<line>(text);
  return back.has_value();
}

struct place_order {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (id))
struct order {
  using state = place_order;
};

bool look_at_shapes() {
  boost::json::value schema = schema_of<place_order>();
  std::uint64_t key = layout_hash<order::state>();
  return schema.is_object() && key != 0;
}

// --- plan/option.hpp

int set_options() {
  int workers = 2;
  option o{"workers", workers, {.min = 1, .max = 1024}};
  o.set("8", "shop.toml:12");
  o.set("0", "command line");
  return workers;
}

// --- supervision/policy.hpp

std::vector<supervision_policy> policies() {
  supervision_policy p{.strategy = restart::rest_for_one};
  supervision_policy q{.backoff = no_backoff, .limit = intensity{.restarts = 3, .within = 5s}};
  supervision_policy r{.auto_shutdown = auto_shutdown::all_significant};
  return {p, q, r};
}

// --- observability/health.hpp, log.hpp, metrics.hpp

int report() {
  health h;
  h.report("projection sales_by_month", health_state::waiting, "1,200 events behind");
  h.report("breaker payments", health_state::degraded, "open for 4s more");
  health_answer answer = readyz(h.lines());
  return answer.status;
}

void write_lines(const std::string& id, const message_context& context, timespan elapsed) {
  log_info("order placed", {{"order", id}, {"lines", 3}});
  const logger log{"orders"};
  log.of(context.trace).warning("payment is slow", {{"took", elapsed}});
}

std::string count(timespan elapsed) {
  metrics_registry metrics;
  counter placed = metrics.counter("banyan_commands_total", "Commands decided.", {{"service", "orders"}, {"command", "place_order"}});
  histogram took = metrics.histogram("banyan_command_seconds", "From command to durable answer.");
  placed.add();
  took.observe(elapsed);
  std::string page = metrics.text();
  return page;
}

// --- event_sourcing/unreadable_streams.hpp

void tell_of(unreadable_streams& unreadable, const error& cause, const banyan::clock& clock, const logger& log) {
  unreadable.refused("orders-7", cause);
  if (const auto held_back = unreadable.admit("orders-7", clock.steady())) log.error("a stream can not be read");
  unreadable.read("orders-7");
}

// --- plan/number_in.hpp

void take_limit(CLI::App& cli, int& limit) {
  cli.add_option("--limit", limit, "At most this many")->transform(number_in<CLI::Validator>(1, 10'000));
}

}  // namespace examples
