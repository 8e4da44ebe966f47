// Generates shell completion scripts from a program's command line as data.
//
//   eval "$(shop completion bash)"          # in ~/.bashrc; zsh and fish likewise
#pragma once

#include <banyan/plan/suggestion.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

enum class shell : std::uint8_t { bash, zsh, fish };
std::optional<shell> parse_shell(std::string_view name);

// `program` is the completed command. Words that a shell would interpret (other than letters, digits, '-', '_', '.')
// are omitted. File names are completed where no word fits.
std::string completion_script(shell which, std::string_view program, const std::vector<command_words>& commands);

}  // namespace banyan
