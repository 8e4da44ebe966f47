#include <banyan/process_supervision/byte_size.hpp>

#include <charconv>
#include <limits>
#include <utility>

namespace banyan {

std::optional<std::int64_t> parse_byte_size(std::string_view text) {
  std::int64_t n = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
  if (parsed.ec != std::errc{} || n < 0) return {};
  const auto unit = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
  static constexpr std::pair<std::string_view, int> units[] = {{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
  for (const auto& [name, shift] : units)
    if (unit == name) return n > std::numeric_limits<std::int64_t>::max() >> shift ? std::nullopt : std::optional{n << shift};
  return {};
}

}  // namespace banyan
