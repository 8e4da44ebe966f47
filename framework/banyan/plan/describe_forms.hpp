// The three output formats of `describe` (plan.hpp), one source file each.
#pragma once

#include <banyan/plan/plan.hpp>

namespace banyan::detail {

std::string describe_as_text(const application& app);
std::string describe_as_json(const application& app);
std::string describe_as_dot(const application& app);

// Groups facts by key ("event: orders.placed v1", "event: orders.paid v1"), keys in order of appearance.
struct fact_group {
  std::string key;
  std::vector<std::string> values;
};
std::vector<fact_group> group_facts(const plan_item& item);

}  // namespace banyan::detail
