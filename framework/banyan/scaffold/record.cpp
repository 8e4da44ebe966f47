#include <banyan/scaffold/record.hpp>

#include <banyan/scaffold/names.hpp>

#include <algorithm>
#include <filesystem>

namespace banyan::scaffold {

const service_record* project_record::find(const std::string& service) const {
  const auto found = std::find_if(services.begin(), services.end(), [&](const auto& s) { return s.name == service; });
  return found == services.end() ? nullptr : &*found;
}

std::string to_text(const project_record& record) {
  std::string text = "{\n  \"application\": " + to_json(record.application) +
                     ",\n  \"template_version\": " + std::to_string(record.template_version) +
                     (record.tree ? ",\n  \"tree\": " + to_json(*record.tree) : "") + ",\n  \"services\": [";
  const char* before = "\n    ";
  for (const auto& s : record.services) {
    text += before + to_json(s);
    before = ",\n    ";
  }
  return text + (record.services.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

namespace {

// The paths that the record gives: a project of somebody else must not have files outside it written.
result<void> check_paths(const project_record& record) {
  for (const auto& s : record.services) {
    if (auto named = check_name("service", s.name); !named) return named;
    if (auto named = check_name("aggregate", s.aggregate); !named) return named;
  }
  if (!record.tree) return {};
  for (const auto& [file, path] : record.tree->wired) {
    const auto normal = std::filesystem::path{path}.lexically_normal();
    if (path.empty() || normal.is_absolute() || *normal.begin() == "..")
      return error{code::invalid_argument, "its \"wired\" names \"" + path + "\", which is not in the project"};
  }
  return {};
}

}  // namespace

result<project_record> read_record(std::string_view text) {
  auto record = from_json<project_record>(text);
  if (!record) return record.error();
  if (auto named = check_paths(*record); !named) return named.error();
  auto newest = record->template_version;
  for (const auto& s : record->services) newest = std::max(newest, s.template_version);
  if (newest > template_version)
    return error{code::invalid_argument, "it was made from template " + std::to_string(newest) +
                                             ", and this program has template " + std::to_string(template_version)};
  return record;
}

}  // namespace banyan::scaffold
