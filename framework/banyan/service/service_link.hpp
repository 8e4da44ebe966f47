// A link carries the calls of a service's handlers to another service. Its declaration decides whether the calls are
// recorded or intercepted (by retries, a circuit breaker, hedged requests); the handler's code is the same.
//
// Three modes, from cheap to powerful:
//   direct       the link returns the receiver, and a call costs no more than one to an actor
//   observed     the link admits each call and is told its answer. A call to an actor of this node that succeeds at the
//                first attempt needs neither a coroutine nor memory; any other goes on as a coroutine of the link
//   intercepted  each call runs as a coroutine of the link in the task of the calling handler. It ends with its
//                handler, or when the handler gives up
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/service/directory.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace banyan {

enum class link_mode : std::uint8_t { direct, observed, intercepted };

// A copy of a request for another attempt. A small one needs no memory of its own.
class kept_request {
 public:
  kept_request() noexcept {}  // not defaulted: room_ is not set to zero
  kept_request(const kept_request&) = delete;
  kept_request& operator=(const kept_request&) = delete;
  ~kept_request() { drop(); }

  explicit operator bool() const noexcept { return codec_ != nullptr; }
  void keep(const message_codec& codec, const message& request) {
    if (codec.size <= sizeof room_ && codec.alignment <= alignof(std::max_align_t))
      codec.copy(room_, request.body());
    else
      large_ = copy_message(codec, request);
    codec_ = &codec;
    context_ = request.context;
  }
  message_ptr take();

 private:
  void drop() noexcept {
    if (codec_ && !large_) codec_->destroy(room_);
    codec_ = nullptr;
  }

  const message_codec* codec_ = nullptr;
  message_ptr large_;  // null: the copy is in room_
  context_ptr context_;
  alignas(std::max_align_t) std::byte room_[96];
};

// One call through a link in mode `observed`, kept by the caller until the link has settled it.
struct observed_call {
  observed_call() noexcept {}  // not defaulted: what need not be set to zero is not
  monotonic began{};                       // set by the caller
  monotonic deadline = monotonic::max();   // of the whole call: set by the caller, shortened by admit()
  // From here, set by admit(). In the order of use: many calls are under way, and their memory is in few caches.
  monotonic limit = monotonic::max();      // of the first attempt
  const address* to = nullptr;             // receiver of the first attempt: `chosen`, or of the directory
  address chosen = {};
  std::unique_ptr<error> refused = {};     // the call is refused
  alignas(std::max_align_t) std::byte note[64];  // the link's own, trivially copyable
  kept_request copy = {};                  // for another attempt; set if there may be one
};

class service_link {
 public:
  explicit service_link(link_mode mode = link_mode::direct) : mode_{mode} {}
  virtual ~service_link() = default;
  link_mode mode() const noexcept { return mode_; }
  // The longest time of a call; the caller's own deadline also applies.
  virtual timespan deadline() const = 0;

  // Mode direct: the receiver; null when nobody answers the operation.
  virtual address direct(message& request) const = 0;

  // Mode observed. True: the first attempt is sent to *call.to, and its answer is passed to settle(). False: the call
  // is refused (call.refused), or, if that is not set, goes on by carry_on().
  virtual bool admit(actor_host& host, observed_call& call, message& request);
  // The answer, a response or a failure. True: the call goes on by carry_on(), with the failure. False: the last use of
  // `call`.
  virtual bool settle(actor_host& host, observed_call& call, const message& answer);
  // The rest of a call that needs to wait or to be sent again. `request`: null after an attempt, whose failure is
  // `last`. `call` outlives the task.
  virtual task<result<message_ptr>> carry_on(actor_host& host, observed_call& call, message_ptr request,
                                             std::optional<error> last);
  // The caller no longer waits, or a call that went on has ended: the last use of `call`. Not called for one that was
  // refused or settled. Nothing happens when it has ended.
  virtual void leave(actor_host& host, observed_call& call) noexcept;

  // Mode intercepted. An answer or an error. `what`: null for an operation not declared in a plan.
  virtual task<result<message_ptr>> ask(actor_host& host, const operation* what, message_ptr request,
                                        monotonic deadline);

 private:
  const link_mode mode_;
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

namespace detail {

// One call through a link. It starts when this is made, and is given up when this is destroyed unanswered.
class link_call : private call_table::waiter {
 public:
  link_call(const link_call&) = delete;
  link_call& operator=(const link_call&) = delete;

  bool await_ready() const noexcept { return middle_ ? middle_->is_done() : static_cast<bool>(answer_); }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    handle_ = h;
    task_ = host_.current_task();
    if (middle_) middle_->continue_with(h);
  }

 protected:
  link_call(actor_host& host, service_link& through, const directory& where, message_ptr request, monotonic until);
  ~link_call();
  message_ptr take();  // the answer, a response or a failure, once it is ready

 private:
  void complete(message_ptr answer) override;
  void expire(message_ptr failure) override;
  void send(const address& to, message_ptr&& request, monotonic limit);
  void observe(message_ptr&& request);
  void intercept(const operation* what, message_ptr request, monotonic limit);

  actor_host& host_;
  service_link& link_;
  std::uint64_t call_ = 0;                           // 0: no attempt of this object is under way
  std::coroutine_handle<> handle_;
  detail::running_task* task_;
  message_ptr answer_;
  context_ptr context_;                              // of a request with a context of its own: needed by give_up()
  address to_;
  std::optional<observed_call> observed_;            // mode observed
  std::optional<task<result<message_ptr>>> middle_;  // runs in the task of the caller; after observed_
};

}  // namespace detail

// Awaits one answer through a link. The call starts when this is made, so several can run concurrently, and is given
// up when this is destroyed (answer_awaiter, awaiters.hpp).
template <class T>
class [[nodiscard("a call is given up when it is not awaited: write co_await before it")]] link_awaiter final
    : public detail::link_call {
 public:
  // `until`: deadline of this call, in addition to those of the link and of the message being handled.
  link_awaiter(actor_host& host, service_link& through, const directory& where, message_ptr request,
               monotonic until = monotonic::max())
      : link_call{host, through, where, std::move(request), until} {}

  // A result is had by co_await only.
  template <class R>
    requires detail::is_result<R>
  operator R() const {
    static_assert(!detail::is_result<R>, "the answer of a call is awaited: write co_await before it");
  }

  result<T> await_resume() {
    auto answer = take();
    return detail::take_answer<T>(answer);
  }
};

}  // namespace banyan
