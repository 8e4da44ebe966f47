#include <banyan/plan/nearest.hpp>
#include <banyan/plan/plan.hpp>

namespace banyan {
namespace {

std::string short_path(const plan& p, const plan_item& item, const option& o) { return p.service() + "." + item.name() + "." + o.name(); }

template <class F>
void for_each_option(const application& app, F f) {
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (auto& o : item->options()) f(service, *item, o);
}

}  // namespace

std::string item_path(const plan& p, const plan_item& item) {
  return p.service() + "." + item.kind() + "." + item.name();
}

std::string option_path(const plan& p, const plan_item& item, const option& o) {
  return item_path(p, item) + "." + o.name();
}

std::vector<option*> find_options(const application& app, std::string_view path) {
  std::vector<option*> exact, shorthand;
  for_each_option(app, [&](const plan& service, plan_item& item, option& o) {
    if (option_path(service, item, o) == path) exact.push_back(&o);
    else if (short_path(service, item, o) == path) shorthand.push_back(&o);
  });
  return exact.empty() ? shorthand : exact;
}

option* find_option(application& app, std::string_view path) {
  const auto found = find_options(app, path);
  return found.size() == 1 ? found.front() : nullptr;
}

std::string nearest_option(const application& app, std::string_view path) {
  std::vector<std::string> full, shorthand, same_ends;
  const auto service_name = path.substr(0, path.find('.'));
  const auto option_name = path.substr(path.rfind('.') + 1);  // the whole path when there is no dot
  for_each_option(app, [&](const plan& service, plan_item& item, option& o) {
    full.push_back(option_path(service, item, o));
    shorthand.push_back(short_path(service, item, o));
    if (service.service() == service_name && o.name() == option_name) same_ends.push_back(full.back());
  });
  // "orders.snapshot_every": service and option match, and only one pattern has the option.
  if (same_ends.size() == 1) return same_ends.front();
  auto closest = nearest(path, full);
  auto closest_short = nearest(path, shorthand);
  if (closest.empty()) return closest_short;
  if (closest_short.empty()) return closest;
  return edit_distance(path, closest_short) < edit_distance(path, closest) ? closest_short : closest;
}

}  // namespace banyan
