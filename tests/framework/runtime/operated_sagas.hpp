// A shop whose sagas can get stuck in every way, in virtual time, and its operator: the words of the command line ask
// the operations port of the simulated node.
#pragma once

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/core/problem_details.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/operator_endpoints.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/operator_words.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/test_kit/saga.hpp>
#include <banyan/test_kit/world.hpp>

#include <tests/framework/runtime/order_for_sagas.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace saga_operations {

using namespace banyan;
using namespace order_for_sagas;
using namespace std::chrono_literals;

// What goes wrong.
inline bool service_down = false, release_refused = false, other_code = false;
inline std::set<std::string> lost_orders;  // orders that the stock knows no more
inline std::vector<std::string> released;

// --- stock

struct stock_state {
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(stock_state, (), (sku))
struct reserve_piece {
  using reply = stock_state;
  std::string sku, order;
};
BOOST_DESCRIBE_STRUCT(reserve_piece, (), (sku, order))
struct release_piece {
  using reply = stock_state;
  std::string sku, order;
};
BOOST_DESCRIBE_STRUCT(release_piece, (), (sku, order))
struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<op<reserve_piece, idempotent::by_key>, op<release_piece, idempotent::by_key>>;
};
inline task<result<stock_state>> do_reserve(context<>, const reserve_piece& r) {
  if (service_down) co_return error{code::unavailable, "the store is closed"};
  stock_state s{r.sku};
  co_return s;
}
inline task<result<stock_state>> do_release(context<>, const release_piece& r) {
  if (release_refused) co_return error{code::refused, "it is sold"}.because("sold");
  if (lost_orders.contains(r.order)) co_return error{code::not_found, "nothing is reserved for " + r.order};
  released.push_back(r.order);
  stock_state s{r.sku};
  co_return s;
}

// What the saga wants to hear; an order_approved does not say so much.
struct approval_given {
  std::string by;
};
BOOST_DESCRIBE_STRUCT(approval_given, (), (by))

inline durable<result<order_state>> fulfil(saga_context<stock_api> ctx, const order_placed& e) {
  ctx.status("reserving");
  const std::string sku = other_code ? "something else" : e.sku;
  auto reserved = co_await ctx.ask<stock_api, reserve_piece>(sku, e.id).undone_by<stock_api, release_piece>(sku, e.id);
  if (!reserved) co_return reserved.error();
  ctx.status("waiting for approval");
  auto approval = ctx.event<approval_given>("approval");
  auto deadline = ctx.timer(24h);
  if (co_await ctx.first(approval, deadline) == 1)
    co_return error{code::refused, "nobody approved it"}.because("not_approved");
  auto answer = approval.get();
  if (!answer) co_return answer.error();
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  order_state s{e.id, "approved"};
  co_return s;
}

inline application app_of(int version) {
  return {"shop",
          {service<orders_api>(
               event_sourced<order>{.journal = "orders"}, sharded<order>{.entity = order_id_of, .shards = 4},
               publishes<order_placed>{.topic = "orders.placed"}, publishes<order_approved>{.topic = "orders.approved"},
               ambassador<stock_api>{},
               saga<fulfil>{.name = "orders.fulfil",
                            .version = version,
                            .starts_on = "orders.placed",
                            .id = started_by,
                            .category = "sagas",
                            .shards = 4},
               hears<fulfil, order_approved>{.topic = "orders.approved", .saga = approved_by, .event = "approval"},
               http_routes{.routes = std::vector{command<place_order>("POST /orders/{id}"),
                                                 command<approve_order>("POST /orders/{id}/approval")}}),
           service<stock_api>(handles<do_reserve>{.workers = 1}, handles<do_release>{.workers = 1})}};
}
inline const application& the_app() {
  static const application app = app_of(1);
  return app;
}

inline bool says(const std::string& text, const std::string& part) {
  if (text.find(part) != text.npos) return true;
  UNSCOPED_INFO("looking for:\n" << part << "\nin:\n" << text);
  return false;
}

class operated final : public operator_port {
 public:
  explicit operated(const application& app = the_app()) : w{app} {
    service_down = release_refused = other_code = false;
    lost_orders.clear();
    released.clear();
    settings_.operator_token = "s3cret";
  }

  void place(const std::string& id) { w.send("POST", "/orders/" + id, R"({"sku":"A1"})"); }

  // --- the node's operations port
  result<std::string> ask(const std::string& method, const std::string& target) override {
    auto request = json_request(method, target, {});
    if (auto read = read_target(request); !read) return read.error();
    if (!token.empty() && method != "GET") request.headers.set("Authorization", "Bearer " + token);
    const operator_endpoints endpoints{w.simulation.running().installed(), settings_};
    std::optional<http_response> answer;
    endpoints.handle(request, [&](result<http_response> r) { answer = std::move(r).value(); });
    for (int i = 0; !answer && i < 100'000 && w.simulation.step(); ++i) {
    }
    if (!answer) return error{code::unavailable, "no answer"};
    if (answer->status != 200) return from_problem(answer->status, answer->body);
    return answer->body;
  }
  result<std::string> page(const std::string& target) override { return ask("GET", target); }
  error no_node(const std::string& why) const override { return error{code::corrupt, why}; }

  // --- the command line: what it prints, and its errors
  using given = std::map<std::string, std::string>;
  result<operator_text> carry_out(const std::string& name, const given& values) {
    const auto all = saga_words();
    for (const auto& word : all->words) {
      if (word.name != name) continue;
      operator_arguments with;
      for (const auto& a : word.arguments) with.set(a.name, a.otherwise);
      with.set("--by", "");
      for (const auto& [argument, value] : values) with.set(argument, value);
      if (word.check) CHECK(word.check(with).empty());
      std::ostringstream err;
      const std::function<void(timespan)> pause = [this](timespan t) {
        paused += t;
        w.simulation.run_for(t);
      };
      if (word.instead) {
        auto done = word.instead({with, *this, program ? *program : the_app(), err, pause});
        if (done && *done) (*done)->err.insert(0, err.str());
        if (done) return std::move(*done);
      }
      const auto answer = ask(word.method, operator_target(word.path, with));
      if (!answer) return answer.error();
      return word.show(with, *answer);
    }
    FAIL("no word " << name);
    return error{};
  }
  std::string run(const std::string& name, const given& values) {
    const auto text = carry_out(name, values);
    if (!text) FAIL(name << ": " << to_string(text.error()));
    CHECK(text->code == 0);
    return text->out + text->err;
  }
  error refused(const std::string& name, const given& values) {
    const auto text = carry_out(name, values);
    if (text) FAIL(name << ": " << text->out << text->err);
    return text.error();
  }
  // It answers, and ends with exit code 1.
  std::string refused_text(const std::string& name, const given& values) {
    const auto text = carry_out(name, values);
    REQUIRE(text);
    CHECK(text->code == 1);
    return text->out + text->err;
  }

  // --- health and metrics, after the next look of the clock
  std::string health(const std::string& name) {
    w.simulation.run_for(15s);
    for (const auto& l : w.simulation.running().readiness())
      if (l.name == name) {
        CHECK(l.state == health_state::degraded);
        return l.sentence;
      }
    return {};
  }
  bool is_ready() { return readyz(w.simulation.running().readiness()).status == 200; }
  double metric(const std::string& name) {
    double sum = 0;
    for (const auto& family : w.simulation.running().metrics().read())
      if (family.name == name)
        for (const auto& p : family.points) sum += p.value + static_cast<double>(p.count);
    return sum;
  }

  // Stored turns, as another program finds them.
  void copy_to(journal& j) {
    for (const auto& e : w.simulation.stored()) {
      append_request r;
      r.writes.push_back({e.stream, expected::any(), {{e.id, e.type, e.schema, e.payload, e.metadata}}});
      bool done = false;
      j.append(std::move(r), [&](result<append_result> stored) { done = stored.has_value(); });
      while (!done) std::this_thread::yield();
    }
  }

  std::string token = "s3cret";
  const application* program = nullptr;  // that the operator calls; null: the node's own
  nanoseconds paused{};                  // between changes
  test_kit::world w;

 private:
  node_settings settings_;
};

}  // namespace saga_operations
