#include <banyan/pub_sub/topics.hpp>

#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_rules.hpp>
#include <banyan/pub_sub/delivery_store.hpp>
#include <banyan/topic/listens.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace banyan {

namespace {

std::string versioned(const std::string& type, int schema) { return banyan::versioned(stored_as{type, schema}); }

struct storer {
  const plan_item* item;
  const std::string& journal;
  const std::vector<stored_as>& events;
};
// Who of a service stores events: its aggregates, and other patterns that say so.
std::vector<storer> storers_of(const plan& p) {
  std::vector<storer> found;
  for (auto& [item, entities] : p.all<entity_spec>())
    found.push_back({item, entities->journal, entities->aggregate.events});
  for (const auto& item : p.items())
    for (const auto& [type, value] : item->offers()) {
      if (type != type_of<events_in_journal>()) continue;
      const auto& offered = *static_cast<const events_in_journal*>(value.get());
      found.push_back({item.get(), offered.journal, offered.events});
    }
  return found;
}

// The journals in which a service stores events of a type.
std::vector<std::string> journals_with(const plan& p, const std::string& type) {
  std::vector<std::string> found;
  for (const auto& s : storers_of(p))
    for (const auto& e : s.events)
      if (e.type == type && std::find(found.begin(), found.end(), s.journal) == found.end())
        found.push_back(s.journal);
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

bool is_published(const plan& p, const publication_spec& like, int schema) {
  const auto all = p.all<publication_spec>();
  return std::any_of(all.begin(), all.end(), [&](const auto& published) {
    return published.second->topic == like.topic && published.second->event_type == like.event_type && published.second->schema == schema;
  });
}

// The newest version in an aggregate's list is the one that it stores; older ones may be in its journal.
void check_published_version(const plan& p, const std::string& where, const publication_spec& s, std::vector<problem>& out) {
  bool is_stored = false;
  std::string newest, unpublished;
  for (const auto& [item, journal, events] : storers_of(p)) {
    std::set<int> versions;
    for (const auto& e : events)
      if (e.type == s.event_type) versions.insert(e.schema);
    if (versions.empty()) continue;
    is_stored = is_stored || versions.count(s.schema) > 0;
    const auto last = *versions.rbegin();
    const auto stores = item_path(p, *item) + " stores " + versioned(s.event_type, last);
    newest += (newest.empty() ? "" : " and ") + stores;
    if (!is_published(p, s, last)) unpublished += (unpublished.empty() ? "" : " and ") + stores;
  }
  const auto published = "publishes " + versioned(s.event_type, s.schema);
  if (newest.empty())
    out.push_back({where, published + ", which no aggregate of " + p.service() + " stores: it would never be delivered; "
                   "publish it in the service that does, or add it to the events of an aggregate"});
  else if (!is_stored)
    out.push_back({where, published + ", but " + newest + ": publish the version that is stored"});
  else if (!unpublished.empty())
    out.push_back({where, published + ", but " + unpublished + ", which the topic carries as well: publish that version"});
}

void check_publications(const application& app, const plan& p, std::vector<problem>& out) {
  std::map<std::tuple<std::string, std::string, int>, std::string> seen;
  for (auto& [item, spec] : p.all<publication_spec>()) {
    const auto where = item_path(p, *item);
    check_name(where, "topic", spec->topic, out);
    check_published_version(p, where, *spec, out);
    if (const auto live = live_publishers(app, spec->topic); !live.empty())
      out.push_back({where, "topic " + spec->topic + " carries events that are not stored (" + live.front().where +
                                "): use another topic for stored ones"});
    auto [first, is_new] = seen.emplace(std::tuple{spec->topic, spec->event_type, spec->schema}, where);
    if (!is_new) out.push_back({where, "publishes " + spec->event_type + " on topic " + spec->topic + ", as " + first->second + " does already"});
  }
}

// The journals that a subscription reads its events from.
std::vector<std::string> journals_of(const application& app, const subscription_spec& s) {
  std::vector<std::string> found;
  for (const auto& [by, item, published] : publishers_of(app, s.topic))
    if (published->event_type == s.event_type)
      for (auto& j : journals_with(*by, s.event_type)) found.push_back(std::move(j));
  return found;
}

// A handler's command id derives from event and group: two handlers of one group would share it, and one command would
// be dropped as a repetition.
void check_groups(const application& app, std::vector<problem>& out) {
  struct member {
    std::string where;
    const subscription_spec* spec;
    std::vector<std::string> journals;
  };
  std::vector<member> before;
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      member now{item_path(p, *item), spec, journals_of(app, *spec)};
      const auto both_take = [&](const member& other) {
        const auto& o = *other.spec;
        // They would share a checkpoint, which check_topics reports.
        const bool is_told =
            delivery_store_name({o.topic, o.group}) == delivery_store_name({spec->topic, spec->group});
        return o.group == spec->group && !is_told && o.event_type == spec->event_type && o.schema == spec->schema &&
               std::find_first_of(other.journals.begin(), other.journals.end(), now.journals.begin(), now.journals.end()) !=
                   other.journals.end();
      };
      if (auto other = std::find_if(before.begin(), before.end(), both_take); other != before.end())
        out.push_back({now.where, "takes the same events " + versioned(spec->event_type, spec->schema) + " as " + other->where +
                                      " (topic " + other->spec->topic + ") in the same group " + spec->group +
                                      ": what both ask would be done once; give one of them another .group"});
      before.push_back(std::move(now));
    }
}

// The other subscriptions of its service to the same topic and type of event.
std::vector<std::pair<const plan_item*, const subscription_spec*>> beside(const plan& p, const subscription_spec& s) {
  std::vector<std::pair<const plan_item*, const subscription_spec*>> found;
  for (auto& [item, other] : p.all<subscription_spec>())
    if (other != &s && other->topic == s.topic && other->event_type == s.event_type) found.emplace_back(item, other);
  return found;
}

// The versions that other subscriptions take.
std::vector<int> schemas_beside(const plan& p, const subscription_spec& s) {
  std::vector<int> found;
  for (auto& [item, other] : beside(p, s))
    if (other->schema != s.schema) found.push_back(other->schema);
  return found;
}

// A topic without a publisher is found by the check of the plan's links.
void check_handler(const application& app, const plan& p, const std::string& where, const subscription_spec& s, std::vector<problem>& out) {
  if (const auto live = live_publishers(app, s.topic); !live.empty()) {
    out.push_back({where, "the events of topic " + s.topic + " are not stored (" + live.front().where +
                              "): take them by listens<...>"});
    return;
  }
  const auto others = schemas_beside(p, s);
  bool is_called = false;
  std::string carried, undecodable_ones;
  for (const auto& [by, item, spec] : publishers_of(app, s.topic)) {
    const bool is_its_type = spec->event_type == s.event_type;
    is_called = is_called || is_its_type;
    if (is_its_type && (spec->schema == s.schema || std::find(others.begin(), others.end(), spec->schema) != others.end())) continue;
    auto& list = is_its_type ? undecodable_ones : carried;
    list += (list.empty() ? "" : ", ") + versioned(spec->event_type, spec->schema) + " (" + item_path(*by, *item) + ")";
  }
  const auto takes = ", this handler takes " + versioned(s.event_type, s.schema) + ": ";
  if (!undecodable_ones.empty())
    out.push_back({where, "topic " + s.topic + " carries " + undecodable_ones + takes +
                              "each would be a dead letter; take that version, or both in subscriptions of different groups"});
  if (!is_called && !carried.empty())
    out.push_back({where, "topic " + s.topic + " carries " + carried + takes + "it would never be called; subscribe to the "
                              "topic of that event"});
}

}  // namespace

bool is_starting_point(std::string_view text) {
  position at = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, at);
  return text == from_start || text == from_now || (!text.empty() && parsed.ec == std::errc{} && parsed.ptr == end && at >= 0);
}

void check_topics(const application& app, std::vector<problem>& out) {
  struct known {
    std::string where;
    const subscription_spec* spec;
  };
  std::map<std::string, known> stores;
  for (const auto& p : app.services) {
    check_publications(app, p, out);
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      const auto where = item_path(p, *item);
      check_name(where, "topic", spec->topic, out);
      check_name(where, "group", spec->group, out);
      check_handler(app, p, where, *spec, out);
      const auto store = delivery_store_name({spec->topic, spec->group});
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
  check_groups(app, out);
}

void resolve_topics(const application& app) {
  std::set<std::string> all;
  for (const auto& p : app.services)
    for (const auto& s : storers_of(p)) all.insert(s.journal);
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      auto own = journals_of(app, *spec);
      std::vector<std::string> others;
      for (const auto& other : all)
        for (const auto& mine : own)
          if (other.starts_with(mine + "-") && std::find(own.begin(), own.end(), other) == own.end()) others.push_back(other);
      auto other_schemas = schemas_beside(p, *spec);
      if (spec->journals == own && spec->other_journals == others && spec->other_schemas == other_schemas)
        continue;  // written only when changed: a node of this application may be running
      spec->journals = std::move(own);
      spec->other_journals = std::move(others);
      spec->other_schemas = std::move(other_schemas);
    }
}

bool is_for(const subscription_spec& s, const recorded_event& e) {
  if (e.type != s.event_type) return false;
  if (std::find(s.other_schemas.begin(), s.other_schemas.end(), e.schema) != s.other_schemas.end()) return false;
  if (s.journals.empty()) return true;
  const auto is_of = [&](const std::string& journal) {
    return e.stream.size() > journal.size() && e.stream.starts_with(journal) && e.stream[journal.size()] == '-';
  };
  return std::any_of(s.journals.begin(), s.journals.end(), is_of) && std::none_of(s.other_journals.begin(), s.other_journals.end(), is_of);
}

// A journal of an older application may have a dash in its name: its category is the part before it.
std::vector<std::string> categories_of(const subscription_spec& s) {
  std::set<std::string> all;
  for (const auto& journal : s.journals) {
    if (journal.empty()) return {};
    all.emplace(category_of(journal + "-"));
  }
  if (all.contains("") || all.size() > journal_limits::filter) return {};
  return {all.begin(), all.end()};
}

void subscription_notes(const application& app, std::vector<std::string>& notes) {
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      for (const auto& o : item->options())
        if (o.name() == "from" && o.origin() == "default")
          notes.push_back(item_path(p, *item) + ": a new group begins at the " + spec->from +
                          " of the journal and handles all that is in it (.from is not set)");
      for (auto& [its_item, other] : beside(p, *spec))
        if (other->schema != spec->schema)
          notes.push_back(item_path(p, *item) + ": leaves " + versioned(other->event_type, other->schema) + " to " +
                          item_path(p, *its_item));
    }
}

}  // namespace banyan
