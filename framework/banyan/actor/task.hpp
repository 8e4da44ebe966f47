// `task<T>`: a handler that waits. A coroutine that runs on its actor, suspends at `co_await` without blocking a thread, and is
// destroyed with its actor: when the actor crashes or stops, everything it waited for is cancelled and its request is answered.
//
//   task<result<charged>> charge(const charge_order& m) {
//     result<card> c = co_await self().ask<card>(vault_, get_card{m.customer});   // no: see below
//   }
//
// g++ 12.2 miscompiles an aggregate temporary that owns memory inside a co_await expression (it is destroyed twice). So an ask builds
// its message from arguments, `ask<get_card>(vault_, m.customer)`, or takes a named one; give a sub-task named variables, never
// `co_await sub(thing{...})` (a test looks for it).
//
// While a task waits, its actor handles other messages: re-check what you read before the `co_await`.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace banyan {

template <class T>
class [[nodiscard]] task;

namespace detail {

struct promise_base {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr thrown;

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) noexcept {
      return h.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  final_awaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() { thrown = std::current_exception(); }
};

template <class T>
struct promise : promise_base {
  std::optional<T> value;
  task<T> get_return_object();
  template <class U>
    requires std::convertible_to<U, T>
  void return_value(U&& u) {
    value.emplace(std::forward<U>(u));
  }
  T take() {
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*value);
  }
};

template <>
struct promise<void> : promise_base {
  task<void> get_return_object();
  void return_void() {}
  void take() {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::promise<T>;
  using value_type = T;

  task(task&& other) noexcept : handle_{std::exchange(other.handle_, {})} {}
  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  // Waiting for a sub-task runs it at once.
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().continuation = caller;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

  bool is_done() const noexcept { return handle_.done(); }
  void resume() { handle_.resume(); }
  T take() { return handle_.promise().take(); }

 private:
  friend promise_type;
  explicit task(std::coroutine_handle<promise_type> h) noexcept : handle_{h} {}
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
task<T> detail::promise<T>::get_return_object() {
  return task<T>{std::coroutine_handle<promise<T>>::from_promise(*this)};
}
inline task<void> detail::promise<void>::get_return_object() { return task<void>{std::coroutine_handle<promise<void>>::from_promise(*this)}; }

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

}  // namespace banyan
