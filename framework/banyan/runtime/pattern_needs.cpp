#include <banyan/runtime/pattern_needs.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/pub_sub/topics.hpp>
#include <banyan/sharding/sharded.hpp>

#include <map>
#include <string>

namespace banyan {

namespace {

std::string path_of(const plan& p, const plan_item& item) { return p.service() + "." + item.kind() + "." + item.name(); }

// A node finds all of an aggregate by its name, in its service: what places it, and whose commands are placed.
void check_aggregates(const plan& p, std::vector<problem>& out) {
  std::map<std::string, std::string> placed, stored;  // with their owners
  const auto is_first = [&](auto& owners, const std::string& aggregate, const std::string& where, const char* is_what) {
    const auto [first, is_new] = owners.emplace(aggregate, where);
    if (!is_new)
      out.push_back({where, aggregate + " is " + is_what + " by " + first->second +
                                " already, and only one would be heeded; keep one of them, or give the struct of the aggregate another name"});
  };
  for (auto& [item, shards] : p.all<shard_spec>()) is_first(placed, shards->aggregate, path_of(p, *item), "sharded");
  for (auto& [item, entities] : p.all<entity_spec>()) {
    const auto& aggregate = entities->aggregate.name;
    is_first(stored, aggregate, path_of(p, *item), "event_sourced");
    if (placed.count(aggregate) == 0)
      out.push_back({path_of(p, *item), aggregate + " is event_sourced but not sharded: nothing says which entity a command is for"});
  }
}

}  // namespace

std::vector<problem> check_needs(const application& app) {
  std::vector<problem> out;
  std::map<std::string, std::string> views, query_sides;  // with their owners
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<projection_spec>()) {
      const auto where = path_of(p, *item);
      const auto [first, is_new] = views.emplace(spec->view, where);
      if (!is_new)
        out.push_back({where, "builds the view " + spec->view + ", as " + first->second +
                                  " does: both would write to one store; keep one of them, or give the struct of the view another name"});
    }
  for (const auto& p : app.services) {
    check_aggregates(p, out);
    for (auto& [item, side] : p.all<query_spec>()) {
      const auto where = path_of(p, *item);
      if (views.count(side->view) == 0)
        out.push_back({where, "query_side<" + side->view + "> has no projection<" + side->view + ">"});
      const auto [first, is_new] = query_sides.emplace(side->view, where);
      if (!is_new)
        out.push_back({where, "reads the view " + side->view + ", as " + first->second +
                                  " does: only the readers of one would be there; keep one of them, or give the struct of the view another name"});
    }
  }
  for (auto& p : check_topics(app)) out.push_back(std::move(p));
  return out;
}

}  // namespace banyan
