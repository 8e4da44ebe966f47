// Sagas and aggregates on a journal, hosted by shards, without a node: no index, no clock, no links but to the service
// that is asked.
#pragma once

#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/saga/saga_entity.hpp>
#include <banyan/sharding/shard.hpp>
#include <banyan/sharding/shard_map.hpp>

#include <tests/bench/saga/flow.hpp>
#include <tests/bench/saga/requests.hpp>

#include <memory>
#include <string>
#include <vector>

namespace saga_bench {

class stock_actor final : public actor {
 public:
  behavior make_behavior() override {
    return behavior{}.on<reserve_item>([](const reserve_item& r) { return reserved_for(r); });
  }
};

class bare_world {
 public:
  static constexpr int shards = 8;

  // The saga of this function; its input may start it as an operation.
  template <auto Function>
  static saga_spec spec_of() {
    using signature = detail::saga_signature<decltype(Function)>;
    using input = typename signature::input;
    saga_spec spec;
    spec.name = spec.category = "flows";
    spec.versions.push_back({1, saga_code_of<Function>("flows", 1)});
    spec.request = type_of<input>();
    spec.input_of = [](message& m) { return nested(m.as<input>()); };
    spec.answer = &detail::stored_reply_message<typename signature::reply>;
    spec.id_of = [](message& m) { return m.as<input>().id; };
    return spec;
  }

  bare_world(journal& j, saga_spec sagas) : spec{std::move(sagas)}, journal_{j} {
    spec.routing.aggregate = spec.name;
    spec.routing.passivate_after = std::chrono::hours{1};
    spec.routing.max_entities = 0;
    spec.routing.entity = spec.routing.place = [this](message& m) { return spec.saga_of(m); };
    entities.aggregate = erase<process>();
    entities.journal = "processes";
    entities.snapshot_every = 0;
    const auto id_of = [](message& m) {
      std::string id;
      with_command<process>(m, [&](const process::command& c, auto) { id = process_id(c); });
      return id;
    };
    process_routing = {"process", shards, std::chrono::hours{1}, 0, id_of, id_of, false};

    const auto stock = system.spawn([] { return std::make_unique<stock_actor>(); });
    directory_.add(type_of<reserve_item>(), {.to = stock});
    scope_.service = "flows";
    scope_.directory = &directory_;
    scope_.own = std::make_shared<plain_link>(directory_, std::chrono::seconds{5});
    saga_operations operations;
    operations.emplace("stock.reserve_item",
                       saga_operation{"stock", operation_of<op<reserve_item, idempotent::by_key>>("stock")});
    around_ = std::make_shared<const saga_surroundings>(
        saga_surroundings{.spec = spec, .journal = journal_, .scope = scope_, .operations = std::move(operations)});
    processes_around_ = std::make_shared<const entity_surroundings>(entity_surroundings{entities, journal_});
    hosted_entities hosted_sagas;
    hosted_sagas.category = spec.category;
    hosted_sagas.make = [around = around_](hosted_entities::stream_name stream) {
      return std::make_unique<saga_entity>(std::move(stream), around);
    };
    for (int i = 0; i < shards; ++i) {
      sagas_.push_back(
          system.spawn([this, hosted_sagas] { return std::make_unique<shard>(spec.routing, hosted_sagas); }));
      processes_.push_back(
          system.spawn([this] { return std::make_unique<shard>(process_routing, entities, journal_); }));
    }
  }

  const address& saga_shard(const std::string& id) const { return sagas_[shard_of(id, shards)]; }
  const address& process_shard(const std::string& id) const { return processes_[shard_of(id, shards)]; }
  // An actor of its own, without a shard: built again from what is stored.
  address wake_saga_actor(const std::string& id) {
    auto stream = std::make_shared<const std::string>(spec.category + "-" + id);
    return system.spawn([this, stream] { return std::make_unique<saga_entity>(stream, around_); });
  }
  address wake_process_actor(const std::string& id) {
    auto stream = std::make_shared<const std::string>(entities.journal + "-" + id);
    return system.spawn([this, stream] { return std::make_unique<entity>(stream, processes_around_); });
  }

  saga_spec spec;
  entity_spec entities;
  shard_spec process_routing;

 private:
  journal& journal_;
  directory directory_;
  service_scope scope_;
  std::shared_ptr<const saga_surroundings> around_;
  std::shared_ptr<const entity_surroundings> processes_around_;

 public:
  actor_system system{{.threads = 2}};  // last: ends first

 private:
  std::vector<address> sagas_, processes_;
};

}  // namespace saga_bench
