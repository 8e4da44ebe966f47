// Suggestions for a refused command line ("Did you mean --json?"): the name closest to its first unknown word.
//
//   std::vector<command_words> words;
//   collect_words(cli, {}, words);                    // a CLI::App
//   try { cli.parse(argc, argv); }
//   catch (const CLI::ParseError& e) { cli.exit(e); std::cerr << suggestion(argc, argv, words) << '\n'; }
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace banyan {

// The words that may follow a command: its subcommands and options. `path` is empty for the program itself, "events
// list" for a nested subcommand.
struct command_words {
  std::string path;
  std::vector<std::string> words;
};

// A sentence; empty when no known word is close. `commands` must contain the program itself.
std::string suggestion(int argc, const char* const* argv, const std::vector<command_words>& commands);

// Adds those of a CLI::App and of its subcommands; those of the app itself come last.
template <class App>
void collect_words(const App& from, const std::string& path, std::vector<command_words>& into) {
  command_words here{path, {}};
  for (const auto* sub : from.get_subcommands({})) {
    here.words.push_back(sub->get_name());
    collect_words(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), into);
  }
  for (const auto* option : from.get_options())
    for (const auto& name : option->get_lnames()) here.words.push_back("--" + name);
  into.push_back(std::move(here));
}

}  // namespace banyan
