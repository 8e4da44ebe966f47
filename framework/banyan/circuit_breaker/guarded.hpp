// A circuit breaker around a callable.
//
//   breaker valve{{.min_calls = 10, .open_for = 5s}};
//   auto charge = guard(valve, clock, [&](int pence) { return acquirer.charge(pence); });
//   result<receipt> r = charge(1999);  // a receipt, the company's error, or "circuit_open"
//
// A refused call does not run the callable and ends with `unavailable`, reason "circuit_open", not applied, and
// `retry_after`. A callable that returns `result<T>` is judged by its value or error (outcome.hpp); one that returns
// a plain T or nothing is judged by whether it throws, and becomes a `result<T>`. An exception is a failure and leaves
// the call.
//
// What counts is declared by `.judged_by(f)`: a function of what the callable returns, of the exception (as a
// std::exception_ptr), or of both. `.or_else(f)` is a fallback: it is asked when a call was refused or has failed, with
// the error, and its result is the call's.
//
// `.within(800ms)` limits the lease of a probe. For a callable that is a coroutine, use breaker_call.hpp in its body.
// Thread-safe if the callable is. The breaker and the clock must outlive what `guard` returns.
#pragma once

#include <banyan/circuit_breaker/breaker_call.hpp>

#include <banyan/core/result.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

namespace banyan {

namespace detail {

template <class T>
struct guarded_result {
  using type = result<T>;
};
template <class T>
struct guarded_result<result<T>> {
  using type = result<T>;
};

template <class R>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<result<T>> = true;

struct default_judgement {
  template <class R>
  call_outcome operator()(const R& r) const {
    if constexpr (is_result<R>)
      return r ? call_outcome::success : outcome_of(r.error());
    else
      return call_outcome::success;
  }
};
struct no_fallback {};

}  // namespace detail

template <class F, class Judge = detail::default_judgement, class Fallback = detail::no_fallback>
class guarded {
 public:
  guarded(breaker& b, const clock& time, F f, Judge judge = {}, Fallback fallback = {},
          timespan limit = timespan::max())
      : breaker_{&b},
        time_{&time},
        limit_{limit},
        call_{std::move(f)},
        judge_{std::move(judge)},
        fallback_{std::move(fallback)} {}

  // A copy with another judgement, fallback or limit.
  template <class G>
  guarded<F, G, Fallback> judged_by(G judge) const {
    return {*breaker_, *time_, call_, std::move(judge), fallback_, limit_};
  }
  template <class H>
  guarded<F, Judge, H> or_else(H fallback) const {
    return {*breaker_, *time_, call_, judge_, std::move(fallback), limit_};
  }
  guarded within(timespan limit) const { return {*breaker_, *time_, call_, judge_, fallback_, limit}; }

  template <class... Args>
  requires std::invocable<F&, Args...>
  auto operator()(Args&&... args) -> typename detail::guarded_result<std::invoke_result_t<F&, Args...>>::type {
    using returned = std::invoke_result_t<F&, Args...>;
    using answer = typename detail::guarded_result<returned>::type;
    const auto now = time_->steady();
    breaker_call call{*breaker_, *time_, breaker_->acquire(now, add_saturating(now, limit_))};
    if (!call) return instead<answer>(call.refusal());
    try {
      if constexpr (std::is_void_v<returned>) {
        std::invoke(call_, std::forward<Args>(args)...);
        call.end(call_outcome::success);
        return answer{};
      } else {
        answer a{std::invoke(call_, std::forward<Args>(args)...)};
        const auto outcome = judge(a);
        call.end(outcome);
        if (!a && outcome == call_outcome::failure) return instead<answer>(std::move(a).error());
        return a;
      }
    } catch (...) {
      call.end(judge(std::current_exception()));
      throw;
    }
  }

 private:
  template <class Answer>
  call_outcome judge(const Answer& a) {
    if constexpr (std::same_as<Answer, std::exception_ptr>) {
      if constexpr (std::invocable<Judge&, std::exception_ptr> && !std::same_as<Judge, detail::default_judgement>)
        return std::invoke(judge_, a);
      else
        return call_outcome::failure;
    } else if constexpr (std::invocable<Judge&, const Answer&>) {
      return std::invoke(judge_, a);
    } else {
      return detail::default_judgement{}(a);
    }
  }
  template <class Answer>
  Answer instead(error e) {
    if constexpr (std::same_as<Fallback, detail::no_fallback>)
      return e;
    else
      return std::invoke(fallback_, std::as_const(e));
  }

  breaker* breaker_;
  const clock* time_;
  timespan limit_;
  [[no_unique_address]] F call_;
  [[no_unique_address]] Judge judge_;
  [[no_unique_address]] Fallback fallback_;
};

template <class F>
guarded<std::decay_t<F>> guard(breaker& b, const clock& time, F&& f) {
  return {b, time, std::forward<F>(f)};
}

}  // namespace banyan
