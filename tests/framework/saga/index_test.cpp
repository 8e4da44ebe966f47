// The index of sagas says of every turn what the machine says that is built from the same turns.
#include "saga_node.hpp"

#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/saga/saga_index.hpp>
#include <banyan/test_kit/view_of.hpp>

#include <limits>

using namespace saga_tests;

namespace {

std::int64_t nanoseconds_of(instant t) { return t.time_since_epoch().count(); }

class index_of_sagas {
 public:
  explicit index_of_sagas(timespan keep = 24h * 7) : keep_{keep} {}
  void apply(const recorded_event& e) {
    tables_.write([&](view_writer& v) { REQUIRE(apply_to_saga_index(v, e, keep_)); });
  }
  template <class F>
  auto ask(F f) {
    decltype(f(std::declval<view_reader&>())) answer;
    tables_.read([&](view_reader& v) { answer = f(v); });
    return answer;
  }
  std::vector<saga_index_row> all() {
    return ask([](view_reader& v) { return list_sagas(v, {}, "", 100); });
  }

 private:
  timespan keep_;
  test_kit::detail::view_tables tables_{&create_saga_index};
};

// Folds what is stored, turn by turn, and compares with the machine.
void check_every_turn(const saga_node& n) {
  index_of_sagas index;
  std::vector<std::string> turns;
  for (const auto& e : n.journal.log()) {
    INFO("after turn " << e.version << ": " << e.payload);
    index.apply(e);
    turns.push_back(e.payload);
    const auto rebuilt = rebuild_saga(n.spec.code_of(1), turns);
    REQUIRE(rebuilt);
    const auto& m = **rebuilt;
    const auto rows = index.all();
    REQUIRE(rows.size() == 1);
    const auto& row = rows[0];
    CHECK(row.id == "o17");
    CHECK(row.turns == m.turns());
    CHECK(row.bytes == static_cast<std::int64_t>(m.bytes()));
    CHECK(row.since == nanoseconds_of(m.now()));
    CHECK(row.status == m.status());
    CHECK((row.state == "running") == (m.phase() != saga_phase::ended));
    CHECK(row.phase == boost::describe::enum_to_string(m.phase(), ""));
    for (const auto& what : m.waiting_for())
      CHECK(row.waiting_for.find(what.starts_with("timer") ? "timer" : what) != std::string::npos);
    if (m.waiting_for().empty()) CHECK(row.waiting_for.empty());
    CHECK(row.gives_up_at.has_value() == m.gives_up_at().has_value());
    std::int64_t steps = 0;
    std::optional<std::int64_t> due;
    if (const auto at = m.gives_up_at()) due = nanoseconds_of(*at);
    for (const auto& o : m.outstanding()) {
      if (o.request->kind != saga_wish::timer) {
        ++steps;
        continue;
      }
      const auto at = nanoseconds_of(*o.request->due);
      due = std::min(due.value_or(at), at);
    }
    CHECK(row.open_steps == steps);
    const auto open = index.ask([](view_reader& v) { return sagas_with_open_steps(v, "", 10); });
    CHECK(open.size() == (steps > 0 ? 1u : 0u));
    const auto due_until = [&](std::int64_t until) {
      return index.ask([&](view_reader& v) { return sagas_due(v, instant{nanoseconds{until}}, {}, 10); });
    };
    const auto all_due = due_until(std::numeric_limits<std::int64_t>::max());
    CHECK(all_due.empty() == !due.has_value());
    if (due) {
      CHECK(all_due[0] == saga_due{"o17", *due});
      CHECK(due_until(*due).size() == 1);
      CHECK(due_until(*due - 1).empty());
      const auto after =
          index.ask([&](view_reader& v) { return sagas_due(v, instant{nanoseconds{*due}}, all_due[0], 10); });
      CHECK(after.empty());
    }
  }
}

saga_spec patient_spec() {
  auto spec = checkout_spec();
  spec.give_up_after = 1h;
  return spec;
}

}  // namespace

TEST_CASE("the index follows a saga that goes well, one that is undone, and one that waits") {
  SECTION("it goes well") {
    saga_node n{patient_spec()};
    CHECK(n.start());
    check_every_turn(n);
  }
  SECTION("a step is refused") {
    saga_node n{patient_spec()};
    n.services.declining = {"charge"};
    CHECK(n.start());
    check_every_turn(n);
  }
  SECTION("an undo is refused") {
    saga_node n{patient_spec()};
    n.services.declining = {"charge", "release_stock"};
    CHECK(n.start());
    check_every_turn(n);
    n.services.declining.clear();
    CHECK(n.order({.what = saga_command::retry, .because = "the stock is there again"}));
    check_every_turn(n);
  }
  SECTION("an undo is refused, and done by hand") {
    saga_node n{patient_spec()};
    n.services.declining = {"charge", "release_stock"};
    CHECK(n.start());
    CHECK(n.order({.what = saga_command::undone, .number = 1}));
    CHECK(n.order({.what = saga_command::undone, .number = 2}));
    CHECK(n.ending().starts_with("undone"));
    check_every_turn(n);
  }
  SECTION("nobody approves") {
    saga_node n{patient_spec()};
    n.services.needs_approval = true;
    CHECK(n.start());
    n.pass(20min);
    check_every_turn(n);
  }
  SECTION("it is cancelled") {
    saga_node n{patient_spec()};
    n.services.needs_approval = true;
    CHECK(n.start());
    CHECK(n.order({.what = saga_command::cancel}));
    check_every_turn(n);
  }
}

TEST_CASE("the index says how a saga ended, and forgets it later") {
  saga_node n;
  n.services.declining = {"charge"};
  CHECK(n.start());
  index_of_sagas index{24h};
  for (const auto& e : n.journal.log()) index.apply(e);
  REQUIRE(index.all().size() == 1);
  CHECK(index.all()[0].state == "undone");
  CHECK(index.all()[0].reason == "declined");
  // The same saga under another id, two days later.
  for (auto e : n.journal.log()) {
    e.stream += "b";
    auto turn = from_json<saga_turned>(e.payload).value();
    turn.now += 48h;
    e.payload = to_json(turn);
    index.apply(e);
  }
  REQUIRE(index.all().size() == 1);
  CHECK(index.all()[0].id == "o17b");
}

TEST_CASE("the index finds sagas by what they wait for, by phase, version and age") {
  saga_node n;
  n.services.needs_approval = true;
  CHECK(n.start());
  index_of_sagas index;
  for (const auto& e : n.journal.log()) index.apply(e);
  const auto found = [&](saga_filter f) {
    return index.ask([&](view_reader& v) { return list_sagas(v, f, "", 10).size(); }) == 1;
  };
  CHECK(index.all()[0].waiting_for == "event approval, timer");
  const auto since = instant{nanoseconds{index.all()[0].since}};
  CHECK(found({.status = "running", .version = 1, .quiet_since = since + 1s, .waiting_for = "approval"}));
  CHECK(found({.waiting_for = "timer"}));
  CHECK_FALSE(found({.waiting_for = "payments.charge"}));
  CHECK(found({.status = "living"}));
  CHECK(found({.status = "sleeping"}));
  CHECK(found({.id = n.id}));
  CHECK_FALSE(found({.id = "another"}));
  CHECK_FALSE(found({.status = "attention"}));
  CHECK_FALSE(found({.status = "ended"}));
  CHECK_FALSE(found({.version = 2}));
  CHECK_FALSE(found({.quiet_since = since}));
}

TEST_CASE("the index counts what needs a person, and the timers that are late") {
  saga_node n;
  n.services.declining = {"charge", "release_stock"};
  CHECK(n.start());
  index_of_sagas index;
  for (const auto& e : n.journal.log()) index.apply(e);
  const auto load = index.ask([](view_reader& v) { return saga_load_of(v, instant{}); });
  CHECK(load.attention == 1);
  CHECK(load.in_attention == std::vector<std::string>{"o17"});
  CHECK(load.overdue == 0);
  CHECK(index.all()[0].reason == "declined");
  CHECK(index.all()[0].waiting_for == "an operator");
}

TEST_CASE("the index counts living sagas of each version") {
  saga_node n;
  n.services.needs_approval = true;
  CHECK(n.start());
  index_of_sagas index;
  for (const auto& e : n.journal.log()) index.apply(e);
  const auto versions = index.ask([](view_reader& v) { return living_versions(v); });
  REQUIRE(versions.size() == 1);
  CHECK(versions[0].version == 1);
  CHECK(versions[0].sagas == 1);
}

TEST_CASE("the name of an index is that of a view") {
  CHECK(saga_index_name("orders.checkout") == "saga_orders_checkout");
  CHECK(is_view_name(saga_index_name("ein täglicher gruß")));
}
