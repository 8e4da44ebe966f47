// The actor of one shard: it owns the entities whose place key falls into it, wakes them up when a command comes, and lets idle ones sleep.
#pragma once

#include <banyan/event_sourcing/entity.hpp>
#include <banyan/sharding/sharded.hpp>

#include <list>
#include <string>
#include <unordered_map>

namespace banyan {

class shard final : public actor {
 public:
  shard(const shard_spec& spec, const entity_spec& entities, banyan::journal& j, const command_meters& meters = {})
      : spec_{spec}, entities_{entities}, journal_{j}, meters_{meters} {}

  behavior make_behavior() override;
  void started() override;

 private:
  struct sweep {};
  struct awake {
    address who;
    std::uint64_t forwarded = 0;
    monotonic last_used;
    std::list<std::string>::iterator place;  // in recent_
  };
  void route(letter_ptr& l);
  void let_sleep(const ready_to_sleep& r);
  void look_for_idle();
  void schedule_sweep();

  const shard_spec& spec_;
  const entity_spec& entities_;
  banyan::journal& journal_;
  command_meters meters_;
  std::unordered_map<std::string, awake> awake_;
  std::list<std::string> recent_;            // least recently used first
};

}  // namespace banyan
