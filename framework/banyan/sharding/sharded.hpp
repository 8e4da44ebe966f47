// `sharded<order>{.entity = order_id_of}`: one actor per entity, on demand, found by the entity id in the command. Entities that share a
// place key (default: the entity id) live in one shard. place key -> shard by a hash that never changes.
//
//   std::string order_id_of(const order::command& c) { return std::visit([](auto& x) { return x.id; }, c); }
#pragma once

#include <banyan/event_sourcing/aggregate.hpp>
#include <banyan/actor/message.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

#include <functional>
#include <string>

namespace banyan {

struct shard_spec {
  std::string aggregate;                                  // "order"
  int shards = 256;
  timespan passivate_after = std::chrono::minutes{10};    // an idle entity goes to sleep; 0: never
  int max_entities = 0;                                   // awake per shard; beyond, the least recently used sleeps; 0: no limit
  std::function<std::string(letter&)> entity, place;      // keys of a command
};

template <aggregate A>
struct sharded {
  using sharded_aggregate = A;
  using key_function = std::string (*)(const typename A::command&);
  required<"entity", key_function> entity;
  key_function place_by = nullptr;                        // default: entity
  int shards = 256;
  timespan passivate_after = std::chrono::minutes{10};
  int max_entities = 0;
  std::string name = {};

  void contribute(plan& p) const {
    auto spec = p.add<shard_spec>("sharded", name.empty() ? std::string{short_name<A>()} : name, phase::routing);
    spec->aggregate = std::string{short_name<A>()};
    spec->shards = shards;
    spec->passivate_after = passivate_after;
    spec->max_entities = max_entities;
    spec->entity = key_of(*entity);
    spec->place = key_of(place_by ? place_by : *entity);
    spec.option("shards", &shard_spec::shards, {.min = 1, .max = 65'536})
        .option("passivate_after", &shard_spec::passivate_after)
        .option("max_entities", &shard_spec::max_entities);
  }

 private:
  static std::function<std::string(letter&)> key_of(key_function f) {
    return [f](letter& l) {
      std::string key;
      boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<typename A::command, boost::mp11::mp_list>>>(
          [&]<class C>(C) {
            using command = typename C::type;
            if (l.type != type_of<command>()) return;
            typename A::command c{std::move(l.as<command>())};  // lent, not copied
            key = f(c);
            l.as<command>() = std::move(std::get<command>(c));
          });
      return key;
    };
  }
};

}  // namespace banyan
