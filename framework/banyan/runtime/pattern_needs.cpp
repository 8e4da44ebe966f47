#include <banyan/runtime/pattern_needs.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/pub_sub/topics.hpp>
#include <banyan/sharding/sharded.hpp>

#include <algorithm>
#include <map>
#include <string>

namespace banyan {

std::vector<problem> check_needs(const application& app) {
  std::vector<problem> out;
  std::map<std::string, std::string> views;  // with their owners
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<projection_spec>()) {
      const auto where = p.service() + "." + item->kind() + "." + item->name();
      const auto [first, is_new] = views.emplace(spec->view, where);
      if (!is_new)
        out.push_back({where, "builds the view " + spec->view + ", as " + first->second +
                                  " does: both would write to one store; keep one of them, or give the struct of the view another name"});
    }
  for (const auto& p : app.services) {
    const auto shards = p.all<shard_spec>();
    for (auto& [item, entities] : p.all<entity_spec>()) {
      const auto& aggregate = entities->aggregate.name;
      if (std::none_of(shards.begin(), shards.end(), [&](auto& s) { return s.second->aggregate == aggregate; }))
        out.push_back({p.service() + "." + item->kind() + "." + item->name(),
                       aggregate + " is event_sourced but not sharded: nothing says which entity a command is for"});
    }
    for (auto& [item, side] : p.all<query_spec>())
      if (views.count(side->view) == 0)
        out.push_back({p.service() + "." + item->kind() + "." + item->name(),
                       "query_side<" + side->view + "> has no projection<" + side->view + ">"});
  }
  for (auto& p : check_topics(app)) out.push_back(std::move(p));
  return out;
}

}  // namespace banyan
