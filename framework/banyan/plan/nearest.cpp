#include <banyan/plan/nearest.hpp>

#include <algorithm>

namespace banyan {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view text, const std::vector<std::string>& names) {
  constexpr std::size_t longest = 200, most = 8;
  if (text.size() > longest) return {};
  const std::string* best = nullptr;
  auto least = std::min(most, std::max<std::size_t>(1, text.size() / 3)) + 1;
  for (const auto& name : names) {
    if (name.size() > longest) continue;
    if (const auto distance = edit_distance(text, name); distance < least) {
      least = distance;
      best = &name;
    }
  }
  return best ? *best : std::string{};
}

}  // namespace banyan
