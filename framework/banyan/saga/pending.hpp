// Requests of a saga that are under way: `pending<T>` and what is awaited of several.
//
//   auto approval = ctx.event<payment_approved>("approval");
//   auto deadline = ctx.timer(15min);
//   if (co_await ctx.first(approval, deadline) == 1) co_return error{code::refused, "too late"};
//   result<payment_approved> answer = approval.get();
//
// A handle may be copied, kept in a vector and awaited more than once: it is two words, and owns nothing. The answer of
// a step is its recorded outcome; that of a timer or an event is an error when the saga was cancelled meanwhile.
//
// An event is taken when its handle is awaited and gets it (alone, in `all`, or as the one that `first` returns), or by
// get(). A handle that lost a race has taken nothing.
#pragma once

#include <banyan/saga/machine.hpp>

#include <array>
#include <coroutine>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace banyan {

// What a timer answers.
struct timer_fired {};
BOOST_DESCRIBE_STRUCT(timer_fired, (), ())

class pending_base {
 public:
  pending_base(saga_machine& m, int number) noexcept : machine_{&m}, number_{number} {}
  // Whether awaiting it would not wait.
  bool is_ready() const { return machine_->would_be_there(number_); }
  int number() const noexcept { return number_; }
  saga_machine& machine() const noexcept { return *machine_; }

 private:
  saga_machine* machine_;
  int number_;  // 0: not begun, because the saga was stopped
};

namespace detail {

template <class T>
result<T> answer_of(const pending_base& p) {
  const auto& answer = p.machine().answer_of(p.number());
  if (!answer.value) return answer.failure;
  if constexpr (std::is_same_v<T, timer_fired>)
    return timer_fired{};
  else
    return *static_cast<const T*>(answer.value.get());
}

template <class T>
class pending_awaiter {
 public:
  explicit pending_awaiter(const pending_base& p) noexcept : pending_{p}, number_{p.number()} {}
  bool await_ready() const { return pending_.machine().is_there({&number_, 1}, false); }
  void await_suspend(std::coroutine_handle<> h) const { pending_.machine().suspend(h, {&number_, 1}, false); }
  result<T> await_resume() const { return answer_of<T>(pending_); }

 private:
  pending_base pending_;
  int number_;
};

template <class T>
std::vector<int> numbers_of(const std::vector<T>& all) {
  std::vector<int> numbers;
  numbers.reserve(all.size());
  for (const pending_base& p : all) numbers.push_back(p.number());
  return numbers;
}

}  // namespace detail

template <class T>
class [[nodiscard("a step, timer or event whose answer is not wanted: write (void) before it")]] pending
    : public pending_base {
 public:
  using value_type = T;
  using pending_base::pending_base;
  // The answer, which must be there: is_ready(), or awaited before.
  result<T> get() const { return detail::answer_of<T>(*this); }
  // For co_await.
  auto saga_awaiter() const noexcept { return detail::pending_awaiter<T>{*this}; }
};

class timer_handle : public pending<timer_fired> {
 public:
  using pending<timer_fired>::pending;
  // It is not wanted any more: it does not fire, and counts for no limit.
  void drop() const { machine().drop_timer(number()); }
};

// All of them, whatever their outcome; results in the order of the handles.
template <class T>
class all_of_many {
 public:
  all_of_many(saga_machine& m, const std::vector<pending<T>>& all)
      : machine_{&m}, all_{&all}, numbers_{detail::numbers_of(all)} {}
  bool await_ready() const { return machine_->is_there(numbers_, false); }
  void await_suspend(std::coroutine_handle<> h) const { machine_->suspend(h, numbers_, false); }
  std::vector<result<T>> await_resume() const {
    std::vector<result<T>> results;
    results.reserve(all_->size());
    for (const auto& p : *all_) results.push_back(p.get());
    return results;
  }
  auto saga_awaiter() const { return *this; }

 private:
  saga_machine* machine_;
  const std::vector<pending<T>>* all_;
  std::vector<int> numbers_;
};

template <class... T>
class all_of_some {
 public:
  all_of_some(saga_machine& m, const pending<T>&... all) : machine_{&m}, all_{all...}, numbers_{all.number()...} {}
  bool await_ready() const { return machine_->is_there(numbers_, false); }
  void await_suspend(std::coroutine_handle<> h) const { machine_->suspend(h, numbers_, false); }
  std::tuple<result<T>...> await_resume() const {
    return std::apply([](const auto&... p) { return std::tuple<result<T>...>{p.get()...}; }, all_);
  }
  auto saga_awaiter() const { return *this; }

 private:
  saga_machine* machine_;
  std::tuple<pending<T>...> all_;
  std::array<int, sizeof...(T)> numbers_;
};

// The index of the one that was there first.
class first_of_many {
 public:
  first_of_many(saga_machine& m, std::vector<int> numbers) : machine_{&m}, numbers_{std::move(numbers)} {}
  bool await_ready() const { return machine_->is_there(numbers_, true); }
  void await_suspend(std::coroutine_handle<> h) const { machine_->suspend(h, numbers_, true); }
  std::size_t await_resume() const { return machine_->first_of(numbers_); }
  auto saga_awaiter() const { return *this; }

 private:
  saga_machine* machine_;
  std::vector<int> numbers_;
};

}  // namespace banyan
