#include <banyan/plan/check_journals.hpp>
#include <banyan/plan/check_needs.hpp>
#include <banyan/plan/nearest.hpp>
#include <banyan/plan/plan.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace banyan {
namespace {

// ASCII letters and digits, and those in `also`; independent of the locale.
bool usable(std::string_view name, std::string_view also) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  if (name.empty() || name.size() > 100 || name.front() == '.' || name.back() == '.') return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return plain.find(c) != plain.npos || also.find(c) != also.npos; });
}

std::string unusable(std::string_view of_what, std::string_view also, std::string_view name) {
  std::string out = "the name of " + std::string{of_what} + " has 1 to 100 letters and digits";
  for (char c : also) out += std::string{", '"} + c + '\'';
  return out + "; \"" + std::string{name} + "\" has not";
}

std::string quote(std::string_view name) { return '"' + std::string{name} + '"'; }

std::string join(const std::vector<std::string>& names, std::string_view between) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? std::string{} : std::string{between}) + name;
  return out;
}

void check_item(const plan& p, const plan_item& item, std::vector<problem>& out) {
  const auto where = item_path(p, item);
  if (!usable(item.kind(), "_")) out.push_back({where, unusable("a kind of pattern", "_", item.kind())});
  if (!usable(item.name(), "_-.")) out.push_back({where, unusable("a pattern", "_-.", item.name()) + "; give it a .name"});
  std::set<std::string_view> seen;
  for (const auto& o : item.options()) {
    const auto path = option_path(p, item, o);
    if (!seen.insert(o.name()).second) out.push_back({path, "the pattern contributes two options of this name"});
    if (!usable(o.name(), "_.")) out.push_back({path, unusable("an option", "_.", o.name())});
    if (auto good = o.try_set(o.value()); !good) out.push_back({path, good.error().message + " (" + o.origin() + ")"});
  }
}

void check_names(const plan& p, std::vector<problem>& out) {
  if (!usable(p.service(), "_-"))
    out.push_back({p.service().empty() ? "a service without a name" : p.service(),
                   unusable("a service", "_-", p.service())});
  std::map<std::pair<std::string_view, std::string_view>, int> count;
  for (const auto& item : p.items()) {
    check_item(p, *item, out);
    if (++count[{item->kind(), item->name()}] == 2)
      out.push_back({item_path(p, *item),
                     "several " + item->kind() + " patterns of this service have the name " + quote(item->name()) +
                         "; keep one, or give all but one another .name if they take one"});
  }
}

void check_operations(const plan& p, std::vector<problem>& out) {
  std::map<const message_type*, int> count;
  std::map<std::string_view, const message_type*> names;
  for (const auto& operation : p.operations()) {
    if (!usable(operation.name, "_-."))
      out.push_back({operation.name, unusable("an operation", "_-.", operation.name)});
    if (const auto [first, is_new] = names.emplace(operation.name, operation.request);
        !is_new && first->second != operation.request)
      out.push_back({operation.name,
                     "the API lists two operations of this name: give the struct of one of them another name, or "
                     "`static constexpr banyan::sent_as sent{\"another_name\"};`"});
    if (++count[operation.request] > 1) {
      if (count[operation.request] == 2) out.push_back({operation.name, "the API lists this operation more than once"});
      continue;
    }
    const auto by = p.implementers(operation.request);
    if (by.empty())
      out.push_back({operation.name,
                     "the API offers this operation, but no pattern of the service answers it: add handles<...>{} or another one that "
                     "takes this message"});
    if (by.size() > 1) out.push_back({operation.name, "this operation is answered more than once, by " + join(by, " and ") + "; keep one"});
  }
}

// A node finds the receiver by the request's type, so of two services that answer it the last one started would get
// all requests. Two patterns of one service that answer an operation of its API are reported with its operations.
void check_answers(const application& app, std::vector<problem>& out) {
  struct owner {
    const plan* of;
    std::string path;
  };
  std::map<const message_type*, std::string> offered;
  std::map<const message_type*, std::vector<owner>> owners;
  std::vector<const message_type*> requests;  // in the order of the plans
  for (const auto& service : app.services) {
    for (const auto& operation : service.operations()) offered.emplace(operation.request, operation.name);
    for (const auto& i : service.implementations()) {
      auto& known = owners[i.of.request];
      if (known.empty()) requests.push_back(i.of.request);
      known.push_back({&service, service.service() + "." + i.by});
    }
  }
  for (const auto* request : requests) {
    const auto& by = owners[request];
    if (by.size() < 2) continue;
    const bool is_of_one_name =
        std::all_of(by.begin(), by.end(), [&](const owner& o) { return o.of->service() == by.front().of->service(); });
    const auto operation = offered.find(request);
    if (is_of_one_name && (operation != offered.end() || by.front().of != by.back().of)) continue;
    std::vector<std::string> paths;
    for (const auto& o : by) paths.push_back(o.path);
    const auto name = operation == offered.end() ? std::string{short_name(*request)} : operation->second;
    const auto all = join(paths, " and ");
    out.push_back({paths[1], "the request " + name + " is answered more than once, by " + all + "; keep one"});
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
        out.push_back({item_path(service, *item),
                       "asks the service " + quote(link.target) + ", which is not in this application; " +
                           (meant.empty() ? "its services are " + join(names, ", ") + ": add the plan of this one"
                                          : "did you mean " + quote(meant) + "?")});
      }
    }
  }
}

// Every subscribed topic must have a publisher; a typo would otherwise never deliver.
void check_topics(const application& app, std::vector<problem>& out) {
  std::vector<std::string> published;
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (const auto& link : item->links())
        if (link.verb == "publishes") published.push_back(link.target);
  for (const auto& service : app.services) {
    for (const auto& item : service.items()) {
      for (const auto& link : item->links()) {
        if (link.verb != "subscribes" || std::find(published.begin(), published.end(), link.target) != published.end()) continue;
        const auto meant = nearest(link.target, published);
        out.push_back({item_path(service, *item),
                       "subscribes to " + link.target + ", which no service of this application publishes" +
                           (meant.empty() ? "; add publishes<...> with this topic to the service that stores the event"
                                          : "; did you mean " + meant + "?")});
      }
    }
  }
}

// Cyclic calls between services: none can work before the others, and an outage of one is an outage of all.
void check_rings(const application& app, std::vector<problem>& out) {
  std::map<std::string, std::set<std::string>> asks;
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (const auto& link : item->links())
        if (link.verb == "asks") asks[service.service()].insert(link.target);
  std::set<std::string> done;
  std::vector<std::string> way;
  const std::function<void(const std::string&)> go = [&](const std::string& from) {
    if (auto seen = std::find(way.begin(), way.end(), from); seen != way.end()) {
      std::vector<std::string> ring{seen, way.end()};
      ring.push_back(from);
      out.push_back({from, "these services ask each other in a ring: " + join(ring, " -> ") + "; let one of them subscribe to what it asks for"});
      return;
    }
    if (done.count(from) > 0) return;
    way.push_back(from);
    if (auto links = asks.find(from); links != asks.end())
      for (const auto& to : links->second) go(to);
    way.pop_back();
    done.insert(from);
  };
  for (const auto& service : app.services) go(service.service());
}

// Gifts and needs between patterns (plan_claim).
class claims {
 public:
  explicit claims(const application& app) {
    for (const auto& service : app.services)
      for (const auto& item : service.items())
        for (const auto& c : item->given()) give(service, *item, c);
    for (const auto& service : app.services)
      for (const auto& item : service.items())
        for (const auto& c : item->needed())
          if (!givers_.contains(key_of(service, c))) found_.push_back({item_path(service, *item), c.otherwise});
  }
  std::vector<problem> found() && { return std::move(found_); }

 private:
  using key = std::pair<const plan*, std::string>;  // null plan: application-wide
  static key key_of(const plan& service, const plan_claim& c) {
    return {c.scope == plan_claim::scope_type::service ? &service : nullptr, c.what};
  }
  void give(const plan& service, const plan_item& item, const plan_claim& c) {
    const auto where = item_path(service, item);
    const auto [first, is_new] = givers_.emplace(key_of(service, c), where);
    if (is_new || c.otherwise.empty()) return;
    auto sentence = c.otherwise;
    if (const auto at = sentence.find("{}"); at != sentence.npos) sentence.replace(at, 2, first->second);
    found_.push_back({where, std::move(sentence)});
  }
  std::map<key, std::string> givers_;  // path of the first giver
  std::vector<problem> found_;
};

void check_installed(const plan& p, std::vector<problem>& out) {
  for (const auto& item : p.items())
    if (!item->is_run())
      out.push_back({item_path(p, *item),
                     "is declared, but nothing runs it: its pattern names no function that installs it (place::installed_by), nor who reads "
                     "it (place::read_by)"});
}

// Each once, in the order of the plans.
template <class F>
std::vector<F> each_once(const application& app, const std::vector<F>& (plan::*of)() const) {
  std::vector<F> all;
  for (const auto& service : app.services)
    for (const auto f : (service.*of)())
      if (std::find(all.begin(), all.end(), f) == all.end()) all.push_back(f);
  return all;
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
  if (!usable(app.name, "_-"))
    out.push_back({app.name.empty() ? "the application" : app.name, unusable("an application", "_-", app.name)});
  if (app.services.empty()) out.push_back({app.name, "the application has no services: there is nothing to run"});
  std::map<std::string_view, int> count;
  for (const auto& service : app.services) {
    if (++count[service.service()] == 2) out.push_back({service.service(), "several services of this application have this name"});
    for (auto& p : service.check()) out.push_back(std::move(p));
  }
  check_answers(app, out);
  check_links(app, out);
  check_topics(app, out);
  check_journals(app, out);
  check_rings(app, out);
  for (auto& p : check_needs(app)) out.push_back(std::move(p));
  return out;
}

std::vector<problem> check_needs(const application& app) {
  std::vector<problem> out;
  for (const auto& service : app.services) check_installed(service, out);
  for (auto& p : claims{app}.found()) out.push_back(std::move(p));
  for (const auto rule : each_once(app, &plan::application_rules)) rule(app, out);
  return out;
}

std::vector<problem> check(const application& app, const ports& engines) {
  std::vector<problem> out;
  for (const auto rule : each_once(app, &plan::engine_rules)) rule(app, engines, out);
  return out;
}

std::vector<std::string> notes(const application& app) {
  std::vector<std::string> out;
  for (const auto add : each_once(app, &plan::notes)) add(app, out);
  return out;
}

}  // namespace banyan
