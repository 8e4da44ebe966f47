// Installs what runs beside an aggregate's entities. Their shards are installed by sharding.
#include <banyan/assembly/assembly.hpp>
#include <banyan/event_sourcing/command_forgetter.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>

namespace banyan {

result<void> install(const entity_spec& spec, assembly& a) {
  auto opened = a.open<journal>();
  if (!opened) return opened.error();
  const command_horizon horizon{.age = spec.command_age,
                                .per_stream = static_cast<std::size_t>(spec.commands_per_stream)};
  const auto counted =
      a.metrics().counter("banyan_commands_forgotten_total", "Answers to commands that were beyond their horizon.",
                          {{"aggregate", spec.aggregate.name}});
  a.add({.name = "command_horizon." + a.item().name(),
         .make = [&spec, j = *opened, horizon,
                  counted] { return std::make_unique<command_forgetter>(*j, spec.journal, horizon, counted); },
         .group = part_group::background});
  return {};
}

}  // namespace banyan
