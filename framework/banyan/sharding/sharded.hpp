// Sharding of an aggregate: `sharded<order>{.entity = order_id_of}`. One actor per entity, activated on demand, found
// by the entity id in the command. Entities with the same place key (default: the entity id) are in one shard. The
// hash from place key to shard never changes.
//
// `shards` is fixed by the first node that runs the aggregate on a journal, which stores it. A node with another
// number refuses the aggregate's commands (conflict, reason "declared_otherwise", with both numbers), is not ready and
// says why; the rest of its plan runs. Choose it once, many times the number of nodes that there may ever be. See
// shard_declaration.hpp.
//
//   std::string order_id_of(const order::command& c) { return std::visit([](auto& x) { return x.id; }, c); }
//
// A key function depends on the command only. If it throws, that command is answered `invalid_argument`, and no other
// is affected; the message of a result_error is sent to the caller, that of any other exception is only logged.
//
// `max_entities` limits memory: the number of active entities of the aggregate on this node, over all its shards.
// Whenever one more is activated, its shard passivates its least recently used one (possibly the new one itself, after
// its command). A busy entity passivates as soon as it is idle, so the limit may be exceeded by the number of busy
// entities. An idle entity takes about 1.3 kB plus its state. If the limit is below the number in constant use,
// entities are activated and passivated with every command, each at the cost of a load.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/event_sourcing/aggregate.hpp>
#include <banyan/event_sourcing/lent_command.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

#include <functional>
#include <string>

namespace banyan {

inline constexpr int usual_max_entities = 100'000;

struct shard_spec {
  std::string aggregate;                                  // "order"
  int shards = 256;
  timespan passivate_after = std::chrono::minutes{10};    // idle time before passivation; 0: never
  int max_entities = usual_max_entities;                  // active on this node, over all shards; 0: no limit
  std::function<std::string(message&)> entity, place;      // key functions
  bool has_place_key = false;                             // whether `place` is another function than `entity`

  // Errors: invalid_argument when the key function throws.
  result<std::string> entity_of(message& m) const;
  result<std::string> place_of(message& m) const;
};

result<void> install(const shard_spec& routing, assembly& a);

template <class A>
struct sharded {
  static_assert(detail::aggregate_rules<A>::hold);
  using sharded_aggregate = A;
  using key_function = std::string (*)(const typename A::command&);
  required<"entity", key_function> entity;
  key_function place_by = nullptr;                        // default: entity
  int shards = 256;
  timespan passivate_after = std::chrono::minutes{10};
  int max_entities = usual_max_entities;
  std::string name = {};

  void contribute(plan& p) const {
    auto spec = p.add<shard_spec>("sharded", name.empty() ? std::string{short_name<A>()} : name, phase::routing);
    spec->aggregate = std::string{short_name<A>()};
    spec->shards = shards;
    spec->passivate_after = passivate_after;
    spec->max_entities = max_entities;
    spec->entity = key_of(*entity);
    spec->place = key_of(place_by ? place_by : *entity);
    spec->has_place_key = place_by != nullptr;
    spec.option("shards", &shard_spec::shards, {.min = 1, .max = 65'536})
        .option("passivate_after", &shard_spec::passivate_after)
        .option("max_entities", &shard_spec::max_entities, {.min = 0, .max = 1e9})
        .gives("sharded " + spec->aggregate,
               spec->aggregate +
                   " is sharded by {} already, and only one would be heeded; keep one of them, or give the struct of "
                   "the aggregate another name",
               plan_claim::scope_type::service)
        .installed_by(&install);
  }

 private:
  static std::function<std::string(message&)> key_of(key_function f) {
    return [f](message& m) {
      std::string key;
      with_command<A>(m, [&](const typename A::command& c, auto) { key = f(c); });
      return key;
    };
  }
};

}  // namespace banyan
