#include <banyan/plan/check_journals.hpp>

#include <banyan/plan/nearest.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

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

// "orders.placed v1" -> "orders.placed": a reader takes every version of what it folds.
std::string_view type_of_event(std::string_view fact) { return fact.substr(0, fact.find(' ')); }

std::vector<std::string> events_of(const plan_item& item) {
  std::vector<std::string> types;
  for (const auto& [key, value] : item.facts())
    if (key == "event") types.emplace_back(type_of_event(value));
  return types;
}

bool is_journal(const plan_item::link& l, std::string_view verb) { return l.verb == verb && l.target.starts_with("journal "); }

}  // namespace

void check_journals(const application& app, std::vector<problem>& out) {
  std::map<std::string, std::vector<owner>> writers;  // by "journal orders"
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (const auto& link : item->links())
        if (is_journal(link, "writes"))
          writers[link.target].push_back({service.service() + "." + item->kind() + "." + item->name(), item.get()});

  std::vector<std::string> written;
  for (const auto& [journal, owners] : writers) {
    written.push_back(journal);
    if (owners.size() > 1)
      out.push_back({owners[1].path, journal + " is written by " + listed(owners) +
                                         ": two entities of one id would share a stream; give each a journal of its own"});
  }

  for (const auto& service : app.services) {
    for (const auto& item : service.items()) {
      const auto path = service.service() + "." + item->kind() + "." + item->name();
      std::vector<std::string> stored;  // by those whose journals it reads
      bool reads = false, is_complete = true;
      for (const auto& link : item->links()) {
        if (!is_journal(link, "reads")) continue;
        reads = true;
        const auto found = writers.find(link.target);
        if (found == writers.end()) {
          is_complete = false;
          const auto meant = nearest(link.target, written);
          out.push_back({path, "reads " + link.target + ", which no service of this application writes: it would stay empty" +
                                   (meant.empty() ? std::string{} : "; did you mean " + meant + "?")});
          continue;
        }
        for (const auto& o : found->second)
          for (auto& type : events_of(*o.item)) stored.push_back(std::move(type));
      }
      if (!reads || !is_complete) continue;
      for (const auto& type : events_of(*item)) {
        if (std::find(stored.begin(), stored.end(), type) != stored.end()) continue;
        const auto meant = nearest(type, stored);
        out.push_back({path, "folds the event " + type + ", which none of the journals that it reads holds" +
                                 (meant.empty() ? std::string{} : "; did you mean " + meant + "?")});
      }
    }
  }
}

}  // namespace banyan
