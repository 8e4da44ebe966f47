#include <banyan/observability/terminal.hpp>

#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace banyan {

bool takes_color(int descriptor) {
  const auto variable = [](const char* name) {
    const auto* value = std::getenv(name);
    return std::string_view{value ? value : ""};
  };
  return variable("NO_COLOR").empty() && variable("TERM") != "dumb" && ::isatty(descriptor) != 0;
}

std::string printable(std::string text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x20 || byte(i) == 0x7f) text[i] = '?';
    if (byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0) text.replace(i, 2, "?");
  }
  return text;
}

}  // namespace banyan
