#include <services/rules/text.hpp>

#include <banyan/http/utf8.hpp>

#include <algorithm>

namespace shop {

bool is_code(std::string_view text, std::size_t most) {
  auto unfit = [](char c) {
    auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7f || u == '/' || u == '\\';
  };
  return is_name(text, most) && text != "." && text != ".." && text.find_first_not_of(' ') != std::string_view::npos &&
         std::ranges::none_of(text, unfit);
}

std::string code_rule(std::size_t most) {
  return "has 1 to " + std::to_string(most) + " characters, without slashes or control characters";
}

bool is_name(std::string_view text, std::size_t most) { return !text.empty() && banyan::utf8_length(text) <= most; }

}  // namespace shop
