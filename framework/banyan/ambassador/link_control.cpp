// What operators see of a link and do to it.
#include <banyan/ambassador/call_chain.hpp>

#include <banyan/actor/system.hpp>
#include <banyan/ambassador/refusal_summary.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <memory>

namespace banyan {

namespace {

namespace json = boost::json;

double milliseconds_of(nanoseconds t) { return std::chrono::duration<double, std::milli>(t).count(); }

timespan in_milliseconds(timespan t) { return std::chrono::ceil<std::chrono::milliseconds>(t.count()); }

std::string_view word_of(const breaker_snapshot& s) {
  return s.forced == breaker_override::none ? to_string(s.state) : to_string(s.forced);
}

json::object to_json_object(const breaker_snapshot& s) {
  json::object o{{"state", word_of(s)},
                 {"failure_rate", s.failure_rate},
                 {"slow_rate", s.slow_rate},
                 {"calls", s.calls},
                 {"admitted", s.admitted},
                 {"refused", s.refused},
                 {"trips", s.trips}};
  if (s.forced != breaker_override::none) o["under_override"] = to_string(s.state);
  if (s.retry_after) o["retry_after_ms"] = milliseconds_of(s.retry_after->count());
  return o;
}

}  // namespace

std::unique_ptr<breaker> call_chain::make_breaker(const circuit_breaker& options, const std::string& endpoint) {
  auto notify = [this, endpoint, refusals = std::make_shared<refusal_summary>()](const breaker_event& e) {
    if (e.kind != breaker_event_kind::refused) return on_event(endpoint, e, 0);
    if (const auto since = refusals->add(e.refused, e.at)) on_event(endpoint, e, since);
  };
  return std::make_unique<breaker>(options, system_.random().next(), std::move(notify));
}

void call_chain::on_event(const std::string& endpoint, const breaker_event& e, std::uint64_t refused_since) {
  using kind = breaker_event_kind;
  const auto of = endpoint.empty() ? spec_.to : spec_.to + " at " + endpoint;
  switch (e.kind) {
    case kind::tripped:
      transitions_[0].add();
      log_.warning("the circuit breaker has tripped", {{"to", of},
                                                       {"failure_rate", e.failure_rate},
                                                       {"slow_rate", e.slow_rate},
                                                       {"calls", e.calls},
                                                       {"retry_after", in_milliseconds(timespan{e.retry_at - e.at})}});
      break;
    case kind::probing:
      transitions_[1].add();
      log_.info("the circuit breaker lets probes through", {{"to", of}});
      break;
    case kind::recovered:
      transitions_[2].add();
      log_.info("the circuit breaker has closed", {{"to", of}});
      break;
    case kind::forced:
      transitions_[3].add();
      log_.warning("an operator has set the circuit breaker", {{"to", of}, {"state", to_string(e.forced)}});
      break;
    case kind::would_trip:
      log_.warning("the circuit breaker would have tripped, but only observes", {{"to", of}, {"calls", e.calls}});
      break;
    case kind::refused:
      log_.info("the circuit breaker refuses calls", {{"to", of}, {"calls", refused_since}});
      break;
    case kind::restored:  // a link's breaker begins anew with its node
      return;
  }
  if (changed_) changed_(endpoint, e, refused_since);
}

void call_chain::force(breaker_override o, monotonic now) {
  if (breaker_) breaker_->force(o, now);
  for (const auto& e : *endpoints_.list())
    if (e->guard) e->guard->force(o, now);
}

// Null: there are too many.
const call_chain::settings* call_chain::settings_for(link_parts parts) {
  constexpr std::size_t most = 10'000;  // all of them are kept
  std::string values;
  for (const auto& o : changeable_options(parts)) values += o.value() + '\n';
  if (const auto known = all_settings_.find(values); known != all_settings_.end()) return known->second.get();
  if (all_settings_.size() >= most) return nullptr;
  auto next = std::make_unique<settings>(settings{std::move(parts), {}});
  if (next->parts.retry) next->retry.emplace(*next->parts.retry);
  return all_settings_.emplace(std::move(values), std::move(next)).first->second.get();
}

result<std::vector<option_value>> call_chain::set(const std::vector<option_value>& values) {
  const std::lock_guard lock{changes_};
  auto parts = now().parts;
  auto options = changeable_options(parts);
  std::vector<option_value> before;
  for (const auto& v : values) {
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const option& o) { return o.name() == v.name; });
    if (found == options.end()) {
      std::string all;
      for (const auto& o : options) all += (all.empty() ? "" : ", ") + o.name();
      return error{code::not_found,
                   "this link has no option " + v.name + " that can be set while it runs; it has " + all}
          .at("option");
    }
    before.push_back({v.name, found->value()});
    if (auto set = found->set(v.value, "reload"); !set) return set.error();
  }
  if (const auto problems = problems_of(parts); !problems.empty())
    return error{code::invalid_argument, "the values in force would not fit together: " + problems.front()};
  const auto* next = settings_for(std::move(parts));
  if (!next)
    return error{code::exhausted, "the options of this link have had too many different values; restart the node"};
  // Those of other parts leave an adaptive limit where it is.
  const auto concern = [&](std::string_view part) {
    return std::any_of(values.begin(), values.end(), [&](const option_value& v) { return v.name.starts_with(part); });
  };
  const auto at = system_.steady();
  if (rate_ && concern("rate.")) rate_->set(*next->parts.rate, at);
  if (limit_ && concern("limit.")) limit_->set(*next->parts.limit, at);
  now_.store(next, std::memory_order_release);
  return before;
}

result<void> call_chain::set(const std::string& option, const std::string& value) {
  const std::vector<option_value> one{{option, value}};
  if (auto before = set(one); !before) return before.error();
  log_.info("an operator has set an option of a link", {{"to", spec_.to}, {"option", option}, {"value", value}});
  return {};
}

std::string call_chain::inspect(monotonic now) const {
  json::object o{{"link", spec_.from + " -> " + spec_.to}, {"from", spec_.from}, {"to", spec_.to}};
  json::array chain;
  for (auto& line : chain_of(this->now().parts)) chain.emplace_back(std::move(line));
  o["chain"] = std::move(chain);
  if (breaker_) o["breaker"] = to_json_object(breaker_->snapshot(now));
  const auto ejections = endpoints_.ejections(now);
  json::array list;
  for (const auto& e : *endpoints_.list()) {
    if (!route_.by && !e->guard) continue;
    json::object one{{"name", e->where.node},
                     {"address", e->where.address},
                     {"state", e->guard ? word_of(e->guard->snapshot(now)) : std::string_view{"closed"}},
                     {"ejected", e->record->is_ejected(now)},
                     {"latency_ms", milliseconds_of(e->load.latency(now))},
                     {"in_flight", e->load.in_flight()},
                     {"succeeded", e->succeeded.load(std::memory_order_relaxed)},
                     {"failed", e->failed.load(std::memory_order_relaxed)},
                     {"refused", e->refused.load(std::memory_order_relaxed)}};
    if (e->guard) one["breaker"] = to_json_object(e->guard->snapshot(now));
    const auto known = std::find_if(ejections.begin(), ejections.end(),
                                    [&](const outlier_state& s) { return s.name == e->where.node; });
    if (known != ejections.end() && known->ejected) {
      one["ejected_because"] = boost::describe::enum_to_string(known->cause, "");
      one["ejected_for_ms"] = milliseconds_of(known->remaining);
    }
    list.emplace_back(std::move(one));
  }
  o["endpoints"] = std::move(list);
  update_metrics();
  const auto kind = [&](attempt_kind k) {
    std::uint64_t sum = 0;
    for (const auto& c : metrics_.attempts[static_cast<std::size_t>(k)]) sum += c.value();
    return sum;
  };
  const auto under_way = in_flight();
  o["calls"] = json::object{{"started", ended() + under_way},
                            {"succeeded", metrics_.succeeded.value()},
                            {"failed", metrics_.failed.value()},
                            {"refused", metrics_.refused.value()},
                            {"cancelled", metrics_.cancelled.value()},
                            {"retried", kind(attempt_kind::retry)},
                            {"hedged", kind(attempt_kind::hedge)},
                            {"in_flight", under_way},
                            {"waiting", limit_ ? limit_->waiting() : 0}};
  if (limit_) o["concurrency"] = limit_->concurrency();
  return json::serialize(o);
}

void call_chain::report_health(std::vector<health_line>& out, monotonic now) const {
  const auto add = [&](const breaker& b, const std::string& of) {
    const auto s = b.snapshot(now);
    std::string sentence{word_of(s)};
    if (s.forced == breaker_override::none && s.retry_after)
      sentence += *s.retry_after >= std::chrono::milliseconds{1}
                      ? ", for " + to_string(in_milliseconds(*s.retry_after)) + " more"
                      : std::string{", the next call probes"};
    const bool is_well = s.forced == breaker_override::none ? s.state == breaker_state::closed
                                                            : s.forced != breaker_override::forced_open;
    out.push_back({"breaker " + of, is_well ? health_state::ready : health_state::degraded, std::move(sentence)});
  };
  const auto name = spec_.from + " -> " + spec_.to;
  if (breaker_) add(*breaker_, name);
  for (const auto& e : *endpoints_.list())
    if (e->guard) add(*e->guard, name + " at " + e->where.node);
}

std::uint64_t call_chain::ended() const {
  return metrics_.succeeded.value() + metrics_.failed.value() + metrics_.refused.value() + metrics_.cancelled.value();
}

// With those that wait for the bulkhead.
std::uint64_t call_chain::in_flight() const {
  if (has_budget_) return static_cast<std::uint64_t>(budget_.live()) + (limit_ ? limit_->waiting() : 0);
  const auto started = started_.load(std::memory_order_relaxed);
  const auto gone = ended();
  return started > gone ? started - gone : 0;
}

void call_chain::update_metrics() const {
  const auto ended = metrics_.call_seconds.count();  // first, for a call is counted there last
  std::atomic_thread_fence(std::memory_order_acquire);
  const auto carried = carried_.load(std::memory_order_relaxed);
  const auto others = carried + metrics_.failed.value();
  const auto quick = std::max(ended, others) - others;
  metrics_.succeeded.raise_to(quick + carried);
  metrics_.attempts[0][0].raise_to(quick + first_.load(std::memory_order_relaxed));
  metrics_.in_flight.set(static_cast<double>(in_flight()));
  if (limit_) metrics_.waiting.set(limit_->waiting());
}

}  // namespace banyan
