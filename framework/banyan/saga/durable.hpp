// `durable<T>`: a coroutine of a saga. It is rebuilt after a crash by running it again on what was recorded, so it must
// do the same whenever it is given the same answers.
//
//   auto reserved = co_await reserve_all(ctx, e);  // durable<result<std::int64_t>> reserve_all(checkout_context&, ...)
//
// It awaits steps, timers and events of its saga and other durable functions; anything else does not compile. Rules
// that no compiler checks:
//   - no clock, no random numbers, no settings, no globals: ctx.now(), ctx.random(), ctx.remember()
//   - no iteration over unordered containers, no decision by an address, none by a floating-point number
//   - two requests in one expression begin in an order that differs by compiler: give each a line of its own
//   - its variables are destroyed whenever the saga is put to sleep: their destructors must have no effect
// The traps of g++ 12 are those of a task (actor/task.hpp).
//
// Awaiting a durable function runs it at once, inside the await, so that the stack does not grow with the number of
// functions that end without waiting: symmetric transfer is no tail call at -O0 and under sanitizers.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace banyan {

template <class T>
class durable;

namespace detail {

template <class A>
inline constexpr bool is_durable = false;
template <class T>
inline constexpr bool is_durable<durable<T>> = true;

// Pending requests, and `all` and `first` of them.
template <class A>
concept saga_wait = requires(const A& a) { a.saga_awaiter(); };

template <class T>
class durable_awaiter {
 public:
  explicit durable_awaiter(durable<T>& inner) noexcept : inner_{&inner} {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) const { return inner_->run_inside(caller); }
  T await_resume() const { return inner_->take(); }

 private:
  durable<T>* inner_;
};

class saga_promise_base {
 public:
  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) const noexcept {
      const saga_promise_base& p = h.promise();
      return p.is_inside_ ? std::noop_coroutine() : p.continuation_;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() { thrown_ = std::current_exception(); }

  // One template, as g++ 12 takes constrained overloads for ambiguous.
  template <class A>
  auto await_transform(A&& a) noexcept {
    using awaited = std::remove_cvref_t<A>;
    if constexpr (is_durable<awaited>) {
      static_assert(!std::is_lvalue_reference_v<A>,
                    "a durable function is awaited where it is called: write co_await before the call");
      return durable_awaiter{a};
    } else if constexpr (saga_wait<awaited>) {
      return a.saga_awaiter();
    } else {
      static_assert(saga_wait<awaited>,
                    "a saga awaits its own steps, timers, events and durable functions, and nothing else: a task or a "
                    "sleep would be gone after a restart; ask through ctx.ask<api, operation>(...), wait with "
                    "ctx.timer(...)");
      return std::suspend_never{};
    }
  }

 protected:
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  template <class T>
  friend class banyan::durable;
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
  bool is_inside_ = false;  // runs within await_suspend of its caller
  std::exception_ptr thrown_;
};

template <class T>
class saga_promise : public saga_promise_base {
 public:
  durable<T> get_return_object();
  template <class U>
  void return_value(U&& u) {
    if constexpr (requires { u.committed(); }) {
      static_assert(std::constructible_from<T, decltype(u.committed())>,
                    "again() is returned by a saga, whose durable<result<...>> can hold it");
      value_.emplace(u.committed());
    } else {
      static_assert(std::convertible_to<U, T>,
                    "co_return has a value of another type than the durable function: durable<T> takes a T, or what "
                    "converts to it");
      value_.emplace(std::forward<U>(u));
    }
  }
  T take() {
    rethrow();
    if (!value_) throw std::logic_error{"a durable function ended without co_return: each of its ways needs one"};
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class saga_promise<void> : public saga_promise_base {
 public:
  durable<void> get_return_object();
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace detail

template <class T>
class [[nodiscard("a durable function does nothing until it is awaited: write co_await before the call")]] durable {
 public:
  using promise_type = detail::saga_promise<T>;
  using value_type = T;

  // A plain `return` in a function that should be a coroutine.
  template <class U>
    requires(!std::is_void_v<T> && std::convertible_to<U, T>)
  durable(U&&) {
      static_assert(!std::convertible_to<U, T>,
                    "a function that returns a durable is a coroutine: write `co_return value`, not `return value`");
  }
  durable(durable&& other) noexcept : handle_{std::exchange(other.handle_, {})} {}
  durable& operator=(durable&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~durable() {
    if (handle_) handle_.destroy();
  }

  void resume() { handle_.resume(); }
  bool is_done() const noexcept { return handle_.done(); }
  T take() { return handle_.promise().take(); }  // throws what the function threw

 private:
  friend promise_type;
  friend class detail::durable_awaiter<T>;
  explicit durable(std::coroutine_handle<promise_type> h) noexcept : handle_{h} {}

  // Whether the caller must wait.
  bool run_inside(std::coroutine_handle<> caller) {
    detail::saga_promise_base& p = handle_.promise();
    p.continuation_ = caller;
    p.is_inside_ = true;
    handle_.resume();
    if (handle_.done()) return false;
    p.is_inside_ = false;
    return true;
  }

  std::coroutine_handle<promise_type> handle_;
};

template <class T>
durable<T> detail::saga_promise<T>::get_return_object() {
  return durable<T>{std::coroutine_handle<saga_promise<T>>::from_promise(*this)};
}
inline durable<void> detail::saga_promise<void>::get_return_object() {
  return durable<void>{std::coroutine_handle<saga_promise<void>>::from_promise(*this)};
}

}  // namespace banyan
