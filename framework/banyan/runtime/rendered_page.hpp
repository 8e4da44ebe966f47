// A rendered page with limited CPU time: rendered for each request, unless that would take more than a fifth of the
// time; then requests get the last version. So a flood of requests for one page leaves time for the others.
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
  monotonic paid_until_{};  // advances by five times each rendering's duration
};

}  // namespace banyan
