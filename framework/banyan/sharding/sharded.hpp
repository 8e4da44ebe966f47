// `sharded<order>{.entity = order_id_of}`: one actor per entity, on demand, found by the entity id in the command.
// Entities that share a place key (default: the entity id) live in one shard. place key -> shard by a hash that never
// changes.
//
// `shards` is fixed by the first node that runs the aggregate on a journal, which stores it. A node with another number
// refuses the aggregate's commands (conflict, reason "declared_otherwise", with both numbers), is not ready and says why;
// all else of it runs. Choose it once, many times the nodes there may ever be. See shard_declaration.hpp.
//
//   std::string order_id_of(const order::command& c) { return std::visit([](auto& x) { return x.id; }, c); }
//
// A key function depends on the command alone. One that throws has found no key: that command is answered
// `invalid_argument`, others are not touched; a result_error is quoted to the asker, any other exception is told to the
// log only.
//
// `max_entities` bounds memory: how many entities of the aggregate are active on this node, over all its shards.
// Whenever one more is activated, its shard passivates its least recently used one (that may be the new one itself,
// after its command). One that is busy sleeps as soon as it is idle, so the limit may be passed by as many as are busy,
// and is kept when all is quiet. An idle entity takes about 1.3 kB and its state. Less than what is in constant use
// makes entities come and go with every command: that costs a load each.
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
  timespan passivate_after = std::chrono::minutes{10};    // an idle entity goes to sleep; 0: never
  int max_entities = usual_max_entities;                  // active on this node, over all shards; 0: no limit
  std::function<std::string(message&)> entity, place;      // keys of a command
  bool has_place_key = false;                             // `place` is another function than `entity`

  // Whatever the functions throw is invalid_argument.
  result<std::string> entity_of(message& m) const;
  result<std::string> place_of(message& m) const;
};

result<void> install(const shard_spec& routing, assembly& a);

template <aggregate A>
struct sharded {
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
               spec->aggregate + " is sharded by {} already, and only one would be heeded; keep one of them, or give the struct of the aggregate "
                                 "another name",
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
