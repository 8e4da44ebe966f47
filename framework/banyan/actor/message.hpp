// A message between actors: one heap object with the user's struct (its body) and its envelope data (sender, deadline, trace). It is moved by
// pointer; inside a process nothing is copied or encoded.
//
// A request is answered exactly once, by construction: a message that is destroyed unanswered (its actor stopped, crashed, was
// full, or forgot) answers its sender with an error that says what is known of the effect.
//
// Users rarely touch messages: they write handlers of plain structs (behavior.hpp). A router forwards them whole.
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

// What accompanies a message through the system, in a process and over every wire.
struct message_context {
  std::string trace;    // W3C traceparent; empty: not traced
  uuid correlation;     // the outside request that started it all
  uuid command;         // of this message, when it is a command: the same for every retry of it
  uuid causation;       // the command or event that led to this message
  std::string caller;   // identity, empty when unknown
  cancellation_ptr cancelled = {};   // set when the outside asker is gone: work for it that has not begun is dropped
  // Of a context that one request has for its own: whoever asked has given up (give_up()). Work that has not begun is
  // dropped.
  mutable cancellation given_up = {};
  bool is_of_one_request = false;    // this context is that of one request alone, so that it can be given up
  bool ends_when_given_up = false;   // and its task may be ended at any wait: it changes nothing, or repeats what was
                                     // done (idempotent::always)
};
using context_ptr = std::shared_ptr<const message_context>;

inline bool is_given_up(const message_context& c) noexcept {
  return c.given_up.is_cancelled() || is_cancelled(c.cancelled);
}

// What whoever asked is told about an exception (`internal`): where the cause is, under which trace, and not what it was.
error failed_request(const context_ptr& context);

// The reply of a handler that returns nothing.
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
  request,   // wants exactly one answer
  answered,  // a request that has its answer
  response,  // the answer: a value
  failure,   // the answer: an error
  timer,     // from the actor to itself
  control,   // supervision; handled by the kernel, never by user code
  envelope,  // wraps a message with several owners, which can not be in a mailbox itself, or a message of CAF's
};

class message {
 public:
  message(const message&) = delete;
  message& operator=(const message&) = delete;

  const message_type* type;
  message_kind kind = message_kind::send;
  bool urgent = false;               // overtakes what is queued; for the kernel's own orders
  bool taken_up = false;             // a handler has started on it: if it is lost now, its effect is unknown
  std::uint32_t incarnation = 0;     // timers: of the actor that set them
  std::uint64_t call = 0;            // requests and answers: entry in the asker's call table
  std::int64_t position = 0;         // requests: read at least as of this journal position; answers: what they include (read your writes)
  monotonic deadline = monotonic::max();
  address sender;                    // requests: whom to answer
  context_ptr context;

  template <class M>
  M& as() noexcept {
    return *static_cast<M*>(body_);
  }
  const void* body() const noexcept { return body_; }

  // Sends the answer; does nothing for one-way messages and when answered already.
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
  message* next_ = nullptr;           // in a mailbox
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
class request_from_outside final : public message {
 public:
  request_from_outside(completion<message_ptr> answered, M b)
      : message{type_of<M>(), &body}, body{std::move(b)}, answered_{std::move(answered)} {
    kind = message_kind::request;
  }
  M body;

 private:
  void send_answer(message_ptr response) override { answered_(std::move(response)); }
  completion<message_ptr> answered_;
};

// A request of a thread that is no actor. Its answer, a response or a failure, is given to `answered` by whoever answers, without a way
// through another actor. Nobody waits with a clock: the actor that is asked must answer within the message's deadline.
template <class M>
message_ptr make_request(completion<message_ptr> answered, M body) {
  return message_ptr{new request_from_outside<M>(std::move(answered), std::move(body))};
}

// Messages of a type that is known by its codec only, as they leave the process and come back. The envelope is not part
// of the text, and a copy has none. `m` is of the codec's type.
std::string encode(const message_codec& c, const message& m);
result<message_ptr> decode_message(const message_codec& c,
                                   std::string_view json);  // errors: invalid_argument, with the path of the member
result<message_ptr> decode_message(const message_codec& c, const boost::json::value& parsed);
message_ptr copy_message(const message_codec& c, const message& m);

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
// The answer to call `call`: a response, or a failure.
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

// Whoever sent the request with this context does not wait for its answer any more: it is dropped when its handler has
// not begun, and its task is ended within one turn of `to` when it may be (ends_when_given_up). Safe from any thread;
// nothing happens to one that was answered, and for a context that several messages share.
void give_up(const address& to, const context_ptr& context);

// Hands a message to an actor's mailbox. Safe from any thread. A message to nobody, or to a stopped actor, is destroyed (a request
// thereby answered).
void deliver(const address& to, message_ptr m);

}  // namespace banyan
