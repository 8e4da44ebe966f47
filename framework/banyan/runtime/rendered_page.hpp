// A page that is expensive to make, for whoever asks: made anew for each, unless it is asked for so often that making it would take more than
// a fifth of the thread's time; then some are given the last one. So a flood of one page leaves time for the others.
//
//   rendered_page metrics;
//   auto text = metrics.get([&] { return registry.text(); });
#pragma once

#include <banyan/core/time.hpp>

#include <functional>
#include <mutex>
#include <string>

namespace banyan {

class rendered_page {
 public:
  explicit rendered_page(const clock& c = system_clock()) : clock_{c} {}

  std::string get(const std::function<std::string()>& make);

 private:
  const clock& clock_;
  std::mutex lock_;
  std::string text_;
  bool made_ = false;
  monotonic paid_until_{};  // five times what was spent on making, on end
};

}  // namespace banyan
