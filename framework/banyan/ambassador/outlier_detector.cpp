#include <banyan/ambassador/outlier_detector.hpp>

#include <banyan/ambassador/ticks.hpp>

#include <algorithm>
#include <cmath>

namespace banyan {

using detail::ticks;

// What an interval has shown of a member.
struct outlier_detector::finding {
  outlier_record* of;
  std::uint32_t calls = 0;
  double success_rate = 1;
  std::uint64_t latencies = 0;
  nanoseconds median{0};
  ejection_cause cause = ejection_cause::none;
  double badness = 0;  // orders those of one cause
};

void outlier_record::forget() {
  recent_success_.store(1, std::memory_order_relaxed);
  failures_in_row_.store(0, std::memory_order_relaxed);
  successes_.store(0, std::memory_order_relaxed);
  failures_.store(0, std::memory_order_relaxed);
  latencies_.clear();
}

outlier_detector::outlier_detector(outlier_options options, monotonic now)
    : options_{options}, interval_ends_{ticks(add_saturating(now, options.interval))} {}

void outlier_detector::set_members(records members, monotonic now) {
  const std::lock_guard lock{mutex_};
  members_ = std::move(members);
  // Some that were not ejected may have left.
  while (ejected(now) > most_ejected()) {
    const auto earlier = [&](const auto& a, const auto& b) {
      const auto end = [&](const auto& r) {
        return r->is_ejected(now) ? r->ejected_until_.load(std::memory_order_relaxed) : INT64_MAX;
      };
      return end(a) < end(b);
    };
    const auto first = std::min_element(members_.begin(), members_.end(), earlier);
    (*first)->ejected_until_.store(ticks(now), std::memory_order_relaxed);
  }
}

void outlier_detector::record(outlier_record& of, attempt_result how, nanoseconds latency, monotonic now) {
  // What began before the ejection says nothing new.
  if (how != attempt_result::ignored && !of.is_ejected(now)) {
    const float recent = of.recent_success_.load(std::memory_order_relaxed);
    const float result = how == attempt_result::success ? 1 : 0;
    if (recent != result)
      of.recent_success_.store(recent + (result - recent) / static_cast<float>(std::max(options_.consecutive, 1)),
                               std::memory_order_relaxed);
    if (how == attempt_result::success) {
      if (of.failures_in_row_.load(std::memory_order_relaxed) != 0)
        of.failures_in_row_.store(0, std::memory_order_relaxed);
      of.successes_.fetch_add(1, std::memory_order_relaxed);
      of.latencies_.add(latency);
    } else {
      of.failures_.fetch_add(1, std::memory_order_relaxed);
      const int row = of.failures_in_row_.fetch_add(1, std::memory_order_relaxed) + 1;
      if (options_.consecutive > 0 && row >= options_.consecutive) {
        const std::lock_guard lock{mutex_};
        if (does_worse_now(of, now)) eject(of, ejection_cause::consecutive_failures, now);
      }
    }
  }
  evaluate(now);
}

void outlier_detector::evaluate(monotonic now) {
  auto ends = interval_ends_.load(std::memory_order_relaxed);
  if (ticks(now) < ends) return;
  const auto next = ticks(add_saturating(now, options_.interval));
  if (!interval_ends_.compare_exchange_strong(ends, next, std::memory_order_relaxed)) return;
  const std::lock_guard lock{mutex_};
  end_interval(now, ends - options_.interval.count().count());
}

void outlier_detector::end_interval(monotonic now, std::int64_t began) {
  std::vector<finding> all;
  all.reserve(members_.size());
  for (const auto& m : members_) {
    finding f{.of = m.get()};
    const auto good = m->successes_.exchange(0, std::memory_order_relaxed);
    f.calls = good + m->failures_.exchange(0, std::memory_order_relaxed);
    if (f.calls > 0) m->success_rate_ = f.success_rate = static_cast<double>(good) / f.calls;
    f.latencies = m->latencies_.size();
    if (f.latencies > 0) m->median_ = f.median = m->latencies_.quantile(0.5);
    m->latencies_.clear();
    if (!m->is_ejected(now)) all.push_back(f);
  }
  find_low_success(all);
  find_slow(all);

  // If not all may be ejected, the worst are: failures before latency.
  std::stable_sort(all.begin(), all.end(), [](const finding& a, const finding& b) {
    if ((a.cause == ejection_cause::latency) != (b.cause == ejection_cause::latency))
      return b.cause == ejection_cause::latency;
    return a.badness > b.badness;
  });
  for (const auto& f : all) {
    if (f.cause != ejection_cause::none)
      eject(*f.of, f.cause, now);
    else if (!f.of->was_ejected_since(began))
      f.of->times_ = std::max(f.of->times_ - 1, 0);
  }
}

// The success rates of all that had calls in the interval.
struct outlier_detector::peers {
  explicit peers(const std::vector<finding>& all) {
    for (const auto& f : all)
      if (f.calls > 0) sum += f.success_rate, ++counted;
  }
  // Of those but one; 0 when there are none.
  double mean_without(const finding& f) const {
    const int others = counted - (f.calls > 0 ? 1 : 0);
    return others > 0 ? (sum - (f.calls > 0 ? f.success_rate : 0)) / others : 0;
  }
  double sum = 0;
  int counted = 0;
};

void outlier_detector::find_low_success(std::vector<finding>& all) const {
  double sum = 0, squares = 0;
  int counted = 0;
  const auto least_calls = static_cast<std::uint32_t>(options_.success_rate_calls);
  const auto enough = [least_calls](const finding& f) { return f.calls >= least_calls; };
  for (const auto& f : all) {
    if (!enough(f)) continue;
    sum += f.success_rate;
    squares += f.success_rate * f.success_rate;
    ++counted;
  }
  const bool compares = options_.deviations > 0 && counted >= options_.success_rate_members && counted > 0;
  const double mean = compares ? sum / counted : 0;
  const double deviation = compares ? std::sqrt(std::max(squares / counted - mean * mean, 0.0)) : 0;
  const peers others{all};
  const double least = mean - std::max(options_.deviations * deviation, options_.success_rate_margin);
  for (auto& f : all) {
    const double failing = 1 - f.success_rate;
    const bool mostly_fails = options_.failure_share > 0 && failing >= options_.failure_share &&
                              f.calls >= static_cast<std::uint32_t>(options_.failure_share_calls);
    const bool is_worse = options_.peer_margin <= 0 ||
                          others.mean_without(f) >= f.success_rate + options_.peer_margin;
    if (mostly_fails && is_worse)
      f.cause = ejection_cause::failure_share;
    else if (compares && enough(f) && f.success_rate < least)
      f.cause = ejection_cause::success_rate;
    f.badness = failing;
  }
}

void outlier_detector::find_slow(std::vector<finding>& all) const {
  const auto least_calls = static_cast<std::uint64_t>(options_.latency_calls);
  const auto enough = [least_calls](const finding& f) { return f.latencies >= least_calls; };
  std::vector<nanoseconds> medians;
  for (const auto& f : all)
    if (enough(f)) medians.push_back(f.median);
  if (options_.latency_factor <= 0 || medians.empty()) return;
  if (medians.size() < static_cast<std::size_t>(options_.latency_members)) return;
  // Of an even number the faster half's: of two endpoints, the faster one is the measure of the slower.
  const auto middle = medians.begin() + static_cast<std::ptrdiff_t>((medians.size() - 1) / 2);
  std::nth_element(medians.begin(), middle, medians.end());
  for (auto& f : all) {
    if (f.cause != ejection_cause::none || !enough(f)) continue;
    const auto factor = static_cast<double>(f.median.count()) / static_cast<double>(middle->count());
    if (factor < options_.latency_factor || f.median - *middle < options_.latency_margin.count()) continue;
    f.cause = ejection_cause::latency;
    f.badness = factor;
  }
}

bool outlier_detector::eject(outlier_record& r, ejection_cause why, monotonic now) {
  if (r.is_ejected(now) || !is_member(r) || ejected(now) + 1 > most_ejected()) return false;
  ++r.times_;
  const auto most = options_.ejection_max.count();
  const auto base = options_.ejection.count();
  const auto length = base > most / r.times_ ? most : base * r.times_;
  r.ejected_until_.store(ticks(add_saturating(now, length)), std::memory_order_relaxed);
  r.cause_ = why;
  r.forget();
  ejections_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool outlier_detector::does_worse_now(const outlier_record& r, monotonic now) const {
  if (options_.peer_margin <= 0) return true;
  double sum = 0;
  int others = 0;
  for (const auto& m : members_) {
    if (m.get() == &r || m->is_ejected(now)) continue;
    sum += m->recent_success_.load(std::memory_order_relaxed);
    ++others;
  }
  return others > 0 && sum / others >= r.recent_success_.load(std::memory_order_relaxed) + options_.peer_margin;
}

bool outlier_detector::is_member(const outlier_record& r) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& m) { return m.get() == &r; });
}

int outlier_detector::ejected(monotonic now) const {
  const auto out = [&](const auto& m) { return m->is_ejected(now); };
  return static_cast<int>(std::count_if(members_.begin(), members_.end(), out));
}

int outlier_detector::most_ejected() const {
  return static_cast<int>(std::clamp(options_.max_share, 0.0, 1.0) * static_cast<double>(members_.size()));
}

std::vector<outlier_state> outlier_detector::states(monotonic now) const {
  const std::lock_guard lock{mutex_};
  std::vector<outlier_state> all;
  all.reserve(members_.size());
  for (const auto& m : members_) {
    const auto until = m->ejected_until_.load(std::memory_order_relaxed);
    const bool out = m->is_ejected(now);
    all.push_back({m->name_, out, nanoseconds{out ? until - ticks(now) : 0}, m->times_, m->cause_, m->success_rate_,
                   m->median_});
  }
  return all;
}

}  // namespace banyan
