// A node on which one service publishes prices, and two others listen: one does with each price as the test says, the
// other one notes it.
#pragma once

#include <tests/framework/topic/assembled_node.hpp>

#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/topic/listens.hpp>
#include <banyan/topic/topic.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace banyan::test {

struct price_changed {
  int pence = 0;
};

inline const std::string prices_topic = "prices.changed";

struct rest {  // answered after some time
  using reply = done;
  int ms = 0;
};
BOOST_DESCRIBE_STRUCT(rest, (), (ms))

struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<>;
};
struct labels_api {
  static constexpr std::string_view name = "labels";
  using operations = banyan::operations<op<rest, idempotent::always>>;
};
struct mail_api {
  static constexpr std::string_view name = "mail";
  using operations = banyan::operations<>;
};

// What the listener of labels does with one price.
struct told_to {
  int rest_ms = 0;
  bool refuse = false, crash = false;
};

struct heard_price {
  int pence;
  std::string trace;
  instant at;
  monotonic deadline;
  friend bool operator==(const heard_price& h, int pence) { return h.pence == pence; }
};

inline std::map<int, told_to> orders;  // by price; none: it is handled at once
inline std::vector<heard_price> labels_heard;
inline std::vector<int> mail_heard;
inline int under_way = 0, most_under_way = 0;

inline task<result<done>> to_labels(context<labels_api> ctx, const price_changed& e) {
  labels_heard.push_back({e.pence, ctx.caller_context()->trace, ctx.now(), ctx.deadline()});
  const auto order = orders[e.pence];
  most_under_way = std::max(most_under_way, ++under_way);
  if (order.rest_ms > 0) {
    const auto rested = co_await ctx.ask<labels_api, rest>(order.rest_ms);
    if (!rested) co_return rested.error();
  }
  --under_way;
  if (order.crash) throw std::runtime_error{"no ink"};
  if (order.refuse) co_return error{code::unavailable, "no paper"};
  co_return done{};
}
inline task<result<done>> to_mail(context<>, const price_changed& e) {
  mail_heard.push_back(e.pence);
  co_return done{};
}

struct resting final : actor {
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    return behavior{}.on<rest>([this](const rest& r) { return wait(r.ms); });
  }
  task<done> wait(int ms) {
    co_await self().sleep(std::chrono::milliseconds{ms});
    co_return done{};
  }
};

// As a pattern that publishes does it, at its installation.
struct no_options {};
inline topic<price_changed> prices;
struct publishes_prices {
  void contribute(plan& p) const {
    auto spec = p.add<no_options>("publishes_prices", "prices", phase::outbound);
    publishes_live<price_changed>(spec, prices_topic);
    spec.installed_by(+[](const no_options&, assembly& a) -> result<void> {
      auto opened = topic_of<price_changed>(a, prices_topic);
      if (!opened) return opened.error();
      prices = *opened;
      return {};
    });
  }
};
struct rests {
  void contribute(plan& p) const {
    p.add<no_options>("rests", "rests", phase::routing)
        .installed_by(+[](const no_options&, assembly& a) -> result<void> {
          const auto at = a.add({.name = "rests", .make = [] { return std::make_unique<resting>(); }});
          a.answers(type_of<rest>(), {.choose = [at](message&) { return at->now(); }});
          return {};
        });
    p.implements(describe_operation<rest>(p.service(), idempotent::always), "rests.rests");
  }
};

struct prices_world : assembled_node {
  explicit prices_world(listens<to_labels> labels)
      : assembled_node{{"app",
                        {service<labels_api>(labels, rests{}), service<stock_api>(publishes_prices{}),
                         service<mail_api>(listens<to_mail>{.topic = prices_topic})}}} {
    orders.clear();
    labels_heard.clear();
    mail_heard.clear();
    under_way = most_under_way = 0;
  }
  ~prices_world() { prices = {}; }

  void publish(int from, int to) {
    for (int n = from; n <= to; ++n) prices.publish({n});
  }
  double events(const std::string& result) const {
    return metric(R"(banyan_listener_events_total{listener="labels",result=")" + result + R"(",topic=")" +
                  prices_topic + R"("})");
  }
  std::vector<health_line> health() const { return assembly.readiness(); }
};

inline std::vector<int> numbers(int from, int to) {
  std::vector<int> all;
  for (; from <= to; ++from) all.push_back(from);
  return all;
}

}  // namespace banyan::test
