// What a shard hosts: the actors of one kind of entity, each with a stream of its own.
//
//   hosted_entities orders = hosted(entities, journal);       // those of an aggregate
//   hosted_entities others;
//   others.category = "others";
//   others.make = make_other;                                 // any other actor with a stream
//
// An actor takes part in passivation (event_sourcing/passivation.hpp): it answers `passivate` with `passivated` when it
// is idle, and sends `entity_restarted` when it begins again after a crash.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/event_sourcing/command_meters.hpp>
#include <banyan/event_sourcing/entity.hpp>

#include <functional>
#include <memory>
#include <string>

namespace banyan {

struct hosted_entities {
  using stream_name = std::shared_ptr<const std::string>;  // "<category>-<entity id>"
  std::string category;
  std::function<std::unique_ptr<actor>(stream_name)> make;  // on any thread of the node
  std::function<result<void>(message&)> validate = {};      // of a command without state; empty: none
  command_meters meters = {};                               // of commands that the shard itself refuses
};

// The entities of an aggregate. The references must outlive them.
inline hosted_entities hosted(const entity_spec& spec, journal& j, const command_meters& meters = {},
                              std::shared_ptr<unreadable_streams> unreadable = {}) {
  auto around = std::make_shared<const entity_surroundings>(entity_surroundings{
      spec, j, meters, unreadable ? std::move(unreadable) : std::make_shared<unreadable_streams>()});
  hosted_entities entities;
  entities.category = spec.journal;
  entities.make = [around](hosted_entities::stream_name stream) {
    return std::make_unique<entity>(std::move(stream), around);
  };
  if (spec.aggregate.validate)
    entities.validate = [&aggregate = spec.aggregate](message& m) -> result<void> {
      if (!aggregate.find(m.type)) return {};
      return aggregate.validate(m);
    };
  entities.meters = meters;
  return entities;
}

}  // namespace banyan
