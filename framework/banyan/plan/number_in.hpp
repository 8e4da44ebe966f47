// A CLI11 transform for numbers: decimal, within bounds.
//
//   cli.add_option("--limit", limit, "At most this many")->transform(number_in<CLI::Validator>(1, 10'000));
//
// CLI11 alone accepts overflowing numbers, negative ones for unsigned types, 010 as eight, and nan within any
// bounds.
#pragma once

#include <charconv>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>
#include <type_traits>

namespace banyan {

template <class Validator, class T>
Validator number_in(T first, T last) {
  std::ostringstream bounds;
  bounds << first << " to " << last;
  const auto range = bounds.str();
  const auto check = [first, last, range](std::string& text) -> std::string {
    T value{};
    const char* end = text.data() + text.size();
    const auto [behind, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc{} || behind != end || !(value >= first && value <= last)) return "not in range " + range + ": \"" + text + "\"";
    if constexpr (std::is_integral_v<T>) text = std::to_string(value);  // without leading zeros
    return {};
  };
  return Validator{check, last == std::numeric_limits<T>::max() ? "" : range};
}

}  // namespace banyan
