// A configuration file as a flat list of assignments. The TOML library stays behind this header.
#pragma once

#include <banyan/plan/plan.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banyan {

// One value in a source, not yet matched with an option.
struct assignment {
  // How the value was written. `word`: unquoted outside a file, and read as whatever the option is.
  enum class literal : std::uint8_t { word, text, boolean, integer, number, other };

  std::string path;      // "orders.ambassador.payments.deadline"
  literal how = literal::word;
  std::string value;     // other: what it is instead ("an array")
  std::string origin;    // "shop.toml:12"
};

inline constexpr std::size_t max_configuration_bytes = 256 << 10;

// Reads TOML 1.0; tables become prefixes of paths. A syntax error, too large a file or too deep a nesting is a problem with its line, and
// then there are no assignments.
std::vector<assignment> read_toml(const std::string& name, std::string_view text, std::vector<problem>& problems);

}  // namespace banyan
