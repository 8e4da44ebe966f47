// The actor of a saga: what is told to it, what leaves it, and what its journal does.
#include "saga_node.hpp"

using namespace saga_tests;

using names = std::vector<std::string>;

TEST_CASE("a checkout runs to its end: one append a turn, each step executed once") {
  saga_node n;
  CHECK(n.start().value() == saga_receipt{1, 1});
  CHECK(n.services.executed == names{"reserve_stock", "reserve_stock", "charge", "confirm_order"});
  CHECK(n.turns().size() == 5);  // the start, and an answer for each of four steps
  const auto d = n.described().value();
  CHECK(d.phase == "ended");
  CHECK(d.ending->how == saga_outcome::done);
  CHECK(d.ending->result.text == R"({"ok":{"id":"o17","status":"confirmed"}})");
  CHECK(d.open_steps.empty());
}

TEST_CASE("a saga whose step is refused is undone, last first") {
  saga_node n;
  n.services.declining = {"charge"};
  CHECK(n.start());
  CHECK(n.services.executed == names{"reserve_stock", "reserve_stock", "release_stock", "release_stock"});
  CHECK(n.described()->ending->how == saga_outcome::undone);
}

TEST_CASE("a step whose answer is lost is asked again with its command id") {
  saga_node n;
  n.services.answers_lost = 2;
  CHECK(n.start());
  n.pass(1min);
  CHECK(n.services.executed == names{"reserve_stock", "reserve_stock", "charge", "confirm_order"});
  for (const auto& [command, times] : n.services.asked) CHECK(times == 3);
  CHECK(n.turns().size() == 5);  // attempts are no turns
}

TEST_CASE("a step that was not begun is asked again until it is") {
  saga_node n;
  n.services.failing["charge"] = {{code::unavailable, "down"}, {code::exhausted, "full"}, {code::unimplemented, "old"}};
  CHECK(n.start());
  const auto d = n.described().value();
  REQUIRE(d.open_steps.size() == 1);
  CHECK(d.open_steps[0].operation == "payments.charge");
  CHECK(d.open_steps[0].attempts == 1);
  CHECK(d.open_steps[0].last_error->message == "down");
  n.pass(1min);
  CHECK(n.ending().starts_with("done"));
}

TEST_CASE("an event is taken once, however often it comes") {
  saga_node n;
  n.services.needs_approval = true;
  CHECK(n.start());
  CHECK(n.described()->status == "waiting for the customer's bank");
  const saga_order approval{.what = saga_command::receive, .name = "approval",
                            .payload = nested(shop::payment_approved{true})};
  const auto first = n.order(approval, "approval").value();
  CHECK(n.ending().starts_with("done"));
  CHECK(n.order(approval, "approval").value() == first);
  CHECK(n.order(approval, "another").error().reason == "saga_ended");
  auto other = approval;
  other.payload = nested(shop::payment_approved{false});
  CHECK(n.order(other, "approval").error().reason == "command_id_reused");
  test::counting_random random;
  n.fail_power(random);
  CHECK(n.order(approval, "approval").value() == first);
  CHECK(n.order(other, "approval").error().reason == "command_id_reused");
}

TEST_CASE("turns are taken while earlier ones are being written: max_in_flight at most, and the rest in order") {
  auto spec = checkout_spec();
  spec.max_in_flight = 3;
  saga_node n{spec};
  n.services.needs_approval = true;
  CHECK(n.start());
  const auto before = n.power->appends;
  std::vector<test::stepped::answer_slot<message_ptr>> receipts;
  for (int i = 1; i <= 5; ++i) {
    saga_order event{.what = saga_command::receive, .id = n.id, .name = "note", .payload = nested(i)};
    receipts.push_back(n.send(std::move(event), "note" + std::to_string(i)));
  }
  n.s->run();  // of the journal nothing is done
  CHECK(n.power->appends == before + 3);
  CHECK(receipts[0].count() == 0);
  n.settle();
  CHECK(n.power->appends == before + 5);
  for (const auto& r : receipts) CHECK(saga_node::value_of(r));
  const auto turns = n.turns();
  for (std::size_t i = 1; i <= 5; ++i)
    CHECK(from_json<saga_turned>(turns[turns.size() - 6 + i])->because.payload.text == std::to_string(i));
}

TEST_CASE("a timer fires when it is due, also after a restart of the program") {
  saga_node n;
  test::counting_random random;
  n.services.needs_approval = true;
  CHECK(n.start());
  n.pass(10min);
  CHECK(n.ending() == "no end");
  n.fail_power(random);
  n.pass(4min);
  CHECK(n.ending() == "no end");
  n.pass(2min);
  CHECK(n.ending().starts_with("undone"));
  CHECK(n.services.executed ==
        names{"reserve_stock", "reserve_stock", "charge", "refund", "release_stock", "release_stock"});
}

TEST_CASE("a saga that is woken answers when the turns of its due timers are stored") {
  saga_node n;
  test::counting_random random;
  n.services.needs_approval = true;
  CHECK(n.start());
  n.pass(1min);
  n.fail_power(random);
  const auto stored = n.turns().size();
  n.s->clock.wall_offset = 15min;
  const auto woken = n.send(wake_saga{n.id}, {});
  for (n.s->run(); n.turns().size() == stored; n.s->run()) {
    CHECK(woken.count() == 0);
    REQUIRE(n.journal.step());
  }
  n.settle();
  REQUIRE(woken.count() == 1);
  CHECK((**woken)->kind == message_kind::response);
}

TEST_CASE("a wall clock that is set forward fires a timer at once, one that is set back delays it") {
  saga_node n;
  n.services.needs_approval = true;
  CHECK(n.start());
  n.pass(1min);
  SECTION("forward") {
    n.s->clock.wall_offset = 15min;
    n.pass(15s);
    CHECK(n.ending().starts_with("undone"));
  }
  SECTION("back") {
    n.s->clock.wall_offset = -1h;
    n.pass(1h);
    CHECK(n.ending() == "no end");
    n.pass(15min);
    CHECK(n.ending().starts_with("undone"));
  }
}

TEST_CASE("a saga is cancelled, and says who did it; past its pivot it is too late") {
  saga_node n;
  n.services.needs_approval = true;
  CHECK(n.start());
  saga_order order{.what = saga_command::cancel, .id = "o17", .because = "the customer left", .by = "ann"};
  CHECK(n.order(order, "cancel"));
  const auto turns = n.turns();
  CHECK(std::count_if(turns.begin(), turns.end(), [](auto& t) { return t.find("\"by\":\"ann\"") != t.npos; }) == 1);
  CHECK(n.ending().starts_with("undone"));
  CHECK(n.order({.what = saga_command::cancel}, "again").error().reason == "saga_ended");
}

TEST_CASE("a saga that does not end in time is undone") {
  auto spec = checkout_spec();
  spec.give_up_after = 5min;
  saga_node n{spec};
  n.services.needs_approval = true;
  CHECK(n.start());
  n.pass(6min);
  CHECK(n.ending().starts_with("undone"));
  CHECK(n.ending().find("saga_out_of_time") != std::string::npos);
}

TEST_CASE("the turns of a saga have the correlation of its start, and the first one its command as cause") {
  saga_node n;
  CHECK(n.start());
  const auto& log = n.journal.log();
  REQUIRE(log.size() > 1);
  CHECK(log.front().metadata.causation == uuid_from_name("test", "start"));
  CHECK_FALSE(log.front().metadata.correlation.is_nil());
  for (const auto& e : log) CHECK(e.metadata.correlation == log.front().metadata.correlation);
}

TEST_CASE("a second start with the same input is the same start, with another input it is refused") {
  saga_node n;
  const auto first = n.start().value();
  CHECK(n.order(n.to_start(), "another command").value() == first);
  auto other = shop::an_order();
  other.total.minor = 1;
  CHECK(n.order(n.to_start(other), "other").error().reason == "saga_started");
  CHECK(n.turns().size() == 5);
}

TEST_CASE("what is told to a saga that was not started is refused") {
  saga_node n;
  CHECK(n.order({.what = saga_command::cancel}).error().reason == "no_such_saga");
  CHECK(n.order({.what = saga_command::receive, .name = "approval"}).error().reason == "no_such_saga");
  CHECK(n.described().error().reason == "no_such_saga");
  CHECK(n.turns().empty());
}

TEST_CASE("the id of a saga has no sign that stands for a run") {
  saga_node n{checkout_spec(), "o17~2"};
  CHECK(n.start().error().field == "id");
}

TEST_CASE("a journal that refuses a start: nothing leaves, the caller is told, and a later start works") {
  saga_node n;
  n.settle();
  n.journal.refuse_appends(1, error{code::exhausted, "the disk is full"});
  CHECK(n.start().error().code == code::exhausted);
  CHECK(n.services.executed.empty());
  n.pass(1s);
  CHECK(n.start());
  CHECK(n.ending().starts_with("done"));
}

TEST_CASE("a journal that refuses the turn of an answer is tried again: the answer is not lost") {
  saga_node n;
  n.services.needs_approval = true;
  CHECK(n.start());
  n.journal.refuse_appends(3, error{code::exhausted, "the disk is full"});
  const saga_order approval{.what = saga_command::receive, .name = "approval",
                            .payload = nested(shop::payment_approved{true})};
  CHECK(n.order(approval, "approval").error().code == code::exhausted);
  n.pass(1min);
  CHECK(n.ending() == "no end");
  CHECK(n.order(approval, "approval").error().code == code::exhausted);
  n.pass(1min);
  n.journal.accept_appends();
  CHECK(n.order(approval, "approval"));
  n.pass(1min);
  CHECK(n.ending().starts_with("done"));
  for (const auto& [command, times] : n.services.asked) CHECK(times == 1);
}

TEST_CASE("an append whose outcome is unknown is made again until it is known: nobody is told of an error") {
  for (const bool stored : {false, true}) {
    INFO("stored: " << stored);
    saga_node n;
    n.settle();
    n.power->stores_unknown = stored;
    n.power->unknown = 3;
    auto asked = n.send(n.to_start(), "start");
    n.pass(1min);
    CHECK(saga_node::value_of(asked).value() == saga_receipt{1, 1});
    CHECK(n.ending().starts_with("done"));
    CHECK(n.turns().size() == 5);
  }
}
