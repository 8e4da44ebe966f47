// Our caller of a fleet in virtual time: the parts of the ambassador as a link composes them, with their defaults:
// balancing, ejection and a breaker per endpoint, retries within their budget. The endpoints are the link's own table.
#pragma once

#include <banyan/ambassador/endpoint_table.hpp>
#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/ambassador/retry_policy.hpp>

#include <tests/framework/ambassador/modelled_clients.hpp>

#include <memory>
#include <string>

namespace banyan::test {

struct ambassador_options {
  circuit_breaker endpoint_breaker = {};
  outlier_options ejection = {};
  retry_options retry = {};
  retry_budget_options budget = {};
};

class our_client : public modelled_client {
 public:
  our_client(virtual_time& world, random_source& random, modelled_fleet& fleet, const ambassador_options& options = {})
      : modelled_client{world, random, fleet},
        table_{{},
               options.ejection,
               [this, options](const endpoint&) {
                 return std::make_unique<breaker>(options.endpoint_breaker, made_++);
               },
               start},
        policy_{options.retry},
        budget_{options.budget, start} {
    endpoint_list list;
    for (int i = 0; i < fleet.replicas(); ++i) list.push_back({"replica-" + std::to_string(i), ""});
    all_ = table_.update(std::make_shared<const endpoint_list>(list), start);
  }
  void call(monotonic deadline, done d) override {
    budget_.begin();
    send(deadline, 1, {}, [this, d](call_end end) {
      budget_.end(world_.now());
      d(end);
    });
  }

 private:
  struct picked {
    endpoint_table::endpoint_ptr at;
    breaker_permit permit;
  };
  // As a link does: what the breaker of an endpoint refuses is sent to another endpoint.
  std::optional<picked> pick(endpoint_table::unwanted& by, monotonic deadline) {
    by.refused.clear();
    while (auto at = table_.choose(*all_, by, random_, 0, world_.now())) {
      if (const auto admitted = at->guard->acquire(world_.now(), deadline)) return picked{at, admitted.permit()};
      by.refused.push_back(at.get());
    }
    return {};
  }
  int replica_of(const link_endpoint& e) const { return std::stoi(e.where.node.substr(e.where.node.find('-') + 1)); }
  void send(monotonic deadline, int number, endpoint_table::unwanted by, done d) {
    const auto p = pick(by, deadline);
    if (!p) {
      if (number > 1) budget_.give_back(extra_attempt::retry);
      return d(number > 1 ? call_end::failed : call_end::refused);
    }
    by.tried.push_back(p->at.get());
    table_.begin(*p->at);
    const auto began = world_.now();
    attempt(replica_of(*p->at), deadline, [=, this](std::optional<error> e) {
      const auto now = world_.now();
      if (number > 1) budget_.end_extra(extra_attempt::retry, now);
      table_.record(*p->at, p->permit, e ? outcome_of(*e) : call_outcome::success, now);
      table_.end(*p->at, e ? attempt_result::failure : attempt_result::success, now - began, now);
      if (!e) return d(call_end::useful);
      const auto next = policy_.after_failure(
          {.why = *e, .attempt = number, .how = idempotent::always, .remaining = timespan{deadline - now}}, random_);
      if (!next.wait || !budget_.take(extra_attempt::retry, now)) return d(call_end::failed);
      world_.after(*next.wait, [=, this] { send(deadline, number + 1, by, d); });
    });
  }

  std::uint64_t made_ = 0;
  endpoint_table table_;
  retry_policy policy_;
  retry_budget budget_;
  std::shared_ptr<const endpoint_table::endpoints> all_;
};

}  // namespace banyan::test
