#include <banyan/runtime/plan_page.hpp>

namespace banyan {

std::string describe(const application& app, const node_settings& settings, describe_form form) {
  auto plan = describe(app, form);
  if (form == describe_form::text) return plan + "\n" + describe(settings);
  if (form == describe_form::json) plan.insert(plan.rfind('}'), R"(,"settings":)" + describe_as_json(settings));
  return plan;
}

std::optional<describe_form> parse_describe_form(std::string_view name) {
  if (name == "text") return describe_form::text;
  if (name == "json") return describe_form::json;
  if (name == "dot") return describe_form::dot;
  return std::nullopt;
}

std::string_view media_type(describe_form form) {
  switch (form) {
    case describe_form::text: return "text/plain; charset=utf-8";
    case describe_form::json: return "application/json";
    case describe_form::dot: return "text/vnd.graphviz; charset=utf-8";
  }
  return {};
}

}  // namespace banyan
