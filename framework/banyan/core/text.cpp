#include <banyan/core/text.hpp>

#include <algorithm>

namespace banyan {

std::string printable(std::string text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x20 || byte(i) == 0x7f) text[i] = '?';
    if (byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0) text.replace(i, 2, "?");
  }
  return text;
}

std::vector<std::string_view> list_items(std::string_view list) {
  constexpr std::string_view between = ", ";
  std::vector<std::string_view> items;
  for (auto from = list.find_first_not_of(between); from != list.npos; from = list.find_first_not_of(between, from)) {
    const auto end = std::min(list.find_first_of(between, from), list.size());
    items.push_back(list.substr(from, end - from));
    from = end;
  }
  return items;
}

}  // namespace banyan
