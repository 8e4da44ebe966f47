#include <banyan/plan/plan.hpp>

#include <algorithm>

namespace banyan {

std::string_view to_string(phase p) {
  switch (p) {
    case phase::edge: return "edge";
    case phase::routing: return "routing";
    case phase::entity: return "entity";
    case phase::outbound: return "outbound";
    case phase::background: return "background";
    case phase::supervision: return "supervision";
  }
  return {};
}

plan_item& plan::insert(plan_item item) {
  const auto comes_before = [](phase when, const auto& other) { return when < other->when(); };
  const auto place = std::upper_bound(items_.begin(), items_.end(), item.when(), comes_before);
  return **items_.insert(place, std::make_shared<plan_item>(std::move(item)));
}

std::vector<std::string> plan::implementers(const message_type* request) const {
  std::vector<std::string> names;
  for (const auto& i : implementations_)
    if (i.of.request == request) names.push_back(i.by);
  return names;
}

const operation* plan::find_operation(const message_type* request) const {
  for (const auto& o : operations_)
    if (o.request == request) return &o;
  for (const auto& i : implementations_)
    if (i.of.request == request) return &i.of;
  return nullptr;
}

}  // namespace banyan
