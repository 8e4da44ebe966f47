// The directory of operations: which actor of this node, or which other node, answers each. Read on every call,
// lock-free, from any thread; changed when a service has started by publishing a new table (read-copy-update).
// Entries may be kept: they live as long as the directory. Old tables are kept too, one per service.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/plan/operation.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// The data source of an operation's answers that follows the journal: a view.
struct read_side {
  std::string name;
  std::function<std::int64_t()> applied;  // the journal position that it includes; -1: not open
};

class directory {
 public:
  // An operation is answered by one actor, or by one chosen per message (a shard, a replica).
  struct endpoint {
    std::string service = {};
    address to = {};
    std::function<address(message&)> choose = {};
    std::function<result<void>(message&)> validate = {};   // validation of the request without state; empty: none
    std::shared_ptr<const read_side> reads = {};           // the source of the answers; null: always up to date
    const operation* of = nullptr;                         // null: not declared in a plan
    bool is_remote = false;                                // `choose` returns a proxy: another node answers
    address for_message(message& m) const { return choose ? choose(m) : to; }
  };

  directory();
  ~directory();

  // A second endpoint for a request type replaces the first for later calls.
  void add(const message_type* request, endpoint e);
  // Null: no endpoint is known on this node.
  const endpoint* find(const message_type* request) const noexcept;
  const endpoint* find(std::string_view wire_name) const noexcept;

 private:
  struct table;

  std::atomic<const table*> now_;
  std::mutex changes_;
  std::vector<std::unique_ptr<const table>> tables_;
  std::vector<std::unique_ptr<const endpoint>> entries_;
};

}  // namespace banyan
