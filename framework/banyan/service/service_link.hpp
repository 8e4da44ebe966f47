// A link carries the calls of a service's handlers to another service. Its declaration decides whether the calls are
// intercepted (by retries, a circuit breaker, hedged requests); the handler's code is the same.
//
// A link without an interceptor (has_middle() is false) returns the receiver from `direct`, and a call costs no more
// than one to an actor. A link with an interceptor returns a null address there, and runs each call as a coroutine of
// the calling handler: it sees the operation, so it knows whether a retry is allowed, and it ends with its handler, or
// when the handler gives up.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/service/directory.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace banyan {

class service_link {
 public:
  virtual ~service_link() = default;
  // The longest time of a call; the caller's own deadline also applies.
  virtual timespan deadline() const = 0;
  // The receiver, if the link has no interceptor. Null: use ask(); if has_middle() is false, there is no receiver.
  virtual address direct(message& request) const = 0;
  virtual bool has_middle() const { return false; }
  // An answer or an error. `what`: null for an operation not declared in a plan.
  virtual task<result<message_ptr>> ask(actor_host& host, const operation* what, message_ptr request,
                                        monotonic deadline);
};

// A link with a deadline only.
class plain_link final : public service_link {
 public:
  plain_link(const directory& where, timespan deadline) : where_{where}, deadline_{deadline} {}
  timespan deadline() const override { return deadline_; }
  address direct(message& request) const override {
    const auto* e = where_.find(request.type);
    return e ? e->for_message(request) : address{};
  }

 private:
  const directory& where_;
  timespan deadline_;
};

// Awaits one answer through a link. The call starts when this is made, so several can run concurrently, and is given
// up when this is destroyed (answer_awaiter, awaiters.hpp).
template <class T>
class [[nodiscard("a call is given up when it is not awaited: write co_await before it")]] link_awaiter {
 public:
  // `until`: deadline of this call, in addition to those of the link and of the message being handled.
  link_awaiter(actor_host& host, service_link& through, const directory& where, message_ptr request,
               monotonic until = monotonic::max())
      : host_{host} {
    const auto limit = std::min(until, host.until(through.deadline()));
    if (through.has_middle()) {
      const auto* answered = where.find(request->type);
      const auto* what = answered ? answered->of : nullptr;
      middle_.emplace(through.ask(host, what, std::move(request), std::min(limit, host.deadline())));
      middle_->resume();
    } else {
      const auto to = through.direct(*request);
      direct_.emplace(host, to, std::move(request), limit);
    }
  }
  link_awaiter(const link_awaiter&) = delete;
  link_awaiter& operator=(const link_awaiter&) = delete;

  // A result is had by co_await only.
  template <class R>
    requires detail::is_result<R>
  operator R() const {
    static_assert(!detail::is_result<R>, "the answer of a call is awaited: write co_await before it");
  }

  bool await_ready() const noexcept { return middle_ ? middle_->is_done() : direct_->await_ready(); }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    if (middle_)
      middle_->continue_with(h);
    else
      direct_->await_suspend(h);
  }
  result<T> await_resume() {
    if (!middle_) return direct_->await_resume();
    auto answer = middle_->take();
    if (!answer) return std::move(answer.error());
    host_.has_seen((*answer)->position);
    return detail::take_answer<T>(*answer);
  }

 private:
  actor_host& host_;
  std::optional<answer_awaiter<T>> direct_;
  std::optional<task<result<message_ptr>>> middle_;  // runs in the task of the caller
};

}  // namespace banyan
