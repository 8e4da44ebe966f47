// The endpoints of a link with what is known of each: load, ejection, breaker, counters. Thread-safe.
#pragma once

#include <banyan/ambassador/balancer.hpp>
#include <banyan/ambassador/endpoint_states.hpp>
#include <banyan/ambassador/outlier_detector.hpp>
#include <banyan/circuit_breaker/breaker.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace banyan {

struct link_endpoint : balanced_endpoint {
  explicit link_endpoint(endpoint at)
      : balanced_endpoint{at.node}, where{std::move(at)}, record{std::make_shared<outlier_record>(where.node)} {}
  const endpoint where;
  const std::shared_ptr<outlier_record> record;
  std::unique_ptr<breaker> guard;  // null: the link declares none
  std::atomic<std::uint64_t> succeeded{0}, failed{0}, refused{0};
};

class endpoint_table {
 public:
  using endpoint_ptr = std::shared_ptr<link_endpoint>;
  using endpoints = std::vector<endpoint_ptr>;
  using guard_maker = std::function<std::unique_ptr<breaker>(const endpoint&)>;  // may return null

  endpoint_table(balancer_options balance, std::optional<outlier_options> ejection, guard_maker make_guard,
                 monotonic now);

  // The endpoints of `list`, which is compared by pointer with the last one.
  std::shared_ptr<const endpoints> update(const std::shared_ptr<const endpoint_list>& list, monotonic now);
  std::shared_ptr<const endpoints> list() const { return states_.list(); }

  // Endpoints that a call does not want: those that refused it, and those that it has tried.
  struct unwanted {
    std::vector<const link_endpoint*> refused, tried;
  };
  // One that is neither ejected nor unwanted; else one that was tried; else, a call that would fail is worth a try, one
  // that is ejected. Never one that refused. When breakers refuse and less than half of the endpoints are left, ejected
  // ones are as good as others: otherwise the few that are left would get all calls. Null: there is none.
  endpoint_ptr choose(const endpoints& among, const unwanted& by, random_source& random, std::uint64_t key,
                      monotonic now) const;

  void begin(link_endpoint& e) { e.load.begin(); }
  // The result of an attempt for the endpoint's breaker, if it has one. A breaker that closes wakes two that are open,
  // those whose time is over first: what all endpoints have failed by is mostly over for all at once. Where it is not:
  // with the default options, and more than half of the calls failing, a breaker that closes by luck makes fewer than
  // one other close on average.
  void record(link_endpoint& e, breaker_permit permit, call_outcome how, monotonic now);
  void end(link_endpoint& e, attempt_result how, nanoseconds latency, monotonic now);
  std::vector<outlier_state> ejections(monotonic now) const;

 private:
  void wake_others(monotonic now) const;
  static bool are_few(const endpoints& among, const unwanted& by, monotonic now);

  balancer balancer_;
  std::optional<outlier_detector> detector_;
  endpoint_states<link_endpoint> states_;
};

}  // namespace banyan
