#include <banyan/runtime/schema_command.hpp>

#include <banyan/core/json.hpp>
#include <banyan/plan/schema.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

namespace banyan {

namespace {

struct change_line {
  std::string effect, what, sentence;
};
BOOST_DESCRIBE_STRUCT(change_line, (), (effect, what, sentence))

constexpr std::uintmax_t most_bytes = 16 << 20;

std::string usual_file() {
  for (const char* name : {"services/schema.lock", "schema.lock"})
    if (std::error_code unseen; std::filesystem::exists(name, unseen)) return name;
  return {};
}

result<schema> read_lock(const std::string& name) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(name, failed);
  if (failed) return error{code::not_found, "cannot read " + name + ": " + failed.message()};
  if (size > most_bytes) return error{code::invalid_argument, name + " is too large for a schema"};
  std::ifstream file{name, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad() || text.size() != size) return error{code::unavailable, "cannot read " + name};
  auto read = parse_schema(text);
  if (!read) return error{code::invalid_argument, name + ": " + read.error().message};
  return read;
}

using effect = schema_change::effect_kind;

std::size_t count(const std::vector<schema_change>& changes, effect e) {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(), [&](const auto& c) { return c.effect == e; }));
}

std::string summary(const std::vector<schema_change>& changes) {
  if (changes.empty()) return "No difference.";
  return std::to_string(changes.size()) + (changes.size() == 1 ? " difference: " : " differences: ") +
         std::to_string(count(changes, effect::breaking)) + " breaking, " +
         std::to_string(count(changes, effect::one_way)) + " one way, " +
         std::to_string(count(changes, effect::compatible)) + " compatible.";
}

}  // namespace

int print_schema(const application& app, std::ostream& out) {
  out << "# Wire names, versions and layouts that other programs, older versions and stored events of " << app.name
      << " rely on.\n"
      << "# Written by `" << app.name << " schema print`; `" << app.name
      << " schema diff` says what a change of it means.\n"
      << to_text(schema_of(app));
  return 0;
}

int diff_schema(const application& app, const schema_query& q, std::ostream& out, std::ostream& errors) {
  const auto name = q.file.empty() ? usual_file() : q.file;
  if (name.empty()) {
    errors << "There is neither services/schema.lock nor schema.lock here: name a file, or write one with `" << app.name
           << " schema print > schema.lock`.\n";
    return 2;
  }
  const auto locked = read_lock(name);
  if (!locked) {
    errors << locked.error().message << '\n';
    return 2;
  }
  const auto changes = compare(*locked, schema_of(app));
  for (const auto& c : changes) {
    if (q.json)
      out << to_json(change_line{std::string{to_string(c.effect)}, c.what, c.sentence}) << '\n';
    else
      out << to_string(c) << '\n';
  }
  if (!q.json) out << summary(changes) << '\n';
  if (count(changes, effect::breaking) > 0) return 1;
  if (!q.exact || changes.empty()) return 0;
  errors << name << " is not up to date: when the changes are meant, write it anew with `" << app.name
         << " schema print > " << name << "`.\n";
  return 1;
}

}  // namespace banyan
