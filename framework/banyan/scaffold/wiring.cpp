#include <banyan/scaffold/wiring.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace banyan::scaffold {
namespace {

bool has_line(const std::vector<std::string_view>& lines, std::string_view wanted) {
  return std::any_of(lines.begin(), lines.end(), [&](auto line) { return trimmed(line) == trimmed(wanted); });
}

// Whether the line is `before`, a name and `after`.
bool is_sibling(std::string_view line, std::string_view before, std::string_view after) {
  if (line.size() <= before.size() + after.size() || !line.starts_with(before) || !line.ends_with(after)) return false;
  const auto name = line.substr(before.size(), line.size() - before.size() - after.size());
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
}

// The index of the line before which `line` goes.
std::optional<std::size_t> place_among_siblings(const std::vector<std::string_view>& lines, std::string_view line,
                                                std::string_view name) {
  const auto at = line.rfind(name);
  const auto before = line.substr(0, at), after = line.substr(at + name.size());
  std::optional<std::size_t> place;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is_sibling(lines[i], before, after)) continue;
    if (lines[i] > line) return place ? place : i;
    place = i + 1;
  }
  return place;
}

// Adds the line behind `above`.
bool add_behind(std::vector<std::string_view>& lines, std::string_view line, std::string_view above, bool apart) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](auto l) { return trimmed(l) == trimmed(above); });
  if (above.empty() || found == lines.end()) return false;
  auto next = found + 1;
  if (apart && next != lines.end() && !next->empty()) next = lines.insert(next, "");
  std::vector<std::string_view> added{line};
  if (apart) added.insert(added.begin(), "");
  lines.insert(next, added.begin(), added.end());
  return true;
}

}  // namespace

wiring wire(std::string_view text, const fragment& f, std::string_view name) {
  auto lines = lines_of(text);
  const auto added = lines_of(f.text);
  if (added.empty() || has_line(lines, added.front())) return {wired::already_there, std::string{text}};
  if (added.size() > 1) {
    std::string whole{text};
    if (!whole.empty() && whole.back() != '\n') whole += '\n';
    if (!whole.empty() && !whole.ends_with("\n\n")) whole += '\n';
    return {wired::inserted, whole + f.text};
  }
  if (const auto place = place_among_siblings(lines, added.front(), name))
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(*place), added.front());
  else if (!add_behind(lines, added.front(), f.behind, f.apart))
    return {wired::no_place, std::string{text}};
  std::string whole;
  for (const auto line : lines) whole += std::string{line} + '\n';
  return {wired::inserted, std::move(whole)};
}

}  // namespace banyan::scaffold
