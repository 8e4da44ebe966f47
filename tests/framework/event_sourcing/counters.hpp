// A small event-sourced entity on a journal in memory, stepped by hand.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/event_sourcing/entity.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <optional>
#include <stdexcept>

namespace banyan::test {

struct added {
  static constexpr stored_as stored{"counters.added", 1};
  std::int64_t n = 0;
  std::optional<std::string> text = {};
};
BOOST_DESCRIBE_STRUCT(added, (), (n, text))

struct add {
  using reply = std::int64_t;    // the new total
  std::string counter;
  std::int64_t n = 0;
};
BOOST_DESCRIBE_STRUCT(add, (), (counter, n))

// Another time, another event: deciding it again does not give the same.
struct add_hour {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(add_hour, (), (counter))

// Refused unless the total is even.
struct need_even {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(need_even, (), (counter))

// Adds what somebody else looked up on the way; who asks twice asks the same, whatever was found.
struct add_found {
  using reply = std::int64_t;
  std::string counter;
  std::int64_t found = 0;
  std::string identity() const { return counter; }
};
BOOST_DESCRIBE_STRUCT(add_found, (), (counter, found))

// Adds 1 with a long text in its event: over 1 MiB, no journal takes it.
struct add_text {
  using reply = std::int64_t;
  std::string counter;
  std::size_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(add_text, (), (counter, bytes))

// Refused while the total is 0: of a counter to which nothing was added.
struct need_some {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(need_some, (), (counter))

// A defect: the decision throws.
struct add_defect {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(add_defect, (), (counter))

// The same defect in the check.
struct check_defect {
  using reply = std::int64_t;
  std::string counter;
};
BOOST_DESCRIBE_STRUCT(check_defect, (), (counter))

struct counter {
  using command = std::variant<add, add_found, add_hour, need_even, add_text, need_some, add_defect, check_defect>;
  static constexpr std::int64_t unbearable = 666'666'666;  // adding this throws, after it was added
  using event = std::variant<added>;
  struct state {
    std::int64_t total = 0;
  };
  static result<void> validate(const command& c) {
    if (std::holds_alternative<check_defect>(c)) throw std::runtime_error{"a defect"};
    auto* a = std::get_if<add>(&c);
    if (a && a->n == 0) return error{code::invalid_argument, "adding nothing"}.at("n");
    return {};
  }
  static decision<counter> decide(const state& s, const command& c, const decision_context& context) {
    if (auto* a = std::get_if<add>(&c)) return accept<counter>({added{a->n}}, s.total + a->n);
    if (auto* a = std::get_if<add_found>(&c)) return accept<counter>({added{a->found}}, s.total + a->found);
    if (std::holds_alternative<add_hour>(c)) {
      const auto hour = std::chrono::floor<std::chrono::hours>(context.now).time_since_epoch().count();
      return accept<counter>({added{hour}}, s.total + hour);
    }
    if (std::holds_alternative<add_defect>(c)) throw std::runtime_error{"a defect"};
    if (auto* a = std::get_if<add_text>(&c)) return accept<counter>({added{1, std::string(a->bytes, 'x')}}, s.total + 1);
    if (std::holds_alternative<need_some>(c) && s.total == 0) return refuse("none", "nothing was added yet");
    if (std::holds_alternative<need_even>(c) && s.total % 2 != 0) return refuse("odd", "the total is odd");
    return accept<counter>({}, s.total);
  }
  static void evolve(state& s, const event& e) {
    s.total += std::get<added>(e).n;
    if (std::get<added>(e).n == unbearable) throw std::runtime_error{"a defect"};
  }
};
BOOST_DESCRIBE_STRUCT(counter::state, (), (total))

inline uuid id_of(const std::string& name) { return uuid_from_name("test", name); }

// One entity, "counters-c".
class counters {
 public:
  explicit counters(int snapshot_every = 0, memory_journal::options o = {.executor = memory_journal::by_hand})
      : spec{erase<counter>(), "counters", snapshot_every, 64}, journal{std::move(o)} {
    open();
  }
  ~counters() { settle(); }

  // A fresh actor on the same journal: what waking up after sleep, or after a restart of the program, is.
  void open() {
    settle();
    who = another();
  }
  // An actor of the same entity beside the first, as there may be while its shard moves.
  address another() {
    return s.system.spawn([this] {
      std::shared_ptr<unreadable_streams> not_owned{std::shared_ptr<void>{}, &unreadable};
      auto around =
          std::make_shared<const entity_surroundings>(entity_surroundings{spec, *port, meters, std::move(not_owned)});
      return std::make_unique<entity>(std::make_shared<const std::string>(spec.journal + "-c"), std::move(around));
    });
  }
  // From now on through `j`, which stands before the journal.
  void use(banyan::journal& j) {
    port = &j;
    open();
  }
  void settle() {
    do s.run();
    while (journal.step());
  }

  // Sends and does not wait; `command` empty: a command without an id of its own.
  template <class C>
  stepped::answer_slot<message_ptr> send(C c, const std::string& command = {}, timespan limit = std::chrono::seconds{10}) {
    auto l = make_message<C>(std::move(c));
    auto context = std::make_shared<message_context>();
    if (!command.empty()) context->command = id_of(command);
    l->context = std::move(context);
    stepped::answer_slot<message_ptr> a;
    s.system.ask_message(who, std::move(l), limit, a.slot());
    s.run();
    return a;
  }
  template <class C>
  result<std::int64_t> ask(C c, const std::string& command = {}) {
    auto a = send(std::move(c), command);
    settle();
    return value_of(a);
  }
  static result<std::int64_t> value_of(const stepped::answer_slot<message_ptr>& a) {
    if (!*a) return a->error();
    auto held = **a;
    if (held->kind == message_kind::failure) return held->as<error>();
    return held->as<std::int64_t>();
  }

  // Why the entity can not be read; "" when it can.
  std::string cause() const {
    const auto all = unreadable.list();
    return all.empty() ? std::string{} : all.front().cause;
  }
  std::vector<recorded_event> events() {
    std::vector<recorded_event> all;
    journal.read_stream({"counters-c", 1, 10'000}, [&](auto r) { all = std::move(r.value()); });
    settle();
    return all;
  }
  // Somebody else's write to the stream.
  void append(std::string type, std::string payload) {
    append_later(std::move(type), std::move(payload));
    while (journal.step()) {
    }
  }
  void append_later(std::string type, std::string payload) {
    append_request r;
    r.writes.push_back({"counters-c", expected::any(), {{uuid_v7(s.clock.now(), s.random), std::move(type), 1, std::move(payload), {}}}});
    journal.append(std::move(r), [](auto) {});
  }
  // `count` events that add 1.
  void append_many(std::int64_t count) {
    for (; count > 0; count -= 500) {
      append_request r;
      auto& w = r.writes.emplace_back(stream_write{"counters-c", expected::any(), {}});
      for (auto n = std::min<std::int64_t>(count, 500); n > 0; --n)
        w.events.push_back({uuid_v7(s.clock.now(), s.random), "counters.added", 1, R"({"n":1})", {}});
      journal.append(std::move(r), [](auto appended) { (void)appended.value(); });
    }
    while (journal.step()) {
    }
  }
  void put_snapshot(version at, std::string state) {
    journal.save_snapshot({"counters-c", at, spec.aggregate.snapshot_key, std::move(state)}, [](result<bool>) {});
    settle();
  }
  std::optional<snapshot> stored_snapshot() {
    std::optional<snapshot> found;
    journal.load({"counters-c", spec.aggregate.snapshot_key, 0}, [&](auto r) { found = r.value().snapshot; });
    settle();
    return found;
  }

  entity_spec spec;
  command_meters meters;  // count nothing, unless a test says so
  unreadable_streams unreadable;
  memory_journal journal;
  banyan::journal* port = &journal;
  stepped s;
  address who;
};

}  // namespace banyan::test
