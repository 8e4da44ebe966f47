// Two small services for the tests of this room: `orders` asks `payments`.
#pragma once

#include <banyan/plan/required.hpp>
#include <banyan/plan/service.hpp>

namespace plan_example {

using namespace std::chrono_literals;

struct charged {};
struct charge {
  using reply = charged;
};
struct placed {};
struct place_order {
  using reply = placed;
};
struct found {};
struct get_order {
  using reply = found;
};

struct payments_api {
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<banyan::op<charge, banyan::idempotent::by_key>>;
};
struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<banyan::op<place_order>, banyan::op<get_order, banyan::idempotent::always>>;
};

template <class Request>
struct answers_spec {
  int workers = 2;
};
template <class Request>
struct answers {
  int workers = 2;
  std::string name = {};
  void contribute(banyan::plan& p) const {
    auto named = name.empty() ? std::string{banyan::short_name<Request>()} : name;
    auto spec = p.add<answers_spec<Request>>("handles", named, banyan::phase::routing).read_by("a test");
    spec->workers = workers;
    spec.option("workers", &answers_spec<Request>::workers, {.min = 1, .max = 1024});
    banyan::operation o{.name = p.service() + "." + named, .request = banyan::type_of<Request>()};
    if constexpr (requires { typename Request::reply; }) o = banyan::describe_operation<Request>(p.service());
    p.implements(std::move(o), "handles." + named);
  }
};

struct call_spec {
  banyan::timespan deadline = 1s;
  int attempts = 3;
};
template <class Api>
struct calls {
  using link_to = Api;
  banyan::timespan deadline = 1s;
  std::string name = {};
  void contribute(banyan::plan& p) const {
    auto spec = p.add<call_spec>("ambassador", name.empty() ? std::string{Api::name} : name, banyan::phase::outbound).read_by("a test");
    spec->deadline = deadline;
    spec.option("deadline", &call_spec::deadline, {.min = 0.001, .max = 86'400});
    spec.option("retry.attempts", &call_spec::attempts, {.min = 1, .max = 10});
    spec.links_to("asks", std::string{Api::name});
  }
};

struct journal_spec {
  std::string journal;
  int snapshot_every = 100;
};
struct journalled {
  banyan::required<"journal", std::string> journal;
  std::string name = "order";
  void contribute(banyan::plan& p) const {
    auto spec = p.add<journal_spec>("event_sourced", name, banyan::phase::entity).read_by("a test");
    spec.option("journal", spec->journal = *journal).option("snapshot_every", &journal_spec::snapshot_every, {.min = 0, .max = 1e9});
    spec.fact("event", "orders.placed v1").fact("command", "place_order").fact("event", "orders.cancelled v2");
    spec.links_to("writes", "journal " + *journal);
  }
};

inline banyan::plan describe_payments() { return banyan::service<payments_api>(answers<charge>{}); }
inline banyan::plan describe_orders() {
  return banyan::service<orders_api>(calls<payments_api>{.deadline = 800ms}, journalled{.journal = "orders"}, answers<place_order>{},
                                     answers<get_order>{});
}
inline banyan::application describe_shop() { return {"shop", {describe_orders(), describe_payments()}}; }

inline bool mentions(const std::vector<banyan::problem>& problems, std::string_view where, std::string_view part_of_sentence) {
  for (const auto& p : problems)
    if (p.where == where && p.sentence.find(part_of_sentence) != std::string::npos) return true;
  return false;
}

}  // namespace plan_example
