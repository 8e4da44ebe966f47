// A one-shot callback that receives a `result<T>`, typically from an engine's thread. It is called exactly once: one
// that is destroyed uncalled calls itself with `unavailable`, outcome unknown, so that no caller waits for ever.
//
//   void append(append_request r, completion<append_result> done);   // a port
//   done(append_result{...});  or  done(error{code::conflict, "..."});
//
// It may be called on any thread. The function it wraps must be quick (post to a mailbox, set a flag) and must not
// throw. Move-only. Calls after the first, and calls of an empty completion, do nothing.
#pragma once

#include <banyan/core/result.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace banyan {

template <class T>
class completion {
 public:
  completion() = default;
  template <class F>
    requires std::invocable<F&, result<T>> && (!std::same_as<std::remove_cvref_t<F>, completion>)
  completion(F&& f) : target_{std::make_unique<model<std::decay_t<F>>>(std::forward<F>(f))} {}
  completion(completion&&) noexcept = default;
  completion& operator=(completion&& other) noexcept {
    if (this != &other) {
      drop();
      target_ = std::move(other.target_);
    }
    return *this;
  }
  ~completion() { drop(); }

  explicit operator bool() const noexcept { return target_ != nullptr; }
  void operator()(result<T> answer) {
    if (auto target = std::move(target_)) target->call(std::move(answer));
  }

 private:
  struct base {
    virtual ~base() = default;
    virtual void call(result<T> answer) = 0;
  };
  template <class F>
  struct model final : base {
    explicit model(F f) : f{std::move(f)} {}
    void call(result<T> answer) override { f(std::move(answer)); }
    F f;
  };
  void drop() {
    if (target_) (*this)(error{code::unavailable, "the request was dropped before it was answered", outcome::unknown});
  }
  std::unique_ptr<base> target_;
};

}  // namespace banyan
