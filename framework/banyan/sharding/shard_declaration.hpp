// The number of shards of an aggregate, as its journal has it: which shard owns an entity depends on it, and so it is
// fixed by the first node that runs the aggregate on a journal. A node declares it once per aggregate, as the fact
// "shards/<category>", and lets no command through before the journal has agreed:
//
//   not answered yet     commands wait, within their deadlines; beyond max_waiting they are answered `unavailable`
//   journal unavailable  asked again, with back-off; commands are answered `unavailable`, reason "shards_not_declared"
//   journal damaged      the same, but commands are answered `corrupt`
//   declared otherwise   every command is answered `conflict`, reason "declared_otherwise", with both numbers and what
//   to do, until the node
//                        is started with the number that the journal has
//   agreed               commands go to their shards, and nothing of this is in their way
//
// Nodes that share a journal must agree on the number; one that does not serves the rest of its plan.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace banyan {

// What the journal said of it so far. Thread-safe; outlives restarts of the actor that asks.
class shard_declaration {
 public:
  shard_declaration(std::string aggregate, std::string category, int shards, std::string option)
      : aggregate_{std::move(aggregate)},
        key_{"shards/" + std::move(category)},
        shards_{std::to_string(shards)},
        option_{std::move(option)} {}

  const std::string& aggregate() const { return aggregate_; }
  const std::string& key() const { return key_; }
  const std::string& shards() const { return shards_; }  // as this node has it
  bool is_agreed() const { return agreed_.load(std::memory_order_acquire); }
  void agree();
  // What a command is answered; none while the first answer is not there. `why` is the journal's.
  std::optional<error> refusal() const;
  void refuse(const error& why);
  bool is_final() const;                      // nothing that this node does can change it
  std::optional<health_line> health() const;  // none: agreed

 private:
  const std::string aggregate_, key_, shards_, option_;
  std::atomic<bool> agreed_{false};
  mutable std::mutex lock_;
  std::optional<error> refusal_;
  std::string cause_;  // for operators
};

class shard_declarer final : public actor {
 public:
  static constexpr std::size_t max_waiting = 1000;  // commands, until the journal has answered once

  // `shard_of` is where a command goes. What the references refer to outlives this.
  shard_declarer(std::shared_ptr<shard_declaration> d, banyan::journal& j, std::function<address(message&)> shard_of,
                 counter failed = {})
      : declaration_{std::move(d)}, journal_{j}, shard_of_{std::move(shard_of)}, failed_{failed} {}

  behavior make_behavior() override;
  void started() override;

 private:
  task<void> declare();
  void route(message_ptr& m);
  void release();
  void forward(message_ptr& m);
  void fail(message& m, error why);

  std::shared_ptr<shard_declaration> declaration_;
  banyan::journal& journal_;
  std::function<address(message&)> shard_of_;
  counter failed_;
  std::deque<message_ptr> waiting_;
};

}  // namespace banyan
