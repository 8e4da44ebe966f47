// A set of 8-bit characters as a look-up table, made at compile time. For checks of every character of a message.
#pragma once

#include <array>
#include <string_view>

namespace banyan {

class character_set {
 public:
  consteval explicit character_set(std::string_view characters) {
    for (const char c : characters) in_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool has(char c) const { return in_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> in_{};
};

}  // namespace banyan
