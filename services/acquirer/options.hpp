// The acquirer's command line.
//
//   auto parsed = parse_options(argc, argv, std::getenv("ACQUIRER_CALLBACK_SECRET"));
//   if (!parsed.options) return parsed.exit_code;        // help was printed, or what is wrong
#pragma once

#include <services/acquirer/fault_settings.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace acquirer {

inline constexpr const char* secret_variable = "ACQUIRER_CALLBACK_SECRET";

struct program_options {
  std::uint16_t port = 8090;
  std::string data = "acquirer-data";
  std::uint64_t seed = 1;
  fault_settings faults;
  std::string callback_url;  // empty: no callbacks
  std::string callback_secret;
};

struct parsed_options {
  std::optional<program_options> options;
  int exit_code = 0;  // when there are none
};

// `secret`: the variable's value, or null. Prints help to standard output and mistakes to standard error.
parsed_options parse_options(int argc, char** argv, const char* secret);

}  // namespace acquirer
