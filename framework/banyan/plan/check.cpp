#include <banyan/plan/nearest.hpp>
#include <banyan/plan/plan.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace banyan {
namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz", upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits = "0123456789";

bool usable(std::string_view name, std::string_view also) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && name.back() != '.' && std::all_of(name.begin(), name.end(), [&](char c) {
    return lower.find(c) != lower.npos || upper.find(c) != upper.npos || digits.find(c) != digits.npos || also.find(c) != also.npos;
  });
}

std::string quote(std::string_view name) { return '"' + std::string{name} + '"'; }

std::string join(const std::vector<std::string>& names, std::string_view between) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? std::string{} : std::string{between}) + name;
  return out;
}

void check_item(const plan& p, const plan_item& item, std::vector<problem>& out) {
  const auto where = p.service() + "." + item.kind() + "." + item.name();
  if (!usable(item.kind(), "_")) out.push_back({where, "the kind of a pattern has 1 to 100 letters, digits and '_', " + quote(item.kind()) + " has not"});
  if (!usable(item.name(), "_-."))
    out.push_back({where, "the name of a pattern has 1 to 100 letters, digits, '_', '-' and '.', " + quote(item.name()) + " has not; give it a .name"});
  std::set<std::string_view> seen;
  for (const auto& o : item.options()) {
    const auto path = option_path(p, item, o);
    if (!seen.insert(o.name()).second) out.push_back({path, "the pattern contributes two options of this name"});
    if (!usable(o.name(), "_.")) out.push_back({path, "the name of an option has 1 to 100 letters, digits, '_' and '.'"});
    if (auto good = o.try_set(o.value()); !good) out.push_back({path, good.error().message + " (" + o.origin() + ")"});
  }
}

void check_names(const plan& p, std::vector<problem>& out) {
  if (!usable(p.service(), "_-"))
    out.push_back({p.service(), "the name of a service has 1 to 100 letters, digits, '_' and '-', " + quote(p.service()) + " has not"});
  std::map<std::pair<std::string_view, std::string_view>, int> count;
  for (const auto& item : p.items()) {
    check_item(p, *item, out);
    if (++count[{item->kind(), item->name()}] == 2)
      out.push_back({p.service() + "." + item->kind() + "." + item->name(), "several " + item->kind() + " patterns of this service have the name " +
                                                                                quote(item->name()) + "; give all but one another .name"});
  }
}

void check_operations(const plan& p, std::vector<problem>& out) {
  std::map<const message_type*, int> count;
  for (const auto& operation : p.operations()) {
    if (++count[operation.request] > 1) {
      if (count[operation.request] == 2) out.push_back({operation.name, "the API lists this operation more than once"});
      continue;
    }
    const auto by = p.implementers(operation.request);
    if (by.empty())
      out.push_back({operation.name, "the API offers this operation, but no pattern of the service answers it: add a handles<...>{} for it, or a pattern "
                                     "that takes this message"});
    if (by.size() > 1) out.push_back({operation.name, "this operation is answered more than once, by " + join(by, " and ") + "; keep one"});
  }
}

void check_links(const application& app, std::vector<problem>& out) {
  std::vector<std::string> names;
  for (const auto& service : app.services) names.push_back(service.service());
  for (const auto& service : app.services) {
    for (const auto& item : service.items()) {
      for (const auto& link : item->links()) {
        if (link.verb != "asks" || std::find(names.begin(), names.end(), link.target) != names.end()) continue;
        const auto meant = nearest(link.target, names);
        out.push_back({service.service() + "." + item->kind() + "." + item->name(),
                       "asks the service " + quote(link.target) + ", which is not in this application; " +
                           (meant.empty() ? "its services are " + join(names, ", ") : "did you mean " + quote(meant) + "?")});
      }
    }
  }
}

}  // namespace

std::vector<problem> plan::check() const {
  std::vector<problem> out;
  check_names(*this, out);
  check_operations(*this, out);
  for (const auto& rule : rules_) rule(*this, out);
  return out;
}

std::vector<problem> check(const application& app) {
  std::vector<problem> out;
  if (!usable(app.name, "_-")) out.push_back({app.name, "the name of an application has 1 to 100 letters, digits, '_' and '-', " + quote(app.name) + " has not"});
  if (app.services.empty()) out.push_back({app.name, "the application has no services: there is nothing to run"});
  std::map<std::string_view, int> count;
  for (const auto& service : app.services) {
    if (++count[service.service()] == 2) out.push_back({service.service(), "several services of this application have this name"});
    for (auto& p : service.check()) out.push_back(std::move(p));
  }
  check_links(app, out);
  return out;
}

}  // namespace banyan
