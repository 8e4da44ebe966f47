#include <banyan/simulation/trace_log.hpp>

#include <array>
#include <cstdio>

namespace banyan {

void trace_log::record(nanoseconds at, std::string_view where, std::string_view what) {
  if (!is_on()) return;
  std::array<char, 80> begin{};
  std::snprintf(begin.data(), begin.size(), "%9.3f s  %-10.40s ", std::chrono::duration<double>(at).count(), std::string{where}.c_str());
  if (lines_.size() == keep_) {
    lines_.pop_front();
    ++forgotten_;
  }
  lines_.push_back(begin.data() + std::string{what});
}

}  // namespace banyan
