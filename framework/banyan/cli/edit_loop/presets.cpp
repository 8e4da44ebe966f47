#include "presets.hpp"

#include <banyan/core/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace banyan::edit_loop {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::size_t deepest = 32;  // of `inherits`; CMake refuses cycles

error wrong(std::string sentence) { return error{code::invalid_argument, std::move(sentence)}; }

const json::array* array_in(const json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found ? found->if_array() : nullptr;
}

std::string text_in(const json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string{text->c_str()} : std::string{};
}

bool is_hidden_preset(const json::object& p) {
  const auto* hidden = p.if_contains("hidden");
  return hidden && hidden->is_bool() && hidden->get_bool();
}

// One word, or a list of words.
std::vector<std::string> words_in(const json::object& of, std::string_view key) {
  std::vector<std::string> words;
  if (const auto* list = array_in(of, key)) {
    for (const auto& word : *list)
      if (word.is_string()) words.emplace_back(word.get_string().c_str());
  } else if (auto word = text_in(of, key); !word.empty()) {
    words.push_back(std::move(word));
  }
  return words;
}

struct found_preset {
  json::object words;
  fs::path file;
};

class preset_files {
 public:
  explicit preset_files(const file_reader& read) : read_{read} {}

  result<void> add(const fs::path& file) {
    if (!seen_.insert(file).second) return {};
    const auto text = read_(file);
    if (!text) return {};
    there_.push_back(file);
    auto parsed = parse_json(*text);
    if (!parsed) return wrong(file.string() + ": " + parsed.error().message);
    const auto* all = parsed->if_object();
    if (!all) return wrong(file.string() + " is no JSON object");
    for (const auto& other : words_in(*all, "include"))
      if (auto added = add((file.parent_path() / other).lexically_normal()); !added) return added;
    keep(*all, "configurePresets", file, configure_);
    keep(*all, "buildPresets", file, build_);
    return {};
  }

  const found_preset* configure(const std::string& name) const { return find(configure_, name); }

  // As CMake: the preset's own, else that of the first in `inherits` that has one.
  std::pair<std::string, fs::path> inherited(const std::string& name, std::string_view key,
                                             std::size_t depth = 0) const {
    const auto* p = configure(name);
    if (!p || depth > deepest) return {};
    if (auto own = text_in(p->words, key); !own.empty()) return {std::move(own), p->file};
    for (const auto& parent : words_in(p->words, "inherits"))
      if (auto theirs = inherited(parent, key, depth + 1); !theirs.first.empty()) return theirs;
    return {};
  }

  bool has_build(const std::string& name) const {
    const auto* p = find(build_, name);
    return p && !is_hidden_preset(p->words) && text_in(p->words, "configurePreset") == name;
  }

  // Whether it has variables of its own, which count before those of the process.
  bool has_environment(const std::string& name, std::size_t depth = 0) const {
    const auto* p = configure(name);
    if (!p || depth > deepest) return false;
    const auto parents = words_in(p->words, "inherits");
    return p->words.contains("environment") ||
           std::any_of(parents.begin(), parents.end(), [&](const auto& n) { return has_environment(n, depth + 1); });
  }

  std::vector<fs::path> read() const { return there_; }

  std::string visible() const {
    std::string names;
    for (const auto& [name, p] : configure_)
      if (!is_hidden_preset(p.words)) names += (names.empty() ? "" : ", ") + name;
    return names;
  }

 private:
  using presets = std::map<std::string, found_preset>;

  static const found_preset* find(const presets& in, const std::string& name) {
    const auto at = in.find(name);
    return at == in.end() ? nullptr : &at->second;
  }
  static void keep(const json::object& all, std::string_view key, const fs::path& file, presets& into) {
    const auto* list = array_in(all, key);
    if (!list) return;
    for (const auto& p : *list)
      if (const auto* words = p.if_object()) into.insert_or_assign(text_in(*words, "name"), found_preset{*words, file});
  }

  const file_reader& read_;
  std::set<fs::path> seen_;
  std::vector<fs::path> there_;
  presets configure_, build_;
};

std::string variable_of_environment(const std::string& name) {
  const auto* value = std::getenv(name.c_str());
  return value ? value : "";
}

// Replaces CMake's macros. Empty: one of them is not known here, as $env of a preset with variables of its own.
std::optional<std::string> expanded(std::string_view text, const fs::path& root, const fs::path& file,
                                    const std::string& name, bool has_environment) {
  const std::map<std::string_view, std::string> known{
      {"sourceDir", root.string()},
      {"sourceParentDir", root.parent_path().string()},
      {"sourceDirName", root.filename().string()},
      {"presetName", name},
      {"fileDir", file.parent_path().string()},
      {"dollar", "$"},
      {"hostSystemName", "Linux"},
      {"pathListSep", ":"},
  };
  std::string out;
  while (!text.empty()) {
    const auto from = std::min(text.find('$'), text.size());
    out += text.substr(0, from);
    text.remove_prefix(from);
    if (text.empty()) break;
    const auto open = text.find('{'), close = text.find('}');
    if (open == text.npos || close == text.npos || close < open) return {};
    const auto kind = text.substr(1, open - 1), word = text.substr(open + 1, close - open - 1);
    if (kind == "penv" || (kind == "env" && !has_environment)) {
      out += variable_of_environment(std::string{word});
    } else if (const auto found = known.find(word); kind.empty() && found != known.end()) {
      out += found->second;
    } else {
      return {};
    }
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace

result<preset> read_preset(const fs::path& root, const std::string& name, const file_reader& read) {
  preset_files files{read};
  for (const auto* file : {"CMakePresets.json", "CMakeUserPresets.json"})
    if (auto added = files.add(root / file); !added) return added.error();
  const auto* found = files.configure(name);
  if (!found || is_hidden_preset(found->words))
    return wrong(root.string() + " has no configure preset \"" + name + "\"; it has: " + files.visible() +
                 ". --preset chooses one.");
  const auto [text, file] = files.inherited(name, "binaryDir");
  if (text.empty()) return wrong("The configure preset \"" + name + "\" of " + root.string() + " names no binaryDir.");
  const auto folder = expanded(text, root, file, name, files.has_environment(name));
  if (!folder)
    return wrong("The binaryDir of the configure preset \"" + name + "\" has a macro that is not known here: " + text);
  auto absolute = (root / *folder).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  return preset{name, std::move(absolute), files.has_build(name), files.read()};
}

std::string cache_variable(std::string_view cache, std::string_view name) {
  while (!cache.empty()) {
    const auto end = std::min(cache.find('\n'), cache.size());
    const auto line = cache.substr(0, end);
    cache.remove_prefix(std::min(end + 1, cache.size()));
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    if (const auto equals = line.find('='); equals != line.npos) return std::string{line.substr(equals + 1)};
  }
  return {};
}

}  // namespace banyan::edit_loop
