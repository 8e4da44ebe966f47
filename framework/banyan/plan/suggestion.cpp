#include <banyan/plan/suggestion.hpp>

#include <banyan/plan/nearest.hpp>

#include <algorithm>

namespace banyan {

std::string suggestion(int argc, const char* const* argv, const std::vector<command_words>& commands) {
  const auto find = [&](const std::string& path) {
    return std::find_if(commands.begin(), commands.end(), [&](const command_words& c) { return c.path == path; });
  };
  auto here = find({});
  for (int i = 1; i < argc && here != commands.end(); ++i) {
    const std::string word = argv[i];
    if (const auto next = find(here->path.empty() ? word : here->path + " " + word); next != commands.end()) {
      here = next;
      continue;
    }
    const auto name = word.substr(0, word.find('='));
    if (std::find(here->words.begin(), here->words.end(), name) != here->words.end()) continue;
    if (auto meant = nearest(name, here->words); !meant.empty()) return "Did you mean " + meant + "?";
  }
  return {};
}

}  // namespace banyan
