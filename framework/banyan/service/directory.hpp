// Where each operation is answered: by actors of this node, or by another node. Read on every call, from any thread,
// without a lock; changed when a service has started, by publishing a new table beside the old one (read-copy-update).
// What an entry says may be kept: entries live as long as the directory, and old tables do too, since there is one per
// service and not per call.
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
#include <unordered_map>
#include <vector>

namespace banyan {

// Something that answers are read from, and that follows the journal: a view.
struct read_side {
  std::string name;
  std::function<std::int64_t()> applied;  // the journal position that it includes; -1: not open
};

class directory {
 public:
  // One actor answers, or one chosen by the message (a shard, a replica).
  struct endpoint {
    std::string service = {};
    address to = {};
    std::function<address(message&)> choose = {};
    std::function<result<void>(message&)> validate = {};   // the check of the request that needs no state; empty: there is none
    std::shared_ptr<const read_side> reads = {};           // what the answers are read from; null: always up to date
    const operation* of = nullptr;                         // null: one that no plan names
    bool is_remote = false;                                // `choose` gives a stand-in: another node answers
    address for_message(message& m) const { return choose ? choose(m) : to; }
  };

  directory();
  ~directory();

  // A second endpoint of one request replaces the first, for calls that begin afterwards.
  void add(const message_type* request, endpoint e);
  // Null: nobody that this node knows answers it.
  const endpoint* find(const message_type* request) const {
    return of(now_.load(std::memory_order_acquire)->by_type, request);
  }
  const endpoint* find(std::string_view wire_name) const {
    return of(now_.load(std::memory_order_acquire)->by_name, wire_name);
  }

 private:
  struct table {
    std::unordered_map<const message_type*, const endpoint*> by_type;
    std::unordered_map<std::string_view, const endpoint*> by_name;
  };
  template <class Map, class Key>
  static const endpoint* of(const Map& entries, const Key& key) {
    const auto i = entries.find(key);
    return i == entries.end() ? nullptr : i->second;
  }

  std::atomic<const table*> now_;
  std::mutex changes_;
  std::vector<std::unique_ptr<const table>> tables_;
  std::vector<std::unique_ptr<const endpoint>> entries_;
};

}  // namespace banyan
