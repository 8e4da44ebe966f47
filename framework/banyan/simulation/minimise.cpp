#include <banyan/simulation/minimise.hpp>

#include <algorithm>
#include <numeric>

namespace banyan {

std::vector<std::size_t> fewest_parts(std::size_t parts, const std::function<bool(const std::vector<std::size_t>&)>& fails, int& budget) {
  std::vector<std::size_t> kept(parts);
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  const auto still_fails = [&](const std::vector<std::size_t>& some) { return budget > 0 && (--budget, fails(some)); };
  if (!kept.empty() && still_fails({})) return {};
  for (auto chunk = kept.size(); chunk > 0;) {
    bool shorter = false;
    for (std::size_t from = 0; from < kept.size() && kept.size() > 1;) {
      auto without = kept;
      const auto to = std::min(from + chunk, kept.size());
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(from), without.begin() + static_cast<std::ptrdiff_t>(to));
      if (!without.empty() && still_fails(without)) {
        kept = std::move(without);
        shorter = true;
      } else {
        from = to;
      }
    }
    if (chunk == 1 && !shorter) break;
    chunk = chunk == 1 ? 1 : std::max<std::size_t>(1, std::min(chunk, kept.size()) / 2);
  }
  return kept;
}

}  // namespace banyan
