// From this process and its disk: the texts that configuration is read from.
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <vector>

namespace banyan {

struct configuration_file {
  std::string name, text;  // the name is for origins and problems: "shop.toml"
};

inline constexpr std::size_t max_configuration_bytes = 256 << 10;

// Errors: not_found, unavailable (a folder, no permission), exhausted (more than 256 KiB).
result<configuration_file> read_configuration_file(const std::string& path);

std::vector<std::string> process_environment();  // "NAME=value"

}  // namespace banyan
