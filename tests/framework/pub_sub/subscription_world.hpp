// A subscription on a journal in memory, with a handler that does as the event's payload says.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/pub_sub/subscription.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test {

inline const delivery_options numbers{"numbers.added", "tests"};

struct subscription_world {
  using handled = std::vector<std::string>;  // "stream:payload", in the order in which handling began

  explicit subscription_world(delivery_store& s) : store{s} {
    spec.topic = numbers.topic;
    spec.group = numbers.group;
    spec.event_type = "numbers.added";
    spec.handle = [this](actor_host& host, const service_scope&, const recorded_event& e) { return handle(host, e); };
  }
  virtual ~subscription_world() = default;

  virtual task<result<done>> handle(actor_host&, const recorded_event& e) {
    began.push_back(e.stream + ":" + e.payload);
    co_return done{};
  }

  void append(const std::string& stream, std::string payload, const std::string& type = "numbers.added", int schema = 1) {
    append_request r;
    r.writes.push_back({stream, expected::any(), {{derive(uuid{}, ++appended, stream), type, schema, std::move(payload), {}}}});
    journal.append(std::move(r), [](result<append_result> ok) { (void)ok.value(); });
  }
  actor_factory factory() {
    return [this] { return std::make_unique<subscription>(spec, scope, *port, store, progress, lane, trial); };
  }
  struct dead {
    position at;
    std::string payload;
    std::int64_t attempts;
    std::string reason;
    friend bool operator==(const dead&, const dead&) = default;
  };
  std::vector<dead> dead_letters() {
    std::vector<dead_letter> listed;
    store.list({}, delivery_store::page, [&](result<std::vector<dead_letter>> r) { listed = std::move(r).value(); });
    std::vector<dead> all;
    for (const auto& d : listed)
      for (const auto& l : letters(d.position))
        if (l.event == d.event) all.push_back({l.position, l.payload, l.attempts, l.reason});
    return all;
  }
  std::vector<dead_letter> letters(position at) {
    std::vector<dead_letter> found;
    store.find(at, [&](result<std::vector<dead_letter>> r) { found = std::move(r).value(); });
    return found;
  }

  subscription_spec spec;
  service_scope scope;
  delivery_store& store;
  trial_limits trial;
  std::uint64_t appended = 0;
  handled began;
  memory_journal journal{{.incarnation = derive(uuid{}, 1, "the journal")}};
  banyan::journal* port = &journal;  // what the subscription reads
  std::shared_ptr<subscription_progress> progress = std::make_shared<subscription_progress>();
  std::shared_ptr<quarantine_lane> lane = std::make_shared<quarantine_lane>();
};

}  // namespace banyan::test
