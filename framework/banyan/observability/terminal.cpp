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

}  // namespace banyan
