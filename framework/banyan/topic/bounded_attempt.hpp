// One delivery attempt of an event: an awaiter that runs the handler as a task of its own on the hosting actor, with
// its own context. The deadline is that of every request that the handler sends. When it passes, the handler's
// coroutine is destroyed, with everything that it awaits.
//
//   auto ended = co_await bounded_attempt{self(), std::move(context), 30s, handler(...)};
//   if (ended.is_late) ...
//
// A handler that computes or blocks its thread is not interrupted: hangs are detected at the process level
// (process_supervision).
#pragma once

#include <banyan/actor/actor.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace banyan {

// Not copyable or movable: it lives in the frame of the awaiting coroutine. The constructor starts the attempt.
class [[nodiscard]] bounded_attempt {
 public:
  struct ending {
    std::optional<result<done>> answer;  // of the handler; none: it threw or was late
    std::exception_ptr thrown = {};
    bool is_late = false;
  };

  bounded_attempt(actor_host& host, context_ptr context, timespan within, task<result<done>> handler)
      : host_{host}, state_{std::make_shared<state>()} {
    auto envelope = make_message<bearer>();
    envelope->deadline = host.until(within);
    envelope->context = std::move(context);
    auto owned = std::make_unique<attempt>(host, std::move(envelope), std::move(handler), state_);
    auto& begun = *owned;
    host.adopt(std::move(owned));
    begun.begin();
  }
  bounded_attempt(const bounded_attempt&) = delete;
  bounded_attempt& operator=(const bounded_attempt&) = delete;
  ~bounded_attempt() { state_->waiter = {}; }

  bool await_ready() const noexcept { return state_->is_over; }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    state_->waiter = h;
    state_->waiting_task = host_.current_task();
  }
  ending await_resume() noexcept { return std::move(state_->how); }

 private:
  struct bearer {};  // message type of an envelope that only carries deadline and context, and is never sent
  struct state {
    bool is_over = false;
    ending how;
    std::coroutine_handle<> waiter;
    detail::running_task* waiting_task = nullptr;
  };

  class attempt final : public detail::running_task, private call_table::waiter {
   public:
    attempt(actor_host& host, message_ptr envelope, task<result<done>> handler, std::shared_ptr<state> to)
        : running_task{std::move(envelope)}, host_{host}, handler_{std::move(handler)}, to_{std::move(to)} {}
    ~attempt() override {
      if (timer_) host_.cancel(timer_);
    }
    void start() override {}  // see begin(): deadline and context apply only once the host has adopted the task
    void begin() {
      timer_ = host_.expect(*this, request()->deadline);
      host_.resume(*this, handler_->handle());
    }
    bool is_done() const override { return !handler_ || handler_->is_done(); }
    void finish() override {
      to_->is_over = true;
      if (!handler_) {
        to_->how.is_late = true;
      } else {
        try {
          to_->how.answer = handler_->take();
        } catch (...) {
          to_->how.thrown = std::current_exception();
        }
      }
      if (auto waiter = std::exchange(to_->waiter, {})) host_.resume(*to_->waiting_task, waiter);
    }

   private:
    void complete(message_ptr) override {
      timer_ = 0;
      handler_.reset();
      host_.resume(*this, std::noop_coroutine());  // no coroutine to resume: only has the host finish this task
    }
    actor_host& host_;
    std::optional<task<result<done>>> handler_;
    std::shared_ptr<state> to_;
    std::uint64_t timer_ = 0;
  };

  actor_host& host_;
  std::shared_ptr<state> state_;
};

}  // namespace banyan
