#include <banyan/scaffold/line_diff.hpp>

#include <algorithm>
#include <cstdint>

namespace banyan::scaffold {

std::vector<std::optional<std::size_t>> common_lines(const lines& from, const lines& to) {
  std::vector<std::optional<std::size_t>> found(from.size());
  std::size_t first = 0, last = 0;  // numbers of equal lines at both ends
  const auto shorter = std::min(from.size(), to.size());
  while (first < shorter && from[first] == to[first]) ++first;
  while (last < shorter - first && from[from.size() - 1 - last] == to[to.size() - 1 - last]) ++last;
  for (std::size_t i = 0; i < first; ++i) found[i] = i;
  for (std::size_t i = 1; i <= last; ++i) found[from.size() - i] = to.size() - i;

  const auto rows = from.size() - first - last, columns = to.size() - first - last;
  if (rows == 0 || columns == 0) return found;
  // The length of the longest common subsequence of what is behind a row and a column.
  std::vector<std::uint32_t> table((rows + 1) * (columns + 1));
  const auto length = [&](std::size_t row, std::size_t column) -> std::uint32_t& {
    return table[row * (columns + 1) + column];
  };
  for (auto i = rows; i-- > 0;)
    for (auto j = columns; j-- > 0;)
      length(i, j) =
          from[first + i] == to[first + j] ? length(i + 1, j + 1) + 1 : std::max(length(i + 1, j), length(i, j + 1));
  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    if (from[first + i] == to[first + j])
      found[first + i++] = first + j++;
    else if (length(i + 1, j) >= length(i, j + 1))
      ++i;
    else
      ++j;
  }
  return found;
}

std::vector<difference> differences(const lines& from, const lines& to) {
  const auto common = common_lines(from, to);
  std::vector<difference> all;
  difference open;
  const auto close_at = [&](std::size_t end, std::size_t new_end) {
    open.end = end;
    open.new_end = new_end;
    if (open.begin < end || open.new_begin < new_end) all.push_back(open);
    open = {end + 1, 0, new_end + 1, 0};
  };
  for (std::size_t i = 0; i < from.size(); ++i)
    if (common[i]) close_at(i, *common[i]);
  close_at(from.size(), to.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& d = all[i];
    const auto limit = i + 1 < all.size() ? all[i + 1].begin : from.size();
    while (d.begin == d.end && d.end < limit && to[d.new_begin] == to[d.new_end])
      d = {d.begin + 1, d.end + 1, d.new_begin + 1, d.new_end + 1};
  }
  return all;
}

}  // namespace banyan::scaffold
