// `task<T>`: a handler that waits, as a coroutine of its actor. `co_await` suspends it without blocking a thread. It
// is destroyed with its actor: after a crash or stop all its waits are cancelled and its request is answered.
//
//   task<result<std::string>> card_of(std::string customer) {
//     co_return co_await self().ask<get_card>(vault_, 1s, customer);   // get_card{customer} is built inside the call
//   }
//
// While a task waits, its actor handles other messages: check again what was read before the `co_await`.
//
// g++ 12 miscompiles some expressions that contain a `co_await`: a temporary is destroyed twice, which ends the
// process. Put these into a variable on the line before:
//   - an aggregate temporary that owns memory: `ask<pay>(to, 1s, money{1999, "GBP"})`, `sub(thing{...})`,
//     `sub({...})`, a default argument. In `ask` it does not compile; tests/coroutines/lint finds the others in our
//     own sources
//   - a temporary lambda that captures by value something that owns memory
//   - `thing t{co_await f(), ...}` of an aggregate; `c ? co_await f() : g`; `switch (co_await f())`
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
class task;

namespace detail {

struct promise_base {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  bool runs_in_await = false;  // the one who awaits it is not suspended yet, and goes on by itself
  std::exception_ptr thrown;

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) noexcept {
      const promise_base& p = h.promise();
      return p.runs_in_await ? std::noop_coroutine() : p.continuation;
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
  void return_value(U&& u) {
    static_assert(std::convertible_to<U, T>,
                  "co_return has a value of another type than the task: task<T> takes a T, or what converts to it");
    value.emplace(std::forward<U>(u));
  }
  T take() {
    if (thrown) std::rethrow_exception(thrown);
    if (!value) throw std::logic_error{"a coroutine ended without co_return: each of its ways needs one"};
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

// False for a type whose temporary may be an aggregate that owns memory. std::move(a_variable) looks the same here:
// use give().
template <class A>
inline constexpr bool is_safe_in_co_await =
    std::is_lvalue_reference_v<A> || !std::is_aggregate_v<std::remove_cvref_t<A>> || std::is_trivially_destructible_v<std::remove_cvref_t<A>>;

template <class T>
struct given {
  T& variable;
};
template <class A>
inline constexpr bool is_given = false;
template <class T>
inline constexpr bool is_given<given<T>> = true;

// std::forward<A>(a), or the variable passed by give().
template <class A>
constexpr decltype(auto) argument(std::remove_reference_t<A>& a) noexcept {
  if constexpr (is_given<std::remove_cvref_t<A>>)
    return std::move(a.variable);
  else
    return static_cast<A&&>(a);
}

}  // namespace detail

// Moves a variable into an ask: `co_await self().ask<store>(to, 1s, give(document))`. Like std::move, but only for
// variables.
template <class T>
detail::given<T> give(T& variable) noexcept {
  return {variable};
}
template <class T>
auto give(const T&&) {
  static_assert(std::is_void_v<T>,
                "give() moves a variable: give this value a name on the line before, and pass give(name)");
}

template <class T>
class [[nodiscard("a task does nothing until it is awaited: write co_await before the call")]] task {
 public:
  using promise_type = detail::promise<T>;
  using value_type = T;

  // A plain `return` in a function that should be a coroutine.
  template <class U>
    requires std::convertible_to<U, T>
  task(U&&) {
    static_assert(!std::convertible_to<U, T>,
                  "a function that returns a task is a coroutine: write `co_return value`, not `return value`");
  }
  task(task&& other) noexcept : handle_{std::exchange(other.handle_, {})} {}
  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  // Awaiting a sub-task starts it at once. It is resumed here, not by symmetric transfer: that is a call where the
  // compiler makes no tail call of it (-O0, sanitizers), and a loop over sub-tasks that end without waiting then needs
  // stack for each of them. The price: nested sub-tasks need stack until the first wait, as nested functions do.
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) noexcept {
    auto& p = handle_.promise();
    p.continuation = caller;
    p.runs_in_await = true;
    handle_.resume();
    p.runs_in_await = false;
    return !handle_.done();
  }
  T await_resume() { return handle_.promise().take(); }

  // For a task that was resumed before it is awaited: `h` is resumed when the task is done.
  void continue_with(std::coroutine_handle<> h) noexcept { handle_.promise().continuation = h; }

  std::coroutine_handle<> handle() const noexcept { return handle_; }
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
