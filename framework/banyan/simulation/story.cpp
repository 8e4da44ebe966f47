#include <banyan/simulation/story.hpp>

#include <array>
#include <cstdio>

namespace banyan {

void story::tell(nanoseconds at, std::string_view where, std::string_view what) {
  if (!is_told()) return;
  std::array<char, 80> begin{};
  std::snprintf(begin.data(), begin.size(), "%9.3f s  %-10.40s ", std::chrono::duration<double>(at).count(), std::string{where}.c_str());
  if (lines_.size() == keep_) {
    lines_.pop_front();
    ++forgotten_;
  }
  lines_.push_back(begin.data() + std::string{what});
}

}  // namespace banyan
