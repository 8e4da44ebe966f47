// Installs the actors of an aggregate: its shards, which own the active entities, and the declarer of their number.
#include <banyan/assembly/assembly.hpp>
#include <banyan/event_sourcing/entity_health.hpp>
#include <banyan/sharding/install_shards.hpp>
#include <banyan/sharding/shard.hpp>
#include <banyan/sharding/shard_declaration.hpp>
#include <banyan/sharding/shard_map.hpp>

namespace banyan {

namespace {

const entity_spec* entities_of(const plan& service, const std::string& aggregate) {
  for (auto& [item, entities] : service.all<entity_spec>())
    if (entities->aggregate.name == aggregate) return entities;
  return nullptr;
}

std::shared_ptr<entity_census> counted(metrics_registry& m, const std::string& aggregate) {
  auto census = std::make_shared<entity_census>();
  m.before_reading(
      [census, active = m.gauge("banyan_entities_active", "Entities in memory.", {{"aggregate", aggregate}})] {
        active.set(static_cast<double>(census->active()));
      });
  return census;
}

}  // namespace

shard_route install_shards(const shard_spec& routing, hosted_entities entities, std::shared_ptr<journal> j,
                           assembly& a) {
  const auto category = entities.category;
  const auto failed = entities.meters.failed;
  // Each shard keeps the journal, which `entities` only refers to.
  const auto make = [&routing, entities = std::move(entities), j, census = counted(a.metrics(), routing.aggregate)] {
    return std::make_unique<shard>(routing, entities, census);
  };
  const auto shards = a.add("shard." + routing.aggregate, routing.shards, [&](int) { return make; });
  const auto route = [&routing, shards](message& m) {
    const auto place = routing.place_of(m);  // a command without a key is sent to any shard, which refuses it
    return shards[place ? shard_of(*place, static_cast<std::uint32_t>(shards.size())) : 0]->now();
  };
  auto declaration = std::make_shared<shard_declaration>(routing.aggregate, category, routing.shards,
                                                         item_path(a.service(), a.item()) + ".shards");
  const auto declarer = a.add({.name = "shards." + routing.aggregate, .make = [declaration, j, route, failed] {
                                 return std::make_unique<shard_declarer>(declaration, *j, route, failed);
                               }});
  a.ready([declaration](std::vector<health_line>& out) {
    if (auto line = declaration->health()) out.push_back(std::move(*line));
  });
  return [declaration, declarer, route](message& m) { return declaration->is_agreed() ? route(m) : declarer->now(); };
}

result<void> install(const shard_spec& routing, assembly& a) {
  const auto* entities = entities_of(a.service(), routing.aggregate);
  if (!entities) return error{code::invalid_argument, routing.aggregate + " is not event_sourced in this service"};
  auto opened = a.open<journal>();
  if (!opened) return opened.error();
  const auto meters = command_meters::of(a.metrics(), routing.aggregate);
  const auto choose =
      install_shards(routing, hosted(*entities, **opened, meters, unreadable_streams_of(a)), *opened, a);
  for (const auto& c : entities->aggregate.commands)
    a.answers(c.request, {.choose = choose, .validate = entities->aggregate.validate});
  return {};
}

}  // namespace banyan
