// Version numbers as programs and headers write them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace banyan::doctor {

using version_number = std::array<int, 3>;  // major, minor, patch; compared in this order

// The first number with a dot outside of parentheses: "g++ (Debian 12.2.0-14) 12.2.0" -> 12.2.0.
std::optional<version_number> version_in(std::string_view text);
// The value of a version macro: "3.40.1", "1_81", 1 . 10 . 0, and CAF's 1706, which is 0.17.6. 0.0.0: none of these.
version_number version_of_macro(std::string_view text);
std::string to_string(const version_number& v);  // "3.40.1"

}  // namespace banyan::doctor
