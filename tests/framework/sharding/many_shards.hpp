// The shards of one aggregate on one node, in virtual time, on a journal in memory.
#pragma once

#include <tests/framework/event_sourcing/counters.hpp>

#include <banyan/sharding/shard.hpp>
#include <banyan/sharding/shard_map.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banyan::test {

inline std::string counter_of(message& l) {
  std::string key;
  with_command<counter>(l, [&](const counter::command& c, auto) { key = std::visit([](auto& x) { return x.counter; }, c); });
  return key;
}

class many_shards {
 public:
  // Their journal answers at once, unless `o` says otherwise.
  many_shards(int shards, int max_entities, timespan passivate_after = std::chrono::hours{1}, memory_journal::options o = {})
      : spec{"counter", shards, passivate_after, max_entities, counter_of, counter_of, false}, journal{std::move(o)} {
    for (int i = 0; i < shards; ++i)
      all.push_back(s.system.spawn([this] { return std::make_unique<shard>(spec, entities, journal, command_meters{}, census); }));
  }
  ~many_shards() { settle(); }

  address at(const std::string& counter) const { return all[shard_of(counter, static_cast<std::uint32_t>(all.size()))]; }

  template <class C>
  stepped::answer_slot<message_ptr> send(C c, const std::string& command = {}) {
    const auto to = at(c.counter);
    auto l = make_message<C>(std::move(c));
    auto context = std::make_shared<message_context>();
    if (!command.empty()) context->command = id_of(command);
    l->context = std::move(context);
    stepped::answer_slot<message_ptr> a;
    s.system.ask_message(to, std::move(l), std::chrono::minutes{1}, a.slot());
    return a;
  }
  template <class C>
  result<std::int64_t> ask(C c, const std::string& command = {}) {
    auto a = send(std::move(c), command);
    settle();
    return counters::value_of(a);
  }
  void settle() {
    do s.run();
    while (journal.step());
  }
  // Events and remembered commands, of whatever stream.
  std::int64_t streams() {
    std::int64_t found = -1;
    journal.info([&](result<journal_info> r) { found = r.value().streams; });
    settle();
    return found;
  }

  entity_spec entities{erase<counter>(), "counters", 0, 64};
  shard_spec spec;
  std::shared_ptr<entity_census> census = std::make_shared<entity_census>();
  memory_journal journal;
  stepped s;
  std::vector<address> all;
};

}  // namespace banyan::test
