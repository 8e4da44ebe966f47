#include <banyan/runtime/completion.hpp>

#include <algorithm>

namespace banyan {
namespace {

bool is_plain(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !word.empty() && std::ranges::all_of(word, plain);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words)
    if (is_plain(w)) out += (out.empty() ? "" : " ") + w;
  return out;
}

// The shell function's name: characters other than letters and digits become '_'.
std::string function_of(std::string_view program) {
  std::string out = "_complete_";
  for (char c : program) out += is_plain({&c, 1}) && c != '-' && c != '.' ? c : '_';
  return out;
}

// The current command is the longest prefix of words that are commands; options and their values in between are
// skipped.
std::string for_bash(std::string_view program, const std::vector<command_words>& commands) {
  const auto function = function_of(program);
  std::string known, cases;
  for (const auto& c : commands) {
    if (!c.path.empty()) known += "|" + c.path;
    cases += "    '" + c.path + "') words='" + joined(c.words) + "' ;;\n";
  }
  return function + "() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} path='' next words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    next=\"${path:+$path }${COMP_WORDS[i]}\"\n"
         "    [[ '" + known + "|' == *\"|$next|\"* ]] && path=$next\n"
         "  done\n"
         "  case \"$path\" in\n" + cases + "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -o default -F " + function + " " + std::string{program} + "\n";
}

std::string for_fish(std::string_view program, const std::vector<command_words>& commands) {
  std::string out;
  for (const auto& c : commands) {
    for (const auto& word : c.words) {
      if (!is_plain(word)) continue;
      std::string when;
      if (c.path.empty()) {
        when = "__fish_use_subcommand";
      } else {
        for (std::size_t at = 0; at <= c.path.size();) {
          const auto end = std::min(c.path.find(' ', at), c.path.size());
          when += (when.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + c.path.substr(at, end - at));
          at = end + 1;
        }
      }
      out += "complete -c " + std::string{program} + " -n '" + when + "' ";
      out += word.starts_with("--") ? "-l " + word.substr(2) : "-a " + word;
      out += "\n";
    }
  }
  return out;
}

}  // namespace

std::optional<shell> parse_shell(std::string_view name) {
  if (name == "bash") return shell::bash;
  if (name == "zsh") return shell::zsh;
  if (name == "fish") return shell::fish;
  return std::nullopt;
}

std::string completion_script(shell which, std::string_view program, const std::vector<command_words>& commands) {
  switch (which) {
    case shell::fish:
      return for_fish(program, commands);
    case shell::zsh:
      return "autoload -U +X bashcompinit && bashcompinit\n" + for_bash(program, commands);
    case shell::bash:
      break;
  }
  return for_bash(program, commands);
}

}  // namespace banyan
