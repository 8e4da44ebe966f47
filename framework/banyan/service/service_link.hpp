// The way of a service's handlers to another service. What stands in the middle of it (nothing, a retry, a breaker, a
// hedge) is decided by whoever declares the link; a handler only asks.
//
// A link without a middle says where a request goes (`direct`), and the call costs no more than one to an actor. A link
// with a middle answers nobody there, and runs as a coroutine of the handler that asks: it sees the operation, so it
// knows whether it may send it twice, and it ends with its handler, or when the handler gives up.
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
  // The most that a call may take, never beyond the caller's own deadline.
  virtual timespan deadline() const = 0;
  // Where this request goes when nothing is in the middle; nobody: it goes through ask(), unless has_middle() is false,
  // in which case nobody answers it.
  virtual address direct(message& request) const = 0;
  virtual bool has_middle() const { return false; }
  // An answer, or an error. `what`: null for an operation that no plan names.
  virtual task<result<message_ptr>> ask(actor_host& host, const operation* what, message_ptr request,
                                        monotonic deadline);
};

// Nothing but a deadline.
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

// One awaited answer that comes through a link. The call starts when this is made, so several can be under way at once,
// and ends when it is destroyed (answer_awaiter, actor.hpp).
template <class T>
class [[nodiscard]] link_awaiter {
 public:
  // `until`: of this call, besides what the link and the message being handled allow.
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
  std::optional<task<result<message_ptr>>> middle_;  // under way in the task of whoever made this
};

}  // namespace banyan
