// `event_sourced<order>{.journal = "orders"}` declares event-sourced entities. The journal is the source of truth:
// an entity is activated from its snapshot and the events after it, decides one command at a time, and answers when
// the events are durable. A repeated command id gets the stored reply within the horizon: while the command is
// younger than `command_age` and among the newest `commands_per_stream` of its entity. Beyond, it may be forgotten
// (command_forgetter.hpp), and a repeat is then decided as a new command.
//
// With `sharded` (sharding/sharded.hpp) the entities are spread over shards; without, one shard holds all.
#pragma once

#include <banyan/event_sourcing/erased_aggregate.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/journal/stream_fold.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

namespace banyan {

struct entity_spec {
  erased_aggregate aggregate;
  std::string journal;              // category of its streams (category.hpp): "orders" -> "orders-<entity id>"
  int snapshot_every = 100;         // in events; 0: never
  int max_in_flight = 64;           // commands per entity with events not yet durable; more wait
  timespan command_age = command_horizon{}.age;
  int commands_per_stream = static_cast<int>(command_horizon{}.per_stream);
};

result<void> install(const entity_spec& spec, assembly& a);

// Computes an entity's state at any version, for tools. `spec` must outlive it.
std::shared_ptr<stream_fold> fold_of(const entity_spec& spec);

template <class A>
struct event_sourced {
  static_assert(detail::aggregate_rules<A>::hold);
  using journalled_aggregate = A;
  required<"journal", std::string> journal;
  int snapshot_every = 100;
  int max_in_flight = 64;
  timespan command_age = command_horizon{}.age;
  int commands_per_stream = static_cast<int>(command_horizon{}.per_stream);
  std::string name = {};

  void contribute(plan& p) const {
    const auto named = name.empty() ? std::string{short_name<A>()} : name;
    auto spec = p.add<entity_spec>("event_sourced", named, phase::entity);
    spec->aggregate = erase<A>();
    spec->journal = *journal;
    spec->snapshot_every = snapshot_every;
    spec->max_in_flight = max_in_flight;
    spec->command_age = command_age;
    spec->commands_per_stream = commands_per_stream;
    spec.option("journal", spec->journal)
        .option("snapshot_every", &entity_spec::snapshot_every, {.min = 0, .max = 1e9})
        .option("max_in_flight", &entity_spec::max_in_flight, {.min = 1, .max = 10'000})
        .option("command_age", &entity_spec::command_age, {.min = 60})
        .option("commands_per_stream", &entity_spec::commands_per_stream, {.min = 1, .max = 1'000'000})
        .links_to("writes", "journal ", spec->journal)
        .gives("event_sourced " + spec->aggregate.name,
               spec->aggregate.name +
                   " is event_sourced by {} already, and only one would be heeded; keep one of them, "
                   "or give the struct of the aggregate another name",
               plan_claim::scope_type::service)
        .needs("sharded " + spec->aggregate.name,
               spec->aggregate.name + " is event_sourced but not sharded: nothing says which entity a command is for; add "
                                      "sharded<" + spec->aggregate.name + ">{.entity = ...}",
               plan_claim::scope_type::service)
        .offers(fold_of(*spec))
        .offers(std::make_shared<events_written>(events_written{detail::event_codec<typename A::event>::layouts()}))
        .read_by("the shards of the aggregate")
        .installed_by(&install);
    p.rule(&check_event_layouts);
    const auto path = p.service() + ".event_sourced." + named;
    p.rule([entity = &*spec, path](const plan&, std::vector<problem>& found) {
      if (!is_journal_name(entity->journal))
        found.push_back({path + ".journal",
                         "\"" + entity->journal +
                             "\" is no name of a journal: it has no dash and is not empty, since a stream is "
                             "in the journal that stands before the first dash of its name"});
    });
    for (auto& c : spec->aggregate.commands) {
      spec.fact("command", c.name);
      p.implements(c.describe(p.service()), "event_sourced." + named);
    }
    for (auto& e : spec->aggregate.events) spec.fact("event", versioned(e));
  }
};

}  // namespace banyan
