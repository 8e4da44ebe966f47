// The actor of a shard: owns the entities whose place key hashes to it, activates them when a command arrives, and
// passivates idle ones.
//
// An entity is asked to passivate, and answers (passivated) when it is idle, repeating the number of commands that it
// had been sent when it was asked. If more were sent meanwhile, the answer is void: the entity stays active, and
// another one is asked instead.
#pragma once

#include <banyan/sharding/entity_census.hpp>
#include <banyan/sharding/hosted_entities.hpp>
#include <banyan/sharding/sharded.hpp>

#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace banyan {

class shard final : public actor {
 public:
  // `census` is shared by the shards of one kind of entity on this node; null: the only shard.
  shard(const shard_spec& spec, hosted_entities entities, std::shared_ptr<entity_census> census = {})
      : spec_{spec},
        census_{census ? std::move(census) : std::make_shared<entity_census>()},
        hosted_{std::make_shared<const hosted_entities>(std::move(entities))} {}
  // Of an aggregate. `unreadable` is shared by the whole node.
  shard(const shard_spec& spec, const entity_spec& entities, banyan::journal& j, const command_meters& meters = {},
        std::shared_ptr<entity_census> census = {}, std::shared_ptr<unreadable_streams> unreadable = {})
      : shard{spec, hosted(entities, j, meters, std::move(unreadable)), std::move(census)} {}
  ~shard() override;

  behavior make_behavior() override;
  void started() override;

 private:
  struct sweep {};
  struct give_memory_back {};
  struct active_entity
      : boost::intrusive::list_base_hook<> {  // in staying_, or in leaving_ if asked to passivate
    address who;
    std::uint64_t forwarded = 0;
    monotonic last_used;
    bool is_asked = false;
  };
  // Finds entities by id: the part after the first dash of their stream names, which the map's keys share with them.
  struct by_id {
    using is_transparent = void;
    using stream = std::shared_ptr<const std::string>;
    static std::string_view id(std::string_view s) noexcept { return s; }
    static std::string_view id(const stream& s) noexcept { return std::string_view{*s}.substr(s->find('-') + 1); }
    std::size_t operator()(const auto& x) const noexcept { return std::hash<std::string_view>{}(id(x)); }
    bool operator()(const auto& a, const auto& b) const noexcept { return id(a) == id(b); }
  };
  using entity_list = boost::intrusive::list<active_entity>;
  void route(message_ptr& m);
  result<std::string> entity_for(message& m) const;
  result<void> check(message& m) const;
  active_entity& activate(const std::string& id);
  void keep_limit();
  void ask_to_passivate(active_entity& a);
  void keep_active(active_entity& a);
  void ask_again(const entity_restarted& r);
  void ask_to_passivate(const nothing_stored& n);
  void end_passivated(const passivated& r);
  void look_for_idle();
  void schedule_sweep(timespan at_most);

  const shard_spec& spec_;
  std::shared_ptr<entity_census> census_;
  std::shared_ptr<const hosted_entities> hosted_;
  std::unordered_map<by_id::stream, active_entity, by_id, by_id> active_;
  entity_list staying_;  // least recently used first
  entity_list leaving_;  // asked to passivate
  bool has_memory_duty_ = false;
};

}  // namespace banyan
