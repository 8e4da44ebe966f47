#include <banyan/scaffold/record.hpp>

#include <algorithm>

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

result<project_record> read_record(std::string_view text) {
  auto record = from_json<project_record>(text);
  if (!record) return record.error();
  auto newest = record->template_version;
  for (const auto& s : record->services) newest = std::max(newest, s.template_version);
  if (newest > template_version)
    return error{code::invalid_argument, "it was made from template " + std::to_string(newest) +
                                             ", and this program has template " + std::to_string(template_version)};
  return record;
}

}  // namespace banyan::scaffold
