#include <banyan/plan/check_journals.hpp>

#include <banyan/plan/nearest.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace banyan {
namespace {

struct owner {
  std::string path;  // "orders.event_sourced.order"
  const plan_item* item;
};

std::string listed(const std::vector<owner>& owners) {
  std::string out;
  for (const auto& o : owners) out += (out.empty() ? "" : " and ") + o.path;
  return out;
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out.empty() ? "none" : out;
}

// "orders.placed v1", or "orders.placed" for any version.
struct event_fact {
  std::string type, version;
};

event_fact parsed(const std::string& fact) {
  const auto at = fact.rfind(" v");
  if (at == fact.npos || at + 2 == fact.size() || fact.find_first_not_of("0123456789", at + 2) != fact.npos) return {fact, {}};
  return {fact.substr(0, at), fact.substr(at + 1)};
}

std::vector<event_fact> events_of(const plan_item& item) {
  std::vector<event_fact> events;
  for (const auto& [key, value] : item.facts())
    if (key == "event") events.push_back(parsed(value));
  return events;
}

struct stored_event_fact : event_fact {
  std::string by;  // path of the owner
};

void check_types(const std::string& path, const std::vector<event_fact>& folded, const std::vector<stored_event_fact>& stored,
                 std::vector<problem>& out) {
  std::vector<std::string> types;
  for (const auto& s : stored) types.push_back(s.type);
  std::set<std::string> told;
  for (const auto& f : folded) {
    if (std::find(types.begin(), types.end(), f.type) != types.end() || !told.insert(f.type).second) continue;
    const auto meant = nearest(f.type, types);
    out.push_back({path, "folds the event " + f.type + ", which none of the journals that it reads holds" +
                             (meant.empty() ? "; read the journal that does as well: .of = journals{...}"
                                            : "; did you mean " + meant + "?")});
  }
}

// A reader decodes only the versions that it lists. Listing more than are stored is allowed: they may have been, or
// will be.
void check_versions(const std::string& path, const std::vector<event_fact>& folded, const std::vector<stored_event_fact>& stored,
                    std::vector<problem>& out) {
  std::set<std::pair<std::string, std::string>> told;
  for (const auto& s : stored) {
    std::string known;
    const bool is_read = s.version.empty() || std::any_of(folded.begin(), folded.end(), [&](const event_fact& f) {
      if (f.type != s.type) return false;
      known += (known.empty() ? "" : " and ") + f.version;
      return f.version.empty() || f.version == s.version;
    });
    if (is_read || known.empty() || !told.emplace(s.type, s.version).second) continue;
    out.push_back({path, "folds the event " + s.type + " in " + known + ", but " + s.by + " stores it in " + s.version +
                             ", which would not decode: take up " + s.version + " as well"});
  }
}

bool is_journal(const plan_item::link& l, std::string_view verb) { return l.verb == verb && l.target.starts_with("journal "); }

}  // namespace

void check_journals(const application& app, std::vector<problem>& out) {
  std::map<std::string, std::vector<owner>> writers;  // by "journal orders"
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (const auto& link : item->links())
        if (is_journal(link, "writes"))
          writers[link.target].push_back({item_path(service, *item), item.get()});

  std::vector<std::string> written;
  for (const auto& [journal, owners] : writers) {
    written.push_back(journal);
    if (owners.size() > 1)
      out.push_back({owners[1].path, journal + " is written by " + listed(owners) +
                                         ": two entities of one id would share a stream; give each a journal of its own"});
  }

  for (const auto& service : app.services) {
    for (const auto& item : service.items()) {
      const auto path = item_path(service, *item);
      std::vector<stored_event_fact> stored;  // by the writers of the journals it reads
      bool reads = false, is_complete = true;
      for (const auto& link : item->links()) {
        if (!is_journal(link, "reads")) continue;
        reads = true;
        const auto found = writers.find(link.target);
        if (found == writers.end()) {
          is_complete = false;
          const auto meant = nearest(link.target, written);
          out.push_back({path, "reads " + link.target + ", which no service of this application writes: it would stay empty" +
                                   (meant.empty() ? "; those that are written: " + joined_names(written)
                                                  : "; did you mean " + meant + "?")});
          continue;
        }
        for (const auto& o : found->second)
          for (auto& event : events_of(*o.item)) stored.push_back({std::move(event), o.path});
      }
      if (!reads || !is_complete) continue;
      const auto folded = events_of(*item);
      check_types(path, folded, stored, out);
      check_versions(path, folded, stored, out);
    }
  }
}

}  // namespace banyan
