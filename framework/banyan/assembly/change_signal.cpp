#include <banyan/assembly/change_signal.hpp>

#include <utility>

namespace banyan {

void change_signal::listen(std::function<void()> listener) {
  const std::lock_guard guard{lock_};
  listener_ = std::move(listener);
  is_heard_.store(listener_ != nullptr, std::memory_order_release);
}

void change_signal::call() const {
  const std::lock_guard guard{lock_};
  if (listener_) listener_();
}

}  // namespace banyan
