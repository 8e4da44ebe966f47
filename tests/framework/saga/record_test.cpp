// The record: one event per turn, as JSON that people read.
#include <banyan/saga/record.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

saga_turned a_turn() {
  saga_turned t;
  t.turn = 2;
  t.now = instant{std::chrono::milliseconds{4219}};
  t.because = saga_answer(1, {R"({"ok":{"n":1}})"});
  return t;
}

}  // namespace

TEST_CASE("a turn has what is there, and no empty members") {
  auto t = a_turn();
  CHECK(
      to_json(t) ==
      R"({"turn":2,"now":"1970-01-01T00:00:04.219Z",)"
                       R"("because":{"kind":"answered","number":1,"payload":{"ok":{"n":1}}}})");

  saga_request step;
  step.number = 2;
  step.name = "inventory.reserve_stock";
  step.arguments = {R"({"sku":"A1"})"};
  step.undo = saga_undo{"inventory.release_stock", 1, {R"({"sku":"A1"})"}};
  t.then.push_back(step);
  t.end = saga_ending{saga_outcome::undone, saga_error(error{code::refused, "no"}.because("declined"))};
  CHECK(
      to_json(t) ==
      R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"answered","number":1,"payload":{"ok":{"n":1}}},)"
      R"("then":[{"kind":"step","number":2,"name":"inventory.reserve_stock","arguments":{"sku":"A1"},)"
      R"("undo":{"operation":"inventory.release_stock","arguments":{"sku":"A1"}}}],)"
      R"("end":{"how":"undone","result":{"error":{"code":"refused","message":"no","outcome":"not_applied",)"
      R"("reason":"declined","field":""}}}})");
}

TEST_CASE("a turn survives its own JSON") {
  auto t = a_turn();
  t.head = saga_head{"orders.checkout",
                     "o17",
                     3,
                     2,
                     "order_placed",
                     "build 7",
                     instant{std::chrono::hours{1}},
                     {{"approval", {R"({"approved":true})"}}},
                     {{"inventory.release_stock", 2, {R"({"sku":"A\"1","n":[1,2.5,null]})"}}},
                     saga_parent{"orders.shipping", "s1", 1, 4, {}, 1}};
  for (const auto kind : {saga_wish::step, saga_wish::timer, saga_wish::event, saga_wish::value, saga_wish::publish,
                          saga_wish::pivot, saga_wish::undo, saga_wish::drop_timer, saga_wish::status}) {
    saga_request r;
    r.kind = kind;
    r.number = 7;
    r.name = "a";
    r.version = 2;
    r.arguments = {"[1,\"x\"]"};
    r.command = uuid_from_name("a", "b");
    r.of = 3;
    r.due = instant{std::chrono::nanoseconds{1}};
    r.refused = error{code::exhausted, "too many"};
    t.then.push_back(r);
  }
  t.returned = saga_ok(1);
  CHECK(from_json<saga_turned>(to_json(t)) == t);
}

TEST_CASE("nested JSON reads back as our own writer writes it") {
  CHECK(from_json<nested_json>(R"( { "a" : 1.50, "b" : [ ] , "c" : "\u00fc" } )")->text ==
        "{\"a\":1.5,\"b\":[],\"c\":\"\xc3\xbc\"}");
  CHECK(to_json(nested_json{}) == "null");
}

TEST_CASE("a turn that a newer program wrote is refused by name, and unknown members are ignored") {
  CHECK(from_json<saga_turned>(
      R"({"turn":1,"now":"2026-01-01T00:00:00Z","because":{"kind":"started","later":1},"more":2})"));
  const auto unknown = from_json<saga_turned>(R"({"turn":1,"now":"2026-01-01T00:00:00Z","because":{"kind":"dreamt"}})");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().field == "because.kind");
  CHECK(unknown.error().reason == "unknown_enumerator");
  const auto missing = from_json<saga_turned>(R"({"turn":1,"because":{"kind":"started"}})");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().field == "now");
}

TEST_CASE("the id of a turn's event covers its content") {
  saga_head head;
  head.saga = "orders.checkout";
  head.id = "o17";
  const auto run = saga_run_id(head);
  CHECK(saga_event_id(run, 1, "a") == saga_event_id(run, 1, "a"));
  CHECK(saga_event_id(run, 1, "a") != saga_event_id(run, 1, "b"));
  CHECK(saga_event_id(run, 1, "a") != saga_event_id(run, 2, "a"));
  head.run = 2;
  CHECK(saga_run_id(head) != run);  // another run has other command ids
}

TEST_CASE("an answer is ok, an error, or corrupt") {
  CHECK_FALSE(error_in(saga_ok(5)));
  CHECK(error_in(saga_error(error{code::refused, "no"}))->code == code::refused);
  for (const char* wrong :
       {"", "5", "{}", R"({"ok":1,"error":{"code":"refused","message":"","outcome":"unknown","reason":"","field":""}})",
        R"({"error":1})"}) {
    CAPTURE(wrong);
    CHECK(error_in({wrong})->code == code::corrupt);
    CHECK(error_in({wrong})->outcome == outcome::applied);
  }
}
