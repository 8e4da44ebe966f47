#include <banyan/circuit_breaker/breaker.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace banyan {
namespace {

// Before any member is made of them.
const circuit_breaker& checked(const circuit_breaker& o) {
  if (const auto wrong = check(o); !wrong.empty())
    throw std::invalid_argument{"circuit_breaker: " + to_string(wrong.front())};
  return o;
}

std::int64_t count(monotonic t) { return t.time_since_epoch().count(); }
monotonic at(std::int64_t t) { return monotonic{nanoseconds{t}}; }

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

}  // namespace

error breaker_admission::refusal(monotonic now) const {
  error e{code::unavailable, "the circuit breaker is open"};
  e.reason = circuit_open;
  if (retry_at() == monotonic::max()) {
    e.message = "the circuit breaker was opened by an operator";
  } else {
    const auto wait = std::max(retry_at() - now, nanoseconds{0});
    e.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
    e.message += ", retry after " + to_string(timespan{*e.retry_after});
  }
  return e;
}

breaker::breaker(const circuit_breaker& o, std::uint64_t seed, listener on_event)
    : failure_millionths_{rate_in_millionths(checked(o).failure_rate)},
      slow_millionths_{rate_in_millionths(o.slow_rate)},
      min_calls_{static_cast<std::uint32_t>(o.min_calls)},
      consecutive_limit_{static_cast<std::uint32_t>(o.consecutive)},
      slow_after_{o.slow_after},
      ramp_{o.ramp},
      seed_{seed},
      window_{o, static_cast<std::size_t>(o.probes)},
      jitter_{o.jitter},
      open_for_{o.open_for},
      open_for_at_most_{o.open_for_at_most},
      probe_limit_{o.probe_limit},
      probes_{o},
      listener_{std::move(on_event)} {}

// --- acquire ---------------------------------------------------------------------------------------------------------

breaker_admission breaker::admit(std::uint64_t c, monotonic now, int place) {
  return {(c & ~flags) | static_cast<std::uint64_t>(place + 1), now};
}

breaker_admission breaker::acquire_guarded(monotonic now, monotonic deadline) {
  for (;;) {
    const auto c = control_.load(std::memory_order_acquire);
    if (const auto forced = forced_of(c); forced != breaker_override::none)
      return forced == breaker_override::forced_open ? refuse(c, now, monotonic::max()) : admit(c, now);
    switch (state_of(c)) {
      case breaker_state::closed:
        return (c & ramping) ? acquire_in_ramp(c, now) : admit(c, now);
      case breaker_state::open:
        if (const auto until = at(open_until_.load(std::memory_order_relaxed)); now < until)
          return refuse(c, now, until);
        break;
      case breaker_state::half_open:
        break;
    }
    if (const auto decided = acquire_probe(now, deadline)) return *decided;
  }
}

breaker_admission breaker::refuse(std::uint64_t c, monotonic now, monotonic until) {
  const auto refused = refused_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (listener_)
    listener_({.kind = breaker_event_kind::refused,
               .before = state_of(c),
               .state = state_of(c),
               .forced = forced_of(c),
               .at = now,
               .generation = c >> 8,
               .refused = refused,
               .retry_at = until});
  return {0, until};
}

breaker_admission breaker::acquire_in_ramp(std::uint64_t c, monotonic now) {
  const auto from = at(ramp_from_.load(std::memory_order_relaxed));
  if (now - from >= ramp_) {
    const std::lock_guard hold{lock_};
    if (control_.load(std::memory_order_relaxed) == c) {
      openings_ = 0;
      control_.store(c & ~ramping, std::memory_order_release);
    }
    return admit(c, now);
  }
  const nanoseconds admitted_after{static_cast<std::int64_t>(draw() * static_cast<double>(ramp_.count()))};
  return admitted_after < now - from ? admit(c, now) : refuse(c, now, from + admitted_after + nanoseconds{1});
}

// Empty when the breaker is neither open nor half open any more.
std::optional<breaker_admission> breaker::acquire_probe(monotonic now, monotonic deadline) {
  std::optional<breaker_event> began, ended;
  std::optional<breaker_admission> admitted;
  monotonic until{};
  std::uint64_t c;
  {
    const std::lock_guard hold{lock_};
    c = control_.load(std::memory_order_relaxed);
    if (forced_of(c) != breaker_override::none || state_of(c) == breaker_state::closed) return std::nullopt;
    until = at(open_until_.load(std::memory_order_relaxed));
    if (state_of(c) == breaker_state::open && now >= until) {
      c = change(breaker_state::half_open);
      probes_.begin(window_.lend());
      began = event(breaker_event_kind::probing, breaker_state::open, now);
    }
    if (state_of(c) == breaker_state::half_open) {
      probes_.expire(now);
      ended = settle(now);
      if (ended) {  // by leases that have ended: open, or closed when they leave no room for a failing rate
        c = control_.load(std::memory_order_relaxed);
        until = at(open_until_.load(std::memory_order_relaxed));
      } else if (deadline <= now) {
        until = now;
      } else if (const auto place = probes_.admit(std::min(deadline, add_saturating(now, probe_limit_)));
                 place != half_open::none) {
        admitted = admit(c, now, place);
      } else {
        until = probes_.first_end();
      }
    }
  }
  notify(began);
  notify(ended);
  if (state_of(c) == breaker_state::closed) return std::nullopt;
  return admitted ? *admitted : refuse(c, now, until);
}

// --- record ----------------------------------------------------------------------------------------------------------

inline bool breaker::is_over_limit() const noexcept {
  if (consecutive_limit_ != 0 && consecutive_ >= consecutive_limit_) return true;
  if ((window_.failures() | window_.slow()) == 0) [[likely]]
    return false;
  const auto calls = window_.calls();
  return calls >= min_calls_ && (window_.failures() * 1'000'000 >= calls * failure_millionths_ ||
                                 window_.slow() * 1'000'000 >= calls * slow_millionths_);
}

bool breaker::record(breaker_permit p, call_outcome outcome, monotonic now) {
  auto c = control_.load(std::memory_order_relaxed);
  if ((c ^ p.stamp_) > flags) return false;  // of another generation
  const bool slow = now - p.started() > slow_after_;
  if ((p.stamp_ & flags) != 0) [[unlikely]]
    return record_probe(p, outcome, slow, now);
  if (outcome == call_outcome::ignored || forced_of(c) == breaker_override::forced_closed) return false;

  const bool failed = outcome == call_outcome::failure;
  lock_.lock();
  c = control_.load(std::memory_order_relaxed);
  if ((c ^ p.stamp_) > flags) [[unlikely]] {
    lock_.unlock();
    return false;
  }
  window_.add(failed, slow, now);
  consecutive_ = failed ? consecutive_ + 1 : 0;
  const bool over = is_over_limit();
  if (!over && !told_would_trip_) [[likely]] {
    lock_.unlock();
    return false;
  }
  const auto happened = over_limit(over, now);
  lock_.unlock();
  notify(happened);
  return false;
}

bool breaker::record_probe(breaker_permit p, call_outcome outcome, bool slow, monotonic now) {
  std::optional<breaker_event> happened;
  {
    const std::lock_guard hold{lock_};
    if ((control_.load(std::memory_order_relaxed) ^ p.stamp_) > flags) return false;
    probes_.expire(now);
    probes_.record(static_cast<int>(p.stamp_ & flags) - 1, outcome, slow);
    happened = settle(now);
  }
  notify(happened);
  return happened && happened->kind == breaker_event_kind::recovered;
}

void breaker::wake(monotonic now) {
  const std::lock_guard hold{lock_};
  const auto c = control_.load(std::memory_order_relaxed);
  if (forced_of(c) != breaker_override::none || state_of(c) != breaker_state::open) return;
  open_until_.store(std::min(count(now), open_until_.load(std::memory_order_relaxed)), std::memory_order_relaxed);
}

std::optional<breaker_event> breaker::over_limit(bool over, monotonic now) {
  if (forced_of(control_.load(std::memory_order_relaxed)) == breaker_override::observe_only) {
    if (std::exchange(told_would_trip_, over) || !over) return std::nullopt;
    return event(breaker_event_kind::would_trip, breaker_state::closed, now);
  }
  if (!is_in_ramp(now)) openings_ = 0;
  open(now);
  return event(breaker_event_kind::tripped, breaker_state::closed, now);
}

std::optional<breaker_event> breaker::settle(monotonic now) {
  const auto verdict = probes_.judge();
  if (verdict == half_open::verdict::open_question) return std::nullopt;
  const bool works = verdict == half_open::verdict::works;
  const auto kind = works ? breaker_event_kind::recovered : breaker_event_kind::tripped;
  auto e = event(kind, breaker_state::half_open, now);
  measure(breaker_state::half_open, e.failure_rate, e.slow_rate, e.calls);
  if (works)
    close(now, true);
  else
    open(now);
  const auto c = control_.load(std::memory_order_relaxed);
  e.state = state_of(c);
  e.generation = c >> 8;
  if (!works) e.retry_at = at(open_until_.load(std::memory_order_relaxed));
  return e;
}

// --- states ----------------------------------------------------------------------------------------------------------

std::uint64_t breaker::change(breaker_state s, breaker_override o, std::uint64_t ramp) {
  const auto generation = (control_.load(std::memory_order_relaxed) >> 8) + 1;
  const auto c =
      generation << 8 | static_cast<std::uint64_t>(s) | static_cast<std::uint64_t>(o) << override_shift | ramp;
  control_.store(c, std::memory_order_release);
  return c;
}

bool breaker::is_in_ramp(monotonic now) const noexcept {
  return (control_.load(std::memory_order_relaxed) & ramping) &&
         now - at(ramp_from_.load(std::memory_order_relaxed)) < ramp_;
}

void breaker::open(monotonic now) {
  auto nominal = open_for_;
  for (int n = 0; n < openings_ && nominal < open_for_at_most_; ++n) nominal += (nominal + nanoseconds{1}) / 2;
  nominal = std::min(nominal, open_for_at_most_);
  const auto length = static_cast<double>(nominal.count()) * (1.0 - jitter_ + 2.0 * jitter_ * draw());
  ++openings_;
  ++trips_;
  consecutive_ = 0;
  open_until_.store(
      count(add_saturating(now, nanoseconds{std::max(static_cast<std::int64_t>(length), std::int64_t{1})})),
      std::memory_order_relaxed);
  change(breaker_state::open);
}

void breaker::close(monotonic now, bool with_ramp) {
  window_.clear();
  consecutive_ = 0;
  const bool ramps = with_ramp && ramp_.count() > 0;
  if (!ramps) openings_ = 0;
  ramp_from_.store(count(now), std::memory_order_relaxed);
  change(breaker_state::closed, breaker_override::none, ramps ? ramping : 0);
}

void breaker::force(breaker_override o, monotonic now) {
  std::optional<breaker_event> happened;
  {
    const std::lock_guard hold{lock_};
    const auto c = control_.load(std::memory_order_relaxed);
    const auto before = forced_of(c);
    if (before == o) return;
    close(now, false);
    told_would_trip_ = false;
    if (o != breaker_override::none) {
      change(breaker_state::closed, o);
    } else if (before == breaker_override::forced_open) {
      change(breaker_state::half_open);
      probes_.begin(window_.lend());
    }
    happened = event(breaker_event_kind::forced, state_of(c), now);
  }
  notify(happened);
}

result<void> breaker::restore(const exported_breaker& s, monotonic now) {
  const auto wrong = [](const char* text, const char* field) { return error{code::invalid_argument, text}.at(field); };
  const bool is_closed = s.state == breaker_state::closed;
  const nanoseconds longest =
      is_closed ? ramp_
                : open_for_at_most_ +
                      nanoseconds{static_cast<std::int64_t>(static_cast<double>(open_for_at_most_.count()) * jitter_)};
  if (s.state > breaker_state::half_open) return wrong("expected closed, open or half_open", "state");
  if (s.forced > breaker_override::observe_only) return wrong("unknown override", "forced");
  if (s.openings < 0) return wrong("must not be negative", "openings");
  if (s.remaining < nanoseconds{0} || s.remaining > longest) return wrong("longer than the options allow", "remaining");
  std::optional<breaker_event> happened;
  {
    const std::lock_guard hold{lock_};
    const auto before = state_of(control_.load(std::memory_order_relaxed));
    close(now, false);
    told_would_trip_ = false;
    openings_ = s.openings;
    if (s.forced != breaker_override::none) {
      change(breaker_state::closed, s.forced);
    } else if (is_closed) {
      ramp_from_.store(count(now - (ramp_ - s.remaining.count())), std::memory_order_relaxed);
      change(breaker_state::closed, breaker_override::none, s.remaining > nanoseconds{0} ? ramping : 0);
    } else {
      open_until_.store(count(add_saturating(now, s.remaining)), std::memory_order_relaxed);
      change(breaker_state::open);
    }
    happened = event(breaker_event_kind::restored, before, now);
  }
  notify(happened);
  return {};
}

// --- reports ---------------------------------------------------------------------------------------------------------

void breaker::notify(const std::optional<breaker_event>& e) const {
  if (e && listener_) listener_(*e);
}

// SplitMix64 (Steele, Lea and Flood, 2014) of the seed and the number of the draw: 0 to 1, without 1.
double breaker::draw() noexcept {
  auto z = seed_ + 0x9e3779b97f4a7c15ull * (draws_.fetch_add(1, std::memory_order_relaxed) + 1);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

void breaker::measure(breaker_state s, double& failure_rate, double& slow_rate, std::uint64_t& calls) const {
  if (s == breaker_state::half_open) {
    calls = static_cast<std::uint64_t>(probes_.counted());
    failure_rate = share(static_cast<std::uint64_t>(probes_.failures()), calls);
    slow_rate = share(static_cast<std::uint64_t>(probes_.slow()), calls);
  } else {
    calls = window_.calls();
    failure_rate = share(window_.failures(), calls);
    slow_rate = share(window_.slow(), calls);
  }
}

breaker_event breaker::event(breaker_event_kind k, breaker_state before, monotonic now) const {
  const auto c = control_.load(std::memory_order_relaxed);
  breaker_event e{.kind = k, .before = before, .state = state_of(c), .forced = forced_of(c), .at = now};
  e.generation = c >> 8;
  e.refused = refused_.load(std::memory_order_relaxed);
  if (e.state == breaker_state::open) e.retry_at = at(open_until_.load(std::memory_order_relaxed));
  measure(e.state, e.failure_rate, e.slow_rate, e.calls);
  return e;
}

breaker_snapshot breaker::snapshot(monotonic now) const {
  const std::lock_guard hold{lock_};
  const auto c = control_.load(std::memory_order_relaxed);
  breaker_snapshot s{.state = state_of(c), .forced = forced_of(c), .generation = c >> 8, .trips = trips_};
  s.refused = refused_.load(std::memory_order_relaxed);
  if (s.state == breaker_state::closed) window_.advance(now);
  measure(s.state, s.failure_rate, s.slow_rate, s.calls);
  if (s.state == breaker_state::open)
    s.retry_after = std::max(at(open_until_.load(std::memory_order_relaxed)) - now, nanoseconds{0});
  if (s.state != breaker_state::closed || s.forced == breaker_override::forced_open) {
    s.admitted = 0;
  } else if (is_in_ramp(now)) {
    const auto past = now - at(ramp_from_.load(std::memory_order_relaxed));
    s.admitted = std::max(0.0, static_cast<double>(past.count()) / static_cast<double>(ramp_.count()));
  }
  return s;
}

exported_breaker breaker::export_state(monotonic now) const {
  const std::lock_guard hold{lock_};
  const auto c = control_.load(std::memory_order_relaxed);
  exported_breaker e{.state = state_of(c), .forced = forced_of(c), .openings = openings_};
  if (e.state == breaker_state::half_open)
    e.state = breaker_state::open;
  else if (e.state == breaker_state::open)
    e.remaining = std::max(at(open_until_.load(std::memory_order_relaxed)) - now, nanoseconds{0});
  else if (is_in_ramp(now))
    e.remaining = ramp_ - std::max(now - at(ramp_from_.load(std::memory_order_relaxed)), nanoseconds{0});
  return e;
}

}  // namespace banyan
