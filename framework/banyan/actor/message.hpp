// What travels between actors: a letter. One heap object holds the message and what must travel with it (whom to answer, the
// deadline, the trace), and moves from hand to hand by pointer; inside a process nothing is copied or encoded.
//
// A request is answered exactly once, by construction: a letter that is destroyed unanswered (its actor stopped, crashed, was
// full, or forgot) answers its sender with an error that says what is known of the effect.
//
// Users rarely touch letters: they write handlers of plain structs (behavior.hpp). A router forwards them whole.
#pragma once

#include <banyan/actor/address.hpp>
#include <banyan/core/cancellation.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <atomic>
#include <memory>
#include <string>
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
};
using context_ptr = std::shared_ptr<const message_context>;

// What whoever asked is told about an exception (`internal`): where the cause is, under which trace, and not what it was.
error failed_request(const context_ptr& context);

// The reply of a handler that returns nothing.
struct done {
  friend bool operator==(done, done) = default;
};

class letter;

// Owning pointer to a letter.
class letter_ptr {
 public:
  letter_ptr() = default;
  explicit letter_ptr(letter* adopt) noexcept : letter_{adopt} {}
  letter_ptr(const letter_ptr& other) noexcept;
  letter_ptr(letter_ptr&& other) noexcept : letter_{std::exchange(other.letter_, nullptr)} {}
  letter_ptr& operator=(letter_ptr other) noexcept {
    std::swap(letter_, other.letter_);
    return *this;
  }
  ~letter_ptr();

  explicit operator bool() const noexcept { return letter_ != nullptr; }
  letter* operator->() const noexcept { return letter_; }
  letter& operator*() const noexcept { return *letter_; }
  letter* release() noexcept { return std::exchange(letter_, nullptr); }

 private:
  letter* letter_ = nullptr;
};

class letter {
 public:
  enum class kind : std::uint8_t {
    send,      // one way
    request,   // wants exactly one answer
    answered,  // a request that has its answer
    response,  // the answer: a value
    failure,   // the answer: an error
    timer,     // from the actor to itself
    control,   // supervision; handled by the kernel, never by user code
    carrier,   // of a letter with several owners, which can not be in a mailbox itself, or of a message of CAF's
  };

  letter(const letter&) = delete;
  letter& operator=(const letter&) = delete;

  const message_type* type;
  kind what = kind::send;
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

  // Sends the answer; does nothing for one-way letters and when answered already.
  void answer(letter_ptr response);
  void fail(error e);

  bool is_shared() const noexcept { return owners_.load(std::memory_order_relaxed) != 1; }

 protected:
  letter(const message_type* t, void* body) noexcept : type{t}, body_{body} {}
  virtual ~letter() = default;

 private:
  friend class letter_ptr;
  friend class mailbox;
  void bounce() noexcept;
  letter* next_ = nullptr;           // in a mailbox
  std::atomic<std::uint32_t> owners_{1};
  void* body_;
};

template <class M>
class letter_of final : public letter {
 public:
  template <class... Args>
  explicit letter_of(Args&&... args) : letter{type_of<M>(), &body}, body{std::forward<Args>(args)...} {}
  M body;
};

template <class M, class... Args>
letter_ptr make_letter(Args&&... args) {
  return letter_ptr{new letter_of<M>(std::forward<Args>(args)...)};
}

inline letter_ptr::letter_ptr(const letter_ptr& other) noexcept : letter_{other.letter_} {
  if (letter_) letter_->owners_.fetch_add(1, std::memory_order_relaxed);
}

inline letter_ptr::~letter_ptr() {
  if (!letter_) return;
  if (letter_->owners_.load(std::memory_order_acquire) != 1 && letter_->owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (letter_->what == letter::kind::request) letter_->bounce();
  delete letter_;
}

namespace detail {
// The answer to call `call`: a response, or a failure.
template <class T>
letter_ptr make_answer(std::uint64_t call, result<T> r) {
  letter_ptr l = r ? make_letter<T>(std::move(*r)) : make_letter<error>(std::move(r.error()));
  l->what = r ? letter::kind::response : letter::kind::failure;
  l->call = call;
  return l;
}
}  // namespace detail

// Answers a request with a value.
template <class R, class... Args>
void answer(letter& request, Args&&... args) {
  if (request.what != letter::kind::request) return;
  request.answer(make_letter<R>(std::forward<Args>(args)...));
}

// Hands a letter to an actor's mailbox. Safe from any thread. A letter to nobody, or to a stopped actor, is destroyed (a request
// thereby answered).
void deliver(const address& to, letter_ptr l);

}  // namespace banyan
