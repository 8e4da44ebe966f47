// The message handlers of an actor, found by one hash lookup on the message's type (CAF searches them linearly).
//
//   behavior make_behavior() override {
//     return behavior{}
//         .on<deposit>([this](const deposit& d) { balance_ += d.amount; })  // answered with `done`
//         .on<get_balance>([this](const get_balance&) { return balance_; })  // answered with the value
//         .on<withdraw>([this](const withdraw& w) -> result<std::int64_t> { return take(w.amount); })
//         .on<transfer>([this](const transfer& t) { return move_to(t.to, t.amount); });
//   }
//
// An exception that leaves a handler crashes the actor: the request is answered `internal` and the state is made
// anew. With actor::isolates_requests() only the request fails.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/actor/task.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace banyan {

class actor_host;

namespace detail {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<result<T>> = true;

// Sends a handler's return value to the caller.
template <class R>
void answer_with(message& request, R&& value) {
  using plain = std::remove_cvref_t<R>;
  if constexpr (is_result<plain>) {
    if (value)
      answer_with(request, std::move(*value));
    else
      request.fail(std::move(value.error()));
  } else if constexpr (std::is_same_v<plain, message_ptr>) {
    request.answer(std::forward<R>(value));
  } else {
    answer<plain>(request, std::forward<R>(value));
  }
}

// A coroutine handler in progress. It owns the request, so references into it stay valid as long as the coroutine.
class running_task {
 public:
  explicit running_task(message_ptr request) : position{request ? request->position : 0}, request_{std::move(request)} {}
  virtual ~running_task() = default;
  virtual void start() = 0;
  virtual bool is_done() const = 0;
  virtual void finish() = 0;  // sends the answer; rethrows the coroutine's exception

  message_ptr& request() { return request_; }
  running_task* previous = nullptr;
  running_task* next = nullptr;
  std::int64_t position;                 // newest journal position seen, in its request or in answers

 protected:
  message_ptr request_;
};

template <class T>
class task_root : public running_task {
 public:
  using running_task::running_task;
  void start() override { task_->resume(); }
  bool is_done() const override { return task_->is_done(); }
  void finish() override {
    if constexpr (std::is_void_v<T>) {
      task_->take();
      if (request_) answer<done>(*request_);
    } else if (request_) {
      answer_with(*request_, task_->take());
    } else {
      (void)task_->take();
    }
  }
  std::optional<task<T>> task_;
};

void run_task(actor_host& host, std::unique_ptr<running_task> t);

// A type-erased handler of one message type. Captures of at most one pointer (usually `this`) are stored in place,
// without an allocation.
class handler {
 public:
  handler() = default;
  // `Call` provides invoke(actor_host&, message_ptr&).
  template <class Call>
  explicit handler(Call call) : does_{&steps_of<Call>} {
    if constexpr (is_kept_in_place<Call>)
      ::new (kept_) Call{std::move(call)};
    else
      ::new (kept_) Call*(new Call{std::move(call)});
  }
  handler(handler&& other) noexcept : does_{std::exchange(other.does_, nullptr)} {
    std::memcpy(kept_, other.kept_, sizeof kept_);
  }
  handler& operator=(handler&& other) noexcept {
    std::swap(does_, other.does_);
    std::swap(kept_, other.kept_);
    return *this;
  }
  ~handler() {
    if (does_) does_->destroy(kept_);
  }

  explicit operator bool() const noexcept { return does_ != nullptr; }
  void invoke(actor_host& host, message_ptr& m) { does_->invoke(kept_, host, m); }

 private:
  struct steps {
    void (*invoke)(std::byte* kept, actor_host& host, message_ptr& m);
    void (*destroy)(std::byte* kept) noexcept;
  };
  template <class Call>
  static constexpr bool is_kept_in_place =
      sizeof(Call) <= sizeof(void*) && alignof(Call) <= alignof(void*) && std::is_trivially_copyable_v<Call>;
  template <class Call>
  static Call& call_in(std::byte* kept) noexcept {
    if constexpr (is_kept_in_place<Call>)
      return *std::launder(reinterpret_cast<Call*>(kept));
    else
      return **std::launder(reinterpret_cast<Call**>(kept));
  }
  template <class Call>
  static void invoke_call(std::byte* kept, actor_host& host, message_ptr& m) {
    call_in<Call>(kept).invoke(host, m);
  }
  template <class Call>
  static void destroy_call(std::byte* kept) noexcept {
    if constexpr (!is_kept_in_place<Call>) delete &call_in<Call>(kept);
  }
  template <class Call>
  static constexpr steps steps_of{&invoke_call<Call>, &destroy_call<Call>};

  const steps* does_ = nullptr;
  alignas(void*) std::byte kept_[sizeof(void*)] = {};
};

template <class M, class F>
struct typed_call {
  void invoke(actor_host& host, message_ptr& m) {
    using returned = std::invoke_result_t<F&, M&>;
    if constexpr (is_task<returned>) {
      auto root = std::make_unique<task_root<typename returned::value_type>>(std::move(m));
      try {
        root->task_.emplace(f(root->request()->template as<M>()));
      } catch (...) {
        m = std::move(root->request());  // not started: the exception is treated as a plain handler's
        throw;
      }
      run_task(host, std::move(root));
    } else if constexpr (std::is_void_v<returned>) {
      f(m->as<M>());
      answer<done>(*m);
    } else {
      answer_with(*m, f(m->as<M>()));
    }
  }
  F f;
};

template <class F>
struct raw_call {
  void invoke(actor_host&, message_ptr& m) { f(m); }
  F f;
};

}  // namespace detail

class behavior {
 public:
  behavior() = default;
  behavior(behavior&&) noexcept = default;
  behavior& operator=(behavior&&) noexcept = default;

  // The handler of messages of type M; a second one for the same type replaces the first.
  template <class M, class F>
    requires std::invocable<F&, M&>
  behavior&& on(F f) && {
    insert(type_of<M>(), detail::handler{detail::typed_call<M, F>{std::move(f)}});
    return std::move(*this);
  }
  // Receives the message itself, to forward it, keep it, or answer it later: `[](message_ptr& m)`. One left in place
  // is answered with an error.
  template <class M, class F>
  behavior&& on_message(F f) && {
    insert(type_of<M>(), detail::handler{detail::raw_call<F>{std::move(f)}});
    return std::move(*this);
  }
  // Handles all types without a handler of their own. By default such a request is answered `unimplemented`.
  template <class F>
  behavior&& otherwise(F f) && {
    fallback_ = detail::handler{detail::raw_call<F>{std::move(f)}};
    return std::move(*this);
  }
  // As on() and on_message(), for code that adds handlers one by one.
  template <class M, class F>
  void add_handler(F f) {
    insert(type_of<M>(), detail::handler{detail::typed_call<M, F>{std::move(f)}});
  }
  template <class F>
  void add_message_handler(const message_type* type, F f) {
    insert(type, detail::handler{detail::raw_call<F>{std::move(f)}});
  }

  // nullptr when there is none.
  detail::handler* find(const message_type* type) noexcept {
    if (mask_ == 0) {
      for (auto& s : slots_)
        if (s.type == type) return &s.what;
      return fallback();
    }
    for (auto i = hash(type) & mask_;; i = (i + 1) & mask_) {
      if (slots_[i].type == type) return &slots_[i].what;
      if (!slots_[i].type) return fallback();
    }
  }

 private:
  static constexpr std::size_t few = 4;  // up to this many slots are searched linearly, more are hashed
  struct slot {
    const message_type* type = nullptr;
    detail::handler what;
  };
  static std::size_t hash(const message_type* type) noexcept {
    auto x = reinterpret_cast<std::uintptr_t>(type);
    return (x >> 4) ^ (x >> 10);
  }
  detail::handler* fallback() noexcept { return fallback_ ? &fallback_ : nullptr; }
  void insert(const message_type* type, detail::handler what);
  void rehash(std::size_t slots);

  std::vector<slot> slots_;
  std::uint32_t mask_ = 0;  // 0: linear search
  std::uint32_t used_ = 0;
  detail::handler fallback_;
};

}  // namespace banyan
