// The declared number of shards of an aggregate, stored in its journal. Which shard owns an entity depends on it, so
// it is fixed by the first node that runs the aggregate on a journal. A node declares it once per aggregate, as the
// fact "shards/<category>", and holds commands back until the journal has agreed:
//
//   not answered yet     commands wait, within their deadlines; beyond max_waiting they are answered `unavailable`
//   journal unavailable  retried with back-off; commands are answered `unavailable`, reason "shards_not_declared"
//   journal damaged      the same, but commands are answered `corrupt`
//   declared otherwise   every command is answered `conflict`, reason "declared_otherwise", with both numbers and the
//                        remedy, until the node is started with the journal's number
//   agreed               commands go to their shards directly, without overhead
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

// The state of the declaration. Thread-safe; outlives restarts of the declaring actor.
class shard_declaration {
 public:
  shard_declaration(std::string aggregate, std::string category, int shards, std::string option)
      : aggregate_{std::move(aggregate)},
        key_{"shards/" + std::move(category)},
        shards_{std::to_string(shards)},
        option_{std::move(option)} {}

  const std::string& aggregate() const { return aggregate_; }
  const std::string& key() const { return key_; }
  const std::string& shards() const { return shards_; }  // the number that this node declares
  bool is_agreed() const { return agreed_.load(std::memory_order_acquire); }
  void agree();
  // The error for commands; none while the journal has not answered. `why` is the journal's error.
  std::optional<error> refusal() const;
  void refuse(const error& why);
  bool is_final() const;  // the journal has another number: no retry on this node can change it
  std::optional<health_line> health() const;  // none: agreed

 private:
  const std::string aggregate_, key_, shards_, option_;
  std::atomic<bool> agreed_{false};
  mutable std::mutex lock_;
  std::optional<error> refusal_;
  std::string cause_;  // for the health line
};

class shard_declarer final : public actor {
 public:
  static constexpr std::size_t max_waiting = 1000;  // commands waiting for the journal's first answer

  // `shard_of` returns the address for a command. Referenced objects must outlive this.
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
