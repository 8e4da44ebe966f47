// A message between actors: one heap object with the user's struct (the body) and the envelope (sender, deadline,
// context). Passed by pointer; within a process nothing is copied or encoded.
//
// A request is answered exactly once: a message that is destroyed unanswered (its actor stopped, crashed, was full,
// or forgot it) answers its sender with an error whose outcome says whether the request may have had an effect.
//
// Users rarely see messages: they write handlers of plain structs (behavior.hpp). A router forwards messages whole.
#pragma once

#include <banyan/actor/address.hpp>
#include <banyan/core/cancellation.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/message_codec.hpp>
#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe/class.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace banyan {

class span_scope;

// The context that travels with a message, within a process and over every wire.
struct message_context {
  std::string trace;    // W3C traceparent; empty: not traced
  uuid correlation;     // id of the external request that began the chain
  uuid command;         // command id: the same for every retry
  uuid causation;       // the command or event that led to this message
  std::string caller;   // the caller's identity; empty: unknown
  cancellation_ptr cancelled = {};   // set when the external caller is gone: work not yet begun is dropped
  // Set when the caller gives this request up (give_up()): work not yet begun is dropped. Only in a context of one
  // request.
  mutable cancellation given_up = {};
  bool is_of_one_request = false;    // the context belongs to one request alone, so it can be given up
  bool ends_when_given_up = false;   // its task may be destroyed at any wait: it changes nothing, or
                                     // only repeats a change (idempotent::always)
  std::shared_ptr<const std::string> trace_state = {};  // W3C tracestate; null: none. Not stored with events
  // Set when a saga asks: saga, run and step that wait for the answer, as JSON (saga_parent, saga/record.hpp). A saga
  // that is asked answers at once that it has begun, and gives its answer to the other saga when it ends. Not carried
  // to other programs.
  std::shared_ptr<const std::string> asking_saga = {};
};
using context_ptr = std::shared_ptr<const message_context>;

// The context of what a span causes: a copy of `context` with the span as the parent; `context` itself if the span is
// not recorded.
context_ptr in_span(const span_scope& span, context_ptr context);
// The traceparent of a context; null: empty.
inline std::string_view trace_of(const context_ptr& context) noexcept {
  return context ? std::string_view{context->trace} : std::string_view{};
}

inline bool is_given_up(const message_context& c) noexcept {
  return c.given_up.is_cancelled() || is_cancelled(c.cancelled);
}

// The error a caller gets for an exception (`internal`): it names the trace to look up in the log, not the cause.
error failed_request(const context_ptr& context);

// The reply of a handler that returns void.
struct done {
  friend bool operator==(done, done) = default;
};
BOOST_DESCRIBE_STRUCT(done, (), ())

class message;

// Owning pointer to a message.
class message_ptr {
 public:
  message_ptr() = default;
  explicit message_ptr(message* adopt) noexcept : message_{adopt} {}
  message_ptr(const message_ptr& other) noexcept;
  message_ptr(message_ptr&& other) noexcept : message_{std::exchange(other.message_, nullptr)} {}
  message_ptr& operator=(message_ptr other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~message_ptr();

  explicit operator bool() const noexcept { return message_ != nullptr; }
  message* operator->() const noexcept { return message_; }
  message& operator*() const noexcept { return *message_; }
  message* release() noexcept { return std::exchange(message_, nullptr); }

 private:
  message* message_ = nullptr;
};

enum class message_kind : std::uint8_t {
  send,      // one way
  request,   // expects exactly one answer
  answered,  // a request that has been answered
  response,  // an answer: a value
  failure,   // an answer: an error
  timer,     // to itself, delayed
  control,   // lifecycle; handled by the framework, never by user code
  envelope,  // wraps a message with several owners, or a CAF message
};

class message {
 public:
  message(const message&) = delete;
  message& operator=(const message&) = delete;

  const message_type* type;
  message_kind kind = message_kind::send;
  bool urgent = false;               // overtakes queued messages; for control messages
  bool taken_up = false;             // a handler has begun: if lost now, the outcome is unknown
  std::uint32_t incarnation = 0;     // timers: the incarnation that set them
  std::uint64_t call = 0;            // requests and answers: id in the caller's call table
  std::int64_t position = 0;         // read-your-writes: least journal position a request must see, an answer includes
  monotonic deadline = monotonic::max();
  address sender;                    // requests: receiver of the answer
  context_ptr context;

  template <class M>
  M& as() noexcept {
    return *static_cast<M*>(body_);
  }
  const void* body() const noexcept { return body_; }

  // Sends the answer; a no-op for one-way messages and answered requests.
  void answer(message_ptr response);
  void fail(error e);

  bool is_shared() const noexcept { return owners_.load(std::memory_order_relaxed) != 1; }

 protected:
  message(const message_type* t, void* body) noexcept : type{t}, body_{body} {}
  virtual ~message() = default;
  virtual void send_answer(message_ptr response);  // to the sender, unless somebody else asked

 private:
  friend class message_ptr;
  friend class mailbox;
  void bounce() noexcept;
  message* next_ = nullptr;           // link in a mailbox
  std::atomic<std::uint32_t> owners_{1};
  void* body_;
};

template <class M>
class message_of final : public message {
 public:
  template <class... Args>
  explicit message_of(Args&&... args) : message{type_of<M>(), &body}, body{std::forward<Args>(args)...} {}
  M body;
};

template <class M, class... Args>
message_ptr make_message(Args&&... args) {
  return message_ptr{new message_of<M>(std::forward<Args>(args)...)};
}

template <class M>
class external_request final : public message {
 public:
  external_request(completion<message_ptr> answered, M b)
      : message{type_of<M>(), &body}, body{std::move(b)}, answered_{std::move(answered)} {
    kind = message_kind::request;
  }
  M body;

 private:
  void send_answer(message_ptr response) override { answered_(std::move(response)); }
  completion<message_ptr> answered_;
};

// A request from a thread that is no actor. The reply message, a response or a failure, is given to `answered` on the
// thread of whoever answers. It has no timer: the actor that handles it must answer within the message's deadline.
template <class M>
message_ptr make_request(completion<message_ptr> answered, M body) {
  return message_ptr{new external_request<M>(std::move(answered), std::move(body))};
}

// Encodes a message as it leaves the process, by codec. The envelope is not part of the text, and a decoded message
// or a copy has none. `m` must be of the codec's type.
std::string encode(const message_codec& c, const message& m);
result<message_ptr> decode_message(const message_codec& c,
                                   std::string_view json);  // errors: invalid_argument, with the path of the member
result<message_ptr> decode_message(const message_codec& c, const boost::json::value& parsed);
message_ptr copy_message(const message_codec& c, const message& m);
message_ptr copy_message(const message_codec& c, const void* body);

inline message_ptr::message_ptr(const message_ptr& other) noexcept : message_{other.message_} {
  if (message_) message_->owners_.fetch_add(1, std::memory_order_relaxed);
}

inline message_ptr::~message_ptr() {
  if (!message_) return;
  if (message_->owners_.load(std::memory_order_acquire) != 1 && message_->owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (message_->kind == message_kind::request) message_->bounce();
  delete message_;
}

namespace detail {
// An answer to call `call`: a response or a failure.
template <class T>
message_ptr make_answer(std::uint64_t call, result<T> r) {
  message_ptr m = r ? make_message<T>(std::move(*r)) : make_message<error>(std::move(r.error()));
  m->kind = r ? message_kind::response : message_kind::failure;
  m->call = call;
  return m;
}
}  // namespace detail

// Answers a request with a value.
template <class R, class... Args>
void answer(message& request, Args&&... args) {
  if (request.kind != message_kind::request) return;
  request.answer(make_message<R>(std::forward<Args>(args)...));
}

// Tells the callee `to` that the caller of the request with this context no longer waits: the request is dropped if
// its handler has not begun; its task is destroyed at the actor's next turn if the context permits
// (ends_when_given_up). Thread-safe. No effect on an answered request, nor for a context that several messages
// share.
void give_up(const address& to, const context_ptr& context);

// Puts a message into an actor's mailbox. Thread-safe. A message to a null address or a stopped actor is destroyed,
// which answers a request.
void deliver(const address& to, message_ptr m);

}  // namespace banyan
