#include <banyan/pub_sub/topics.hpp>

#include <banyan/event_sourcing/event_sourced.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace banyan {

namespace {

std::string owner(const plan& p, const plan_item& item) { return p.service() + "." + item.kind() + "." + item.name(); }
std::string versioned(const std::string& type, int schema) { return type + " v" + std::to_string(schema); }

// Journals in which a service stores events of a type.
std::vector<std::string> journals_with(const plan& p, const std::string& type) {
  std::vector<std::string> found;
  for (auto& [item, entities] : p.all<entity_spec>())
    for (const auto& e : entities->aggregate.events)
      if (e.type == type && std::find(found.begin(), found.end(), entities->journal) == found.end()) found.push_back(entities->journal);
  return found;
}

struct publisher {
  const plan* by;
  const plan_item* item;
  const publication_spec* spec;
};
std::vector<publisher> publishers_of(const application& app, const std::string& topic) {
  std::vector<publisher> found;
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<publication_spec>())
      if (spec->topic == topic) found.push_back({&p, item, spec});
  return found;
}

void check_name(const std::string& where, const char* of_what, const std::string& name, std::vector<problem>& out) {
  if (!is_topic_name(name))
    out.push_back({where, std::string{"the name of a "} + of_what + " is 1 to 100 letters, digits, '_' and '-', in tokens joined by dots such as "
                                                                     "orders.placed; \"" + name + "\" is not"});
}

void check_publications(const plan& p, std::vector<problem>& out) {
  std::map<std::pair<std::string, std::string>, std::string> seen;
  for (auto& [item, spec] : p.all<publication_spec>()) {
    const auto where = owner(p, *item);
    check_name(where, "topic", spec->topic, out);
    if (journals_with(p, spec->event_type).empty())
      out.push_back({where, "publishes " + versioned(spec->event_type, spec->schema) + ", which no aggregate of " + p.service() +
                                " stores: it would never be delivered"});
    auto [first, is_new] = seen.emplace(std::pair{spec->topic, spec->event_type}, where);
    if (!is_new) out.push_back({where, "publishes " + spec->event_type + " on topic " + spec->topic + ", as " + first->second + " does already"});
  }
}

// A topic that nobody publishes is found with the links of the plan.
void check_handler(const application& app, const std::string& where, const subscription_spec& s, std::vector<problem>& out) {
  std::string carried;
  for (const auto& [by, item, spec] : publishers_of(app, s.topic)) {
    if (spec->event_type == s.event_type) return;
    carried += (carried.empty() ? "" : ", ") + versioned(spec->event_type, spec->schema) + " (" + owner(*by, *item) + ")";
  }
  if (!carried.empty())
    out.push_back({where, "topic " + s.topic + " carries " + carried + ", this handler takes " + versioned(s.event_type, s.schema) +
                              ": it would never be called"});
}

}  // namespace

bool is_starting_point(std::string_view text) {
  position at = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, at);
  return text == from_start || text == from_now || (!text.empty() && parsed.ec == std::errc{} && parsed.ptr == end && at >= 0);
}

bool is_topic_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= 100 && text.front() != '.' && text.back() != '.' && text.find("..") == text.npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string store_name_of(const subscription_spec& s) {
  std::string name = "subscription";
  for (auto part : {&s.topic, &s.group}) {
    name += "__";
    for (char c : *part) name += c == '.' ? '_' : c;
  }
  return name;
}

std::vector<problem> check_topics(const application& app) {
  std::vector<problem> out;
  struct known {
    std::string where;
    const subscription_spec* spec;
  };
  std::map<std::string, known> stores;
  for (const auto& p : app.services) {
    check_publications(p, out);
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      const auto where = owner(p, *item);
      check_name(where, "topic", spec->topic, out);
      check_name(where, "group", spec->group, out);
      check_handler(app, where, *spec, out);
      const auto store = store_name_of(*spec);
      if (store.size() > 100)
        out.push_back({where, "topic and group have " + std::to_string(store.size() - 16) + " letters together, 84 at most are possible"});
      auto [first, is_new] = stores.emplace(store, known{where, spec});
      if (is_new) continue;
      const auto& other = *first->second.spec;
      const bool same = other.topic == spec->topic && other.group == spec->group;
      out.push_back({where, (same ? "topic " + spec->topic + " and group " + spec->group + " are those of " + first->second.where
                                  : "its checkpoint would be kept where that of " + first->second.where + " (topic " + other.topic + ", group " +
                                        other.group + ") is") +
                                ": each would take the other's events for done; give one of them another .group"});
    }
  }
  return out;
}

void resolve_topics(const application& app) {
  std::set<std::string> all;
  for (const auto& p : app.services)
    for (auto& [item, entities] : p.all<entity_spec>()) all.insert(entities->journal);
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      std::vector<std::string> own, others;
      for (const auto& [by, its_item, published] : publishers_of(app, spec->topic))
        if (published->event_type == spec->event_type)
          for (auto& j : journals_with(*by, spec->event_type)) own.push_back(std::move(j));
      for (const auto& other : all)
        for (const auto& mine : own)
          if (other.starts_with(mine + "-") && std::find(own.begin(), own.end(), other) == own.end()) others.push_back(other);
      if (spec->journals == own && spec->other_journals == others) continue;  // a node of this application may be running
      spec->journals = std::move(own);
      spec->other_journals = std::move(others);
    }
}

bool is_for(const subscription_spec& s, const recorded_event& e) {
  if (e.type != s.event_type) return false;
  if (s.journals.empty()) return true;
  const auto is_of = [&](const std::string& journal) {
    return e.stream.size() > journal.size() && e.stream.starts_with(journal) && e.stream[journal.size()] == '-';
  };
  return std::any_of(s.journals.begin(), s.journals.end(), is_of) && std::none_of(s.other_journals.begin(), s.other_journals.end(), is_of);
}

std::vector<std::string> subscription_notes(const application& app) {
  std::vector<std::string> notes;
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>())
      for (const auto& o : item->options())
        if (o.name() == "from" && o.origin() == "default")
          notes.push_back(owner(p, *item) + ": a new group begins at the " + spec->from +
                          " of the journal and handles all that is in it (.from is not set)");
  return notes;
}

}  // namespace banyan
