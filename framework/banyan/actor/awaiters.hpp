// Awaiters for an actor's coroutines: of an answer, of a port's completion, of a time. Include actor.hpp instead.
#pragma once

#include <banyan/actor/actor.hpp>

namespace banyan {

// Awaits the answer to one call. The call starts when the awaiter is made, so several can run concurrently:
//
//   auto stock = self().ask<get_stock>(inventory_, 1s, sku);
//   auto price = self().ask<get_price>(catalog_, 1s, sku);
//   result<stock_level> s = co_await stock;
//   result<money> p = co_await price;
//
// Neither copied nor moved: it lives in the coroutine frame. Destroyed unanswered, or at its deadline, it gives the
// call up: the callee is notified when the request has a context of its own (give_up(), message.hpp).
template <class T>
class [[nodiscard("a call is given up when it is not awaited: write co_await before it")]] answer_awaiter final
    : private call_table::waiter {
 public:
  answer_awaiter(actor_host& host, const address& to, message_ptr request, monotonic limit) : host_{host} {
    if (request->context && request->context->is_of_one_request) context_ = request->context, to_ = to;
    call_ = host.call(to, std::move(request), *this, limit);
  }
  template <class Start>
  answer_awaiter(actor_host& host, Start& start, monotonic limit) : host_{host}, call_{host.expect(*this, limit)} {
    try {
      start(completion<T>{
          [to = host.me(), id = call_](result<T> r) { deliver(to, detail::make_answer(id, std::move(r))); }});
    } catch (...) {
      host.cancel(call_);  // a constructor that throws runs no destructor
      throw;
    }
  }
  answer_awaiter(const answer_awaiter&) = delete;
  answer_awaiter& operator=(const answer_awaiter&) = delete;
  ~answer_awaiter() {
    if (!call_) return;
    host_.cancel(call_);
    if (context_) give_up(to_, context_);
  }

  bool await_ready() const noexcept { return static_cast<bool>(answer_); }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    handle_ = h;
    task_ = host_.current_task();
  }
  result<T> await_resume() {
    host_.has_seen(answer_->position);
    return detail::take_answer<T>(answer_);
  }

 private:
  void complete(message_ptr answer) override {
    call_ = 0;
    answer_ = std::move(answer);
    if (handle_) host_.resume(*task_, handle_);
  }
  void expire(message_ptr failure) override {
    if (context_) give_up(to_, context_);
    complete(std::move(failure));
  }
  actor_host& host_;
  std::uint64_t call_ = 0;
  std::coroutine_handle<> handle_;
  detail::running_task* task_ = nullptr;
  message_ptr answer_;
  context_ptr context_;  // set for a request with its own context: needed by give_up()
  address to_;
};

class [[nodiscard("a sleep ends at once when it is not awaited: write co_await before it")]] sleep_awaiter final
    : private call_table::waiter {
 public:
  sleep_awaiter(actor_host& host, monotonic until) : host_{host}, call_{host.expect(*this, until)} {}
  sleep_awaiter(const sleep_awaiter&) = delete;
  sleep_awaiter& operator=(const sleep_awaiter&) = delete;
  ~sleep_awaiter() {
    if (call_) host_.cancel(call_);
  }
  bool await_ready() const noexcept { return call_ == 0; }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    handle_ = h;
    task_ = host_.current_task();
  }
  void await_resume() const noexcept {}

 private:
  void complete(message_ptr) override {
    call_ = 0;
    if (handle_) host_.resume(*task_, handle_);
  }
  actor_host& host_;
  std::uint64_t call_;
  std::coroutine_handle<> handle_;
  detail::running_task* task_ = nullptr;
};

template <class M, class... Args>
answer_awaiter<typename M::reply> actor_host::ask(const address& to, timespan limit, Args&&... args) {
  static_assert((detail::is_safe_in_co_await<Args> && ...),
                "give this argument a name on the line before and pass that (to move it: give(name)): g++ 12 destroys "
                "an aggregate temporary "
                "that owns memory twice when it is made inside a co_await expression");
  return {*this, to, make_message<M>(detail::argument<Args>(args)...), until(limit)};
}
template <class F>
void actor_host::answer_by(message_ptr request, F handle) {
  using value = typename std::invoke_result_t<F&, message&>::value_type;
  auto root = std::make_unique<detail::task_root<value>>(std::move(request));
  root->task_.emplace(handle(*root->request()));
  adopt(std::move(root));
}
template <class R>
answer_awaiter<R> actor_host::ask_message(const address& to, timespan limit, message_ptr request) {
  return {*this, to, std::move(request), until(limit)};
}
template <class T, class Start>
answer_awaiter<T> actor_host::wait_for(timespan limit, Start&& start) {
  static_assert(std::is_lvalue_reference_v<Start> || std::is_trivially_destructible_v<Start>,
                "give this function a name on the line before and pass that, or capture by reference: g++ 12 destroys "
                "a lambda with captures "
                "of its own twice when it is made inside a co_await expression");
  return {*this, start, until(limit)};
}
inline sleep_awaiter actor_host::sleep(timespan d) { return {*this, until(d)}; }

}  // namespace banyan
