#include <banyan/plan/describe_forms.hpp>

#include <algorithm>

namespace banyan {

std::string describe(const application& app, describe_form form) {
  switch (form) {
    case describe_form::text: return detail::describe_as_text(app);
    case describe_form::json: return detail::describe_as_json(app);
    case describe_form::dot: return detail::describe_as_dot(app);
  }
  return {};
}

namespace detail {

std::vector<fact_group> group_facts(const plan_item& item) {
  std::vector<fact_group> groups;
  for (const auto& [key, value] : item.facts()) {
    auto group = std::find_if(groups.begin(), groups.end(), [&, &key = key](const fact_group& g) { return g.key == key; });
    if (group == groups.end()) group = groups.insert(group, {key, {}});
    group->values.push_back(value);
  }
  return groups;
}

}  // namespace detail
}  // namespace banyan
