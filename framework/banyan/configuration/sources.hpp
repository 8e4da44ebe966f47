// Configuration files and environment variables, as text.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/plan/plan.hpp>

#include <string>
#include <vector>

namespace banyan {

struct configuration_file {
  std::string name, text;  // `name` appears in origins and problems: "shop.toml"
};

inline constexpr std::size_t max_configuration_bytes = 256 << 10;

// Errors: not_found, unavailable (a folder, no permission), exhausted (more than 256 KiB).
result<configuration_file> read_configuration_file(const std::string& path);

// Those that were named; when there are none, the default one if it is there now. A problem for each one that can not
// be read.
std::vector<configuration_file> read_configuration_files(const std::vector<std::string>& named,
                                                         const std::string& by_default,
                                                         std::vector<problem>& problems);

std::vector<std::string> process_environment();  // "NAME=value"

}  // namespace banyan
