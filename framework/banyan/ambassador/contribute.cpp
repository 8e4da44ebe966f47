// A link in the plan: its options, its facts, and its rules.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/ambassador/operator_words.hpp>
#include <banyan/topic/listens.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace banyan {

namespace {

std::string percent(double share) {
  std::ostringstream out;
  out << std::round(share * 1000) / 10 << " %";
  return out.str();
}
std::string text(double n) {
  std::ostringstream out;
  out << n;
  return out.str();
}

std::string line_of(const circuit_breaker& b) {
  std::string when = percent(b.failure_rate) + " failures";
  if (b.slow_rate < 1 || b.slow_after < circuit_breaker{}.slow_after)
    when += " or " + percent(b.slow_rate) + " slower than " + to_string(b.slow_after);
  when +=
      b.window == breaker_window::count ? " of " + std::to_string(b.calls) + " calls" : " of " + to_string(b.length);
  if (b.consecutive > 0) when += ", or " + std::to_string(b.consecutive) + " in a row";
  return when + "; open for " + to_string(b.open_for) + " to " + to_string(b.open_for_at_most) + ", " +
         std::to_string(b.probes) + " probes, ramp " + to_string(b.ramp);
}

void add_breaker(const place<link_spec>& spec, const std::string& name, circuit_breaker& b) {
  const circuit_breaker d;
  spec.option(name + ".calls", b.calls, d.calls, {.min = 1, .max = 100'000})
      .option(name + ".min_calls", b.min_calls, d.min_calls, {.min = 1, .max = 100'000})
      .option(name + ".failure_rate", b.failure_rate, d.failure_rate, {.min = 0.000001, .max = 1})
      .option(name + ".slow_rate", b.slow_rate, d.slow_rate, {.min = 0.000001, .max = 1})
      .option(name + ".slow_after", b.slow_after, d.slow_after, {.min = 0.001, .max = 86'400})
      .option(name + ".consecutive", b.consecutive, d.consecutive, {.min = 0, .max = 100'000})
      .option(name + ".open_for", b.open_for, d.open_for, {.min = 0.001, .max = 86'400})
      .option(name + ".open_for_at_most", b.open_for_at_most, d.open_for_at_most, {.min = 0.001, .max = 86'400})
      .option(name + ".probes", b.probes, d.probes, {.min = 1, .max = 32})
      .option(name + ".ramp", b.ramp, d.ramp, {.min = 0, .max = 86'400});
}

bool is_list_of_urls(std::string_view text) { return endpoints_of(text).has_value(); }

// Those that may change while calls are under way, with their defaults.
template <class Add>
void for_changeable(link_parts& p, Add add) {
  add("deadline", p.deadline, link_parts{}.deadline, option_limits{.min = 0.001, .max = 86'400});
  if (p.attempt_deadline != timespan::max())
    add("attempt_deadline", p.attempt_deadline, timespan::max(), option_limits{.min = 0.001, .max = 86'400});
  if (p.rate) {
    const rate_limit_options d;
    add("rate.per_second", p.rate->per_second, d.per_second, option_limits{.min = 0.001, .max = 1e9});
    add("rate.burst", p.rate->burst, d.burst, option_limits{.min = 0, .max = 1e9});
  }
  if (p.limit) {
    const bulkhead_options d;
    add("limit.concurrency", p.limit->concurrency, d.concurrency, option_limits{.min = 1, .max = 1e6});
    add("limit.queue", p.limit->queue, d.queue, option_limits{.min = 0, .max = 1e6});
    add("limit.queue_time", p.limit->queue_time, d.queue_time, option_limits{.min = 0.001, .max = 86'400});
  }
  if (p.retry) {
    const retry_options d;
    add("retry.attempts", p.retry->attempts, d.attempts, option_limits{.min = 1, .max = 100});
    add("retry.backoff", p.retry->backoff, d.backoff, option_limits{.min = 0, .max = 86'400});
    add("retry.backoff_max", p.retry->backoff_max, d.backoff_max, option_limits{.min = 0, .max = 86'400});
  }
  if (p.hedge) {
    const hedge_options d;
    add("hedge.min_delay", p.hedge->min_delay, d.min_delay, option_limits{.min = 0, .max = 86'400});
    add("hedge.max_delay", p.hedge->max_delay, d.max_delay, option_limits{.min = 0, .max = 86'400});
  }
}

void add_options(const place<link_spec>& spec) {
  auto& p = spec->parts;
  for_changeable(p, [&](const char* name, auto& value, const auto& by_default, option_limits limits) {
    spec.option(name, value, by_default, std::move(limits)).dynamic();
  });
  if (p.over)
    spec.option("to", p.over->to,
                {.fits = is_list_of_urls, .form = "URLs such as http://127.0.0.1:8090, with commas between"})
        .option("connections", p.over->connections, http_upstream{}.connections, {.min = 1, .max = 10'000})
        .option("tls.authority", p.over->tls.authority, "")
        .option("tls.certificate", p.over->tls.certificate, "")
        .option("tls.key", p.over->tls.key, "")
        .option("tls.server_name", p.over->tls.server_name, "");
  if (p.adapt)
    spec.option("adapt.min", p.adapt->min, adaptive_limit_options{}.min, {.min = 1, .max = 1e6})
        .option("adapt.tolerance", p.adapt->tolerance, adaptive_limit_options{}.tolerance, {.min = 1, .max = 100});
  if (p.breaker) add_breaker(spec, "breaker", *p.breaker);
  if (p.retry || p.hedge)
    spec.option("budget.ratio", p.budget.ratio, retry_budget_options{}.ratio, {.min = 0, .max = 100})
        .option("budget.floor", p.budget.floor, retry_budget_options{}.floor, {.min = 0, .max = 1e6});
  if (p.hedge)
    spec.option("hedge.quantile", p.hedge->quantile, hedge_options{}.quantile, {.min = 0, .max = 0.9999});
  if (p.ejection)
    spec.option("ejection.consecutive", p.ejection->consecutive, outlier_options{}.consecutive, {.min = 0, .max = 1e6})
        .option("ejection.interval", p.ejection->interval, outlier_options{}.interval, {.min = 0.001, .max = 86'400})
        .option("ejection.ejection", p.ejection->ejection, outlier_options{}.ejection, {.min = 0.001, .max = 86'400})
        .option("ejection.max_share", p.ejection->max_share, outlier_options{}.max_share, {.min = 0, .max = 1});
  if (p.endpoint_breaker) add_breaker(spec, "endpoint_breaker", *p.endpoint_breaker);
}

void add_problems(const link_spec& spec, const std::string& where, std::vector<problem>& out) {
  const auto& over = spec.parts.over;
  if (over) {
    auto mistakes = problems_of(*over, spec.operations);
    if (!is_list_of_urls(over->to)) mistakes.erase(mistakes.begin());  // the option `to` is reported already
    for (auto& sentence : mistakes) out.push_back({where, std::move(sentence)});
  }
  for (auto& sentence : problems_of(spec.parts)) out.push_back({where, std::move(sentence)});
}

std::string order_of(const link_parts& p) {
  std::string order = "deadline";
  const auto add = [&](bool present, const char* part) {
    if (present) order += std::string{" -> "} + part;
  };
  add(p.rate.has_value(), "rate");
  add(p.limit.has_value(), p.adapt ? "adaptive limit" : "limit");
  add(p.breaker.has_value(), "breaker");
  add(p.retry && p.hedge, "retry and hedge within a budget");
  add(p.retry && !p.hedge, "retry within a budget");
  add(p.hedge && !p.retry, "hedge within a budget");
  add(p.over || p.ejection || p.endpoint_breaker, to_string(p.balance.by).data());
  add(p.ejection.has_value(), "ejection");
  add(p.endpoint_breaker.has_value(), "endpoint breaker");
  add(true, p.over ? "HTTP" : "actor or node");
  return order;
}

}  // namespace

std::vector<std::string> problems_of(const link_parts& p) {
  std::vector<std::string> found;
  if (p.adapt && !p.limit)
    found.push_back("`adapt` lowers the bulkhead's limit, and there is none: add `.limit = bulkhead_options{...}`");
  for (const auto* b : {&p.breaker, &p.endpoint_breaker})
    if (*b)
      for (const auto& mistake : check(**b))
        found.push_back((b == &p.breaker ? "breaker." : "endpoint_breaker.") + mistake.field + ": " + mistake.message);
  if (p.retry && p.retry->backoff > p.retry->backoff_max)
    found.push_back("retry.backoff is longer than retry.backoff_max");
  return found;
}

std::vector<option> changeable_options(link_parts& parts) {
  std::vector<option> all;
  for_changeable(parts, [&](const char* name, auto& value, const auto&, option_limits limits) {
    all.emplace_back(name, value, std::move(limits));
  });
  return all;
}

std::vector<std::string> chain_of(const link_parts& p) {
  std::vector<std::string> lines{"deadline " + to_string(p.deadline)};
  const auto add = [&](std::string line) { lines.push_back(std::move(line)); };
  if (p.rate)
    add("rate " + text(p.rate->per_second) + " a second" +
        (p.rate->burst > 0 ? ", burst " + std::to_string(p.rate->burst) : std::string{}));
  if (p.limit)
    add("limit " + std::to_string(p.limit->concurrency) + " in flight" + (p.adapt ? ", adaptive" : "") +
        (p.limit->queue > 0 ? ", queue " + std::to_string(p.limit->queue) + " for " + to_string(p.limit->queue_time)
                            : ", no queue"));
  if (p.breaker) add("breaker " + line_of(*p.breaker));
  if (p.retry)
    add("retry " + std::to_string(p.retry->attempts) + " attempts, back-off " + to_string(p.retry->backoff) + " to " +
        to_string(p.retry->backoff_max));
  if (p.hedge)
    add("hedge after the " + percent(p.hedge->quantile) + " quantile, " + percent(p.budget.hedge_ratio) + " of calls");
  if (p.retry || p.hedge)
    add("budget " + percent(p.budget.ratio) + " of calls, at least " + std::to_string(p.budget.floor));
  if (p.attempt_deadline != timespan::max()) add("attempt deadline " + to_string(p.attempt_deadline));
  if (p.over || p.ejection || p.endpoint_breaker) add("balance " + std::string{to_string(p.balance.by)});
  if (p.ejection)
    add("ejection after " + std::to_string(p.ejection->consecutive) + " failures in a row, for " +
        to_string(p.ejection->ejection) + " or longer, at most " + percent(p.ejection->max_share) +
        " of the endpoints");
  if (p.endpoint_breaker) add("endpoint breaker " + line_of(*p.endpoint_breaker));
  if (p.over) add("HTTP " + p.over->to);
  return lines;
}

void detail::contribute_link(plan& p, std::string to, std::vector<operation> operations, const link_parts& parts) {
  auto spec = p.add<link_spec>("ambassador", to, phase::outbound);
  spec->from = p.service();
  spec->to = to;
  spec->operations = std::move(operations);
  spec->parts = parts;
  if (spec->parts.over)
    for (auto& o : spec->operations)
      for (const auto& c : spec->parts.over->calls)
        if (c.of.request == o.request)
          o.reply = c.of.reply, o.request_codec = c.of.request_codec, o.reply_codec = c.of.reply_codec;
  add_options(spec);
  spec.fact("chain", order_of(parts));
  spec.links_to(parts.over ? "calls" : "asks", to).offers(links_words()).installed_by(&install);
  if (parts.breaker || parts.endpoint_breaker) publishes_live<breaker_changed>(spec, breakers_topic);
  p.rule([spec = &*spec, where = p.service() + ".ambassador." + to](const plan&, std::vector<problem>& out) {
    add_problems(*spec, where, out);
  });
}

}  // namespace banyan
