// Where each operation is answered on this node: filled in when the plan is started, read-only afterwards.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/message_type.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

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
    address for_message(message& m) const { return choose ? choose(m) : to; }
  };

  void add(const message_type* request, endpoint e) { endpoints_[request] = std::move(e); }
  const endpoint* find(const message_type* request) const {
    auto i = endpoints_.find(request);
    return i == endpoints_.end() ? nullptr : &i->second;
  }

 private:
  std::unordered_map<const message_type*, endpoint> endpoints_;
};

}  // namespace banyan
