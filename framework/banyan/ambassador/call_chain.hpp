// The link of an ambassador: carries each call through the declared parts (ambassador.hpp). Shared by all handlers of a
// service; thread-safe.
//
// A call to an actor of this node that is admitted at once and succeeds at the first attempt costs no coroutine and no
// allocation but the copy of its request, if it may be retried. All else runs in `carry_on`, in the task of the caller.
#pragma once

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/attempt_set.hpp>
#include <banyan/ambassador/endpoint_table.hpp>
#include <banyan/ambassador/latency_quantile.hpp>
#include <banyan/ambassador/link_metrics.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/service/service_link.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace banyan {

class actor_system;

// What attempts of a link that leave the node need.
struct link_route {
  std::shared_ptr<transport> by;                 // null: actors of this node only
  std::shared_ptr<const endpoint_set> to;
  std::vector<operation> operations;             // those of an HTTP API; for nodes the directory has them
};

class call_chain final : public service_link {
 public:
  // `spec` and `here` must outlive this.
  call_chain(const link_spec& spec, const directory& here, link_route route, actor_system& system,
             metrics_registry& metrics);
  ~call_chain() override;

  timespan deadline() const override { return now().parts.deadline; }
  address direct(message& request) const override;

  bool admit(actor_host& host, observed_call& call, message& request) override;
  bool settle(actor_host& host, observed_call& call, const message& answer) override;
  task<result<message_ptr>> carry_on(actor_host& host, observed_call& call, message_ptr request,
                                     std::optional<error> last) override;
  void leave(actor_host& host, observed_call& call) noexcept override;

  // Called when a breaker has changed its state, on the thread of the call that changed it; and with event `refused`
  // when it sums up the calls that it has refused since the last such event. Set before the first call.
  // `endpoint`: whose breaker; empty: that of the whole link.
  using breaker_listener =
      std::function<void(const std::string& endpoint, const breaker_event& e, std::uint64_t refused_since)>;
  void when_changed(breaker_listener notify) { changed_ = std::move(notify); }

  // For operators.
  std::string inspect(monotonic now) const;                       // JSON
  bool has_breaker() const { return parts_.breaker || parts_.endpoint_breaker; }
  // The breakers of the link and of its endpoints.
  void force(breaker_override o, monotonic now);
  // Sets options that may change while calls are under way, all or none; later calls use them. Returns the values
  // before. Errors: not_found for one that the link does not have, with those that can be set; invalid_argument for a
  // value, and for values that do not fit to the others in force (problems_of); exhausted for the 10,000th set of
  // values, though not for one that was in force before: what was changed can always be put back.
  result<std::vector<option_value>> set(const std::vector<option_value>& values);
  // One of them, for an operator: with a log line.
  result<void> set(const std::string& option, const std::string& value);
  std::vector<std::shared_ptr<link_endpoint>> endpoints() const { return *endpoints_.list(); }
  void report_health(std::vector<health_line>& out, monotonic now) const;  // of the breakers
  void update_metrics() const;  // those that are not kept up to date

 private:
  struct note;     // of one call, in observed_call
  struct settings {  // the parts as they are set now
    link_parts parts;
    std::optional<retry_policy> retry;
  };
  class attempt;   // one that is under way
  class extra;     // a scheduled retry or hedge
  struct started;  // the attempts of one call
  static note& note_of(observed_call& call);
  static const std::shared_ptr<const endpoint_list>& local_endpoint();

  const settings& now() const { return *now_.load(std::memory_order_acquire); }
  const settings* settings_for(link_parts parts);
  const operation* operation_of(const message& request) const;
  static std::uint64_t key_of(const message& request);
  const link_fallback* fallback_for(const message& request) const;
  // Each returns whether the call passes; call.refused says why it does not.
  bool pass_rate(observed_call& call);
  bool pass_breaker(observed_call& call, monotonic now);
  bool refuse(observed_call& call, link_part part, error why);  // returns false
  task<result<message_ptr>> carry(actor_host& host, observed_call& call, message_ptr& request,
                                  std::optional<error> last);
  task<bool> pass_limit(actor_host& host, observed_call& call);
  task<result<message_ptr>> attempts(actor_host& host, observed_call& call, message_ptr& request,
                                     std::optional<error> last);
  task<result<message_ptr>> first_answer(actor_host& host, observed_call& call, started& s);
  std::optional<error> start(actor_host& host, observed_call& call, started& s, std::size_t slot, attempt_kind kind,
                             bool is_last);
  std::uint64_t ended() const;
  std::uint64_t in_flight() const;
  void finish(observed_call& call, const error* why, monotonic now);
  void count_attempt(attempt_kind kind, const error* why, bool cancelled, nanoseconds took);
  std::unique_ptr<breaker> make_breaker(const circuit_breaker& options, const std::string& endpoint);
  void on_event(const std::string& endpoint, const breaker_event& e, std::uint64_t refused_since);

  const link_spec& spec_;
  const link_parts& parts_;  // as declared: which parts there are
  std::mutex changes_;
  // By the values of their options. Earlier ones may be in use.
  std::map<std::string, std::unique_ptr<const settings>, std::less<>> all_settings_;
  std::atomic<const settings*> now_{nullptr};
  const directory& here_;
  const link_route route_;
  actor_system& system_;
  const logger log_;
  link_metrics metrics_;
  breaker_listener changed_;
  std::array<counter, 4> transitions_;  // tripped, probing, recovered, forced

  std::optional<token_bucket> rate_;
  std::optional<bulkhead> limit_;
  std::optional<adaptive_limit> adapt_;
  std::unique_ptr<breaker> breaker_;
  retry_budget budget_;
  std::optional<latency_quantile> slow_;  // of attempts, for hedging
  endpoint_table endpoints_;
  bool is_carried_ = false;  // no call goes without a coroutine
  bool has_budget_ = false;
  // Calls of a link without a budget, which counts its own; those that succeeded but not at once (not with the first
  // attempt and without a coroutine); first attempts of these. Those that succeeded at once are all others in the
  // histogram of calls.
  std::atomic<std::uint64_t> started_{0}, carried_{0}, first_{0};
};

}  // namespace banyan
