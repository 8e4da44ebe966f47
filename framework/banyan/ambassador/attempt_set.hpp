// The attempts of one call that are under way at the same time, awaited together: the first one, and hedged ones. Used
// by one task of one actor.
//
//   attempt_set attempts{host};
//   attempts.start(0, receiver, request, limit);            // an actor of this node
//   attempts.start(1, transport, endpoint, what, other, limit);   // another node, or an HTTP API
//   auto first = co_await attempts.next(until);             // the slot that has finished; none: `until` passed
//   auto answer = attempts.take(*first);
//
// Destroying the set, or give_up(), cancels what is under way, and tells the callee where that is possible.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/transport/transport.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

namespace banyan {

class attempt_set {
 public:
  static constexpr std::size_t most = 3;

  explicit attempt_set(actor_host& host) : host_{host}, slots_{slot{*this}, slot{*this}, slot{*this}}, alarm_{*this} {}
  ~attempt_set();
  attempt_set(const attempt_set&) = delete;
  attempt_set& operator=(const attempt_set&) = delete;

  // Slot `i` must not be under way.
  void start(std::size_t i, const address& to, message_ptr request, monotonic limit);
  void start(std::size_t i, transport& by, const endpoint& to, const operation& what, const message& request,
             monotonic limit);
  void give_up(std::size_t i);
  bool is_under_way(std::size_t i) const { return slots_[i].call != 0; }

  // Awaits the next attempt to finish: its slot, or nothing when `until` has passed first.
  auto next(monotonic until) {
    wait_until(until);
    return awaiter{*this};
  }
  result<message_ptr> take(std::size_t i);

 private:
  struct slot final : call_table::waiter {
    explicit slot(attempt_set& s) : set{s} {}
    void complete(message_ptr answer) override;
    void expire(message_ptr failure) override;
    attempt_set& set;
    std::uint64_t call = 0;  // 0: not under way
    message_ptr answer;
    context_ptr context;     // needed by give_up()
    address to;
    std::unique_ptr<transport::attempt> remote;
  };
  struct alarm final : call_table::waiter {
    explicit alarm(attempt_set& s) : set{s} {}
    void complete(message_ptr) override;
    attempt_set& set;
    std::uint64_t call = 0;
  };
  struct awaiter {
    attempt_set& set;
    bool await_ready() const noexcept { return set.finished() || set.is_late_; }
    void await_suspend(std::coroutine_handle<> h) noexcept {
      set.handle_ = h;
      set.task_ = set.host_.current_task();
    }
    std::optional<std::size_t> await_resume() noexcept {
      set.stop_alarm();
      return set.finished();
    }
  };

  std::optional<std::size_t> finished() const noexcept;
  void wait_until(monotonic until);
  void stop_alarm() noexcept;
  void wake();

  actor_host& host_;
  std::array<slot, most> slots_;
  alarm alarm_;
  bool is_late_ = false;
  std::coroutine_handle<> handle_;
  detail::running_task* task_ = nullptr;
};

}  // namespace banyan
