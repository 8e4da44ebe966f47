#include <banyan/supervision/policy.hpp>

#include <set>

namespace banyan {

std::string_view to_string(restart r) {
  switch (r) {
    case restart::one_for_one: return "one_for_one";
    case restart::one_for_all: return "one_for_all";
    case restart::rest_for_one: return "rest_for_one";
  }
  return "?";
}

std::string_view to_string(restart_type t) {
  switch (t) {
    case restart_type::permanent: return "permanent";
    case restart_type::transient: return "transient";
    case restart_type::temporary: return "temporary";
  }
  return "?";
}

std::string_view to_string(auto_shutdown a) {
  switch (a) {
    case auto_shutdown::never: return "never";
    case auto_shutdown::any_significant: return "any_significant";
    case auto_shutdown::all_significant: return "all_significant";
  }
  return "?";
}

std::vector<std::string> check(const supervision_policy& policy, const std::vector<child_policy>& children) {
  std::vector<std::string> wrong;
  if (const auto& b = policy.backoff) {
    if (b->first.count().count() < 0 || b->min.count().count() < 0 || b->quiet.count().count() < 0)
      wrong.push_back("the back-off's first, min and quiet times must not be negative");
    if (b->max < b->min) wrong.push_back("the back-off's longest wait is shorter than its shortest");
    if (!(b->jitter >= 0 && b->jitter <= 1)) wrong.push_back("the back-off's jitter is a share: from 0 to 1");
  }
  if (const auto& l = policy.limit) {
    if (l->restarts < 0) wrong.push_back("the number of restarts allowed must not be negative");
    if (l->within.count().count() <= 0) wrong.push_back("the time in which restarts are counted must be longer than nothing");
  }
  std::set<std::string_view> names;
  for (const auto& c : children) {
    if (c.name.empty()) wrong.push_back("a child has no name");
    else if (!names.insert(c.name).second) wrong.push_back("two children are named " + c.name);
    if (c.shutdown.count().count() < 0) wrong.push_back("the shutdown time of " + c.name + " is negative");
    if (c.significant && c.type == restart_type::permanent)
      wrong.push_back(c.name + " is significant and permanent: it would never end by itself for good");
    if (c.significant && policy.auto_shutdown == auto_shutdown::never)
      wrong.push_back(c.name + " is significant, but its supervisor never shuts down by itself");
  }
  return wrong;
}

}  // namespace banyan
