// What an entity does when the disk fails, somebody else writes to its stream, or what is stored can not be read.
#include <tests/framework/event_sourcing/counters.hpp>
#include <tests/framework/event_sourcing/moody_journal.hpp>
#include <tests/framework/observability/captured_log.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace banyan::test;

TEST_CASE("a command whose events could not be written is not applied, and the next one is decided on what is stored") {
  counters c;
  c.ask(add{"c", 1}).value();
  c.journal.fail_syncs(1);
  auto failed = c.ask(add{"c", 10}, "ten");
  CHECK(failed.error().code == code::exhausted);
  CHECK(failed.error().outcome == outcome::not_applied);
  CHECK(c.ask(add{"c", 2}).value() == 3);
  CHECK(c.ask(add{"c", 10}, "ten").value() == 13);  // sent again, it is a new decision
}

TEST_CASE("all commands of a batch that could not be written fail; one that repeats them is decided afresh") {
  counters c;
  c.settle();
  c.journal.fail_syncs(1);
  auto first = c.send(add{"c", 1}, "one"), second = c.send(add{"c", 2}, "two"), repeat = c.send(add{"c", 1}, "one");
  c.settle();
  CHECK(c.value_of(first).error().code == code::exhausted);
  CHECK(c.value_of(second).error().code == code::exhausted);
  CHECK(c.value_of(repeat).value() == 1);
  CHECK(c.events().size() == 1);
}

TEST_CASE("a write by somebody else is noticed, and the commands are decided again in their order") {
  counters c;
  c.ask(add{"c", 1}).value();
  SECTION("when the versions of all of them are gone") {
    c.append("counters.added", R"({"n":50})");
    c.append("counters.added", R"({"n":50})");
  }
  SECTION("when the second could have found the version it expects") { c.append("counters.added", R"({"n":100})"); }
  auto before = c.events().size();
  auto first = c.send(add{"c", 1}, "one"), repeat = c.send(add{"c", 1}, "one"), second = c.send(add{"c", 2}, "two");
  c.settle();
  CHECK(c.value_of(first).value() == 102);
  CHECK(c.value_of(repeat).value() == 102);
  CHECK(c.value_of(second).value() == 104);
  CHECK(c.events().size() == before + 2);
}

TEST_CASE("a refusal that was decided on an outdated state is not recorded but decided again") {
  counters c;
  c.ask(add{"c", 1}).value();
  c.append("counters.added", R"({"n":1})");
  CHECK(c.ask(need_even{"c"}, "even").value() == 2);
}

TEST_CASE("snapshots are written every so many events, and waking up from one changes no answer") {
  counters c{3};
  for (int i = 1; i <= 7; ++i) CHECK(c.ask(add{"c", 1}, std::to_string(i)).value() == i);
  REQUIRE(c.stored_snapshot());
  CHECK(c.stored_snapshot()->version == 6);
  CHECK(c.stored_snapshot()->state == R"({"total":6})");
  c.spec.snapshot_every = GENERATE(3, 0);  // 0: as if there were none
  c.open();
  CHECK(c.ask(add{"c", 1}, "3").value() == 3);
  CHECK(c.ask(add{"c", 1}).value() == 8);
}

TEST_CASE("an entity wakes up from its snapshot and the events after it") {
  counters c;
  for (int i = 0; i < 3; ++i) c.ask(add{"c", 1}).value();
  c.put_snapshot(2, R"({"total":1000})");  // not what the events say, to tell the two apart
  c.spec.snapshot_every = 100;
  c.open();
  CHECK(c.ask(add{"c", 1}).value() == 1002);
}

TEST_CASE("an entity that wakes up from its snapshot alone knows which event comes before its own, and where it is") {
  counters c{1};
  c.ask(add{"c", 1}, "one").value();
  REQUIRE(c.stored_snapshot()->version == 1);
  c.open();
  auto repeat = c.send(add{"c", 1}, "one");
  c.settle();
  CHECK((**repeat)->position == 1);
  CHECK(c.ask(add{"c", 1}).value() == 2);
}

TEST_CASE("a stream of any length is read page by page, and what others write meanwhile is part of it") {
  counters c;
  constexpr std::int64_t length = 25'500;
  c.append_many(length);
  const bool grows = GENERATE(false, true);
  c.who = c.another();
  int reads = 0;
  for (c.s.run(); c.journal.step(); c.s.run(), ++reads) {
    if (grows && reads < 30) c.append_later("counters.added", R"({"n":1000000})");
  }
  CHECK(reads >= length / static_cast<std::int64_t>(entity::page));
  const auto strange = grows ? 30 * 1'000'000 : 0;
  CHECK(c.ask(add{"c", 1}, "one").value() == length + strange + 1);
  CHECK(c.ask(add{"c", 1}, "two").value() == length + strange + 2);
  c.open();
  CHECK(c.ask(add{"c", 1}, "one").value() == length + strange + 1);
}

TEST_CASE("an event that can not be read is named also when it is far back in a long stream") {
  counters c;
  c.append_many(2'500);
  c.append("counters.unheard_of", "{}");
  c.append_many(2'500);
  c.open();
  auto answer = c.ask(add{"c", 1});
  CHECK(answer.error().code == code::corrupt);
  CHECK(c.cause().find("stream counters-c, version 2501, position 2501") != std::string::npos);
}

TEST_CASE("a snapshot that does not decode is ignored") {
  counters c;
  for (int i = 0; i < 3; ++i) c.ask(add{"c", 1}).value();
  c.put_snapshot(2, R"({"total":"many"})");
  c.spec.snapshot_every = 100;
  c.open();
  CHECK(c.ask(add{"c", 1}).value() == 4);
}

TEST_CASE("an event that can not be read stops its entity: every command is refused, and what is wrong where is known") {
  counters c;
  c.ask(add{"c", 1}, "one").value();
  auto [type, payload] = GENERATE(table<std::string, std::string>({{"counters.unheard_of", "{}"}, {"counters.added", R"({"n":"one"})"}}));
  c.append(type, payload);
  c.append("counters.added", R"({"n":1})");
  c.open();
  for (auto* command : {"one", "two"}) {
    auto answer = c.ask(add{"c", 1}, command);
    CHECK(answer.error().code == code::corrupt);
    CHECK(answer.error().message == "what is stored of this counter can not be used; see the log");
    CHECK(c.cause().find("stream counters-c, version 2, position 2") != std::string::npos);
  }
  CHECK(c.events().size() == 3);
}

TEST_CASE("what is wrong with a stream is in the log once a minute, with how often commands were refused for it") {
  test::captured_log log{log_level::error};
  counters c;
  c.append("counters.unheard_of", "{}");
  c.open();
  const std::string line = "error   counter: what is stored can not be used: a command is refused stream=counters-c cause=";
  for (int i = 0; i < 3; ++i) CHECK(c.ask(add{"c", 1}).has_error());
  const auto text = log.text();
  CHECK(text.find(line) != std::string::npos);
  CHECK(text.find("version 1, position 1") != std::string::npos);
  CHECK(text.find("counters-c", text.find("position 1")) == std::string::npos);  // once
  c.s.advance(std::chrono::minutes{1});
  CHECK(c.ask(add{"c", 1}).has_error());
  CHECK(log.has("held_back=2"));
}

TEST_CASE("a stream is known as unreadable from the first command that is refused for it, until it could be read") {
  struct damaged_for_a_while final : moody_journal {
    using moody_journal::moody_journal;
    bool is_damaged = true;
    void load(load_request r, completion<loaded_stream> done) override {
      if (is_damaged) return done(error{code::corrupt, "page 7 is damaged"});
      inner().load(std::move(r), std::move(done));
    }
  };
  counters c;
  damaged_for_a_while journal{c.journal};
  journal.at_ease();
  c.use(journal);
  c.settle();
  CHECK(c.unreadable.list().empty());
  const auto told = c.ask(add{"c", 1});
  CHECK(told.error().code == code::corrupt);
  CHECK(told.error().message.find("page 7") == std::string::npos);
  REQUIRE(c.unreadable.list().size() == 1);
  CHECK(c.unreadable.list()[0].stream == "counters-c");
  CHECK(c.cause() == "corrupt: page 7 is damaged");
  journal.is_damaged = false;
  c.open();
  CHECK(c.ask(add{"c", 1}).value() == 1);
  CHECK(c.unreadable.list().empty());
}

TEST_CASE("a journal that turns out damaged while it writes is not shown to whoever asks either") {
  test::captured_log log{log_level::error};
  counters c;
  c.settle();
  c.journal.refuse_appends(1, error{code::corrupt, "page 7 is damaged"});
  const auto told = c.ask(add{"c", 1});
  CHECK(told.error().code == code::corrupt);
  CHECK(told.error().message.find("page 7") == std::string::npos);
  CHECK(log.has("page 7 is damaged"));
  CHECK(c.unreadable.list().empty());  // the journal tells that itself
}

TEST_CASE("an event that the journal has lost stops its entity, which names it, wherever in the stream it was") {
  counters c;
  c.append_many(2'500);
  const position lost = GENERATE(1, 2, 500, 1000, 1001, 1500, 2001, 2499, 2500);  // at the edges of pages and within them
  c.journal.lose(lost);
  c.open();
  const auto answer = c.ask(add{"c", 1});
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == code::corrupt);
  const auto next = std::min<position>(lost + 1, 2500);
  CHECK(c.cause() == "corrupt: an event is missing (stream counters-c, version " + std::to_string(lost) + ", before position " +
                         std::to_string(next) + ")");
  CHECK(c.journal.log().size() == 2'500);  // nothing was added
}

TEST_CASE("an event that was lost after the snapshot is missed, one before it is not") {
  counters c;
  c.append_many(10);
  c.put_snapshot(5, R"({"total":5})");
  c.spec.snapshot_every = 100;
  c.journal.lose(3);
  c.open();
  CHECK(c.ask(add{"c", 1}).value() == 11);
  c.journal.lose(6);
  c.open();
  CHECK(c.ask(add{"c", 1}).error().code == code::corrupt);
  CHECK(c.cause().find("version 6") != std::string::npos);
}

TEST_CASE("a snapshot that has seen more than its stream holds says which event is missing") {
  struct shortened final : moody_journal {
    using moody_journal::moody_journal;
    void load(load_request r, completion<loaded_stream> done) override {
      inner().load(std::move(r),
                   [done = std::make_shared<completion<loaded_stream>>(std::move(done))](result<loaded_stream> l) {
                     l->version = 3;  // two events at its end are gone
                     l->events.clear();
                     (*done)(std::move(l));
                   });
    }
  };
  counters c;
  c.append_many(5);
  c.put_snapshot(5, R"({"total":5})");
  c.spec.snapshot_every = 100;
  shortened journal{c.journal};
  journal.at_ease();
  c.use(journal);
  const auto answer = c.ask(add{"c", 1});
  CHECK(answer.error().code == code::corrupt);
  CHECK(c.cause() == "corrupt: an event is missing (stream counters-c, version 4)");
  CHECK(c.journal.log().size() == 5);
}

TEST_CASE("a command whose decision throws is answered alone: those beside it are stored and answered, on a state without it") {
  counters c;
  c.ask(add{"c", 1}).value();
  const auto crashes = c.s.system.counters().crashes;
  auto before = c.send(add{"c", 2}, "two");
  auto defect = GENERATE(false, true) ? c.send(add_defect{"c"}) : c.send(add{"c", test::counter::unbearable});
  auto after = c.send(add{"c", 4}, "four"), repeat = c.send(add{"c", 2}, "two");
  c.settle();
  CHECK(c.value_of(before).value() == 3);
  CHECK(c.value_of(defect).error().code == code::internal);
  CHECK(c.value_of(defect).error().message.find("a defect") == std::string::npos);  // that is for the log
  CHECK(c.value_of(after).value() == 7);
  CHECK(c.value_of(repeat).value() == 3);
  CHECK(c.events().size() == 3);
  CHECK(c.s.system.counters().crashes == crashes);
}

TEST_CASE("an event at which the aggregate throws stops its entity: what and where is known, and it does not start again and again") {
  counters c;
  c.ask(add{"c", 1}).value();
  c.append("counters.added", R"({"n":666666666})");
  c.open();
  const auto crashes = c.s.system.counters().crashes;
  for (int i = 0; i < 2; ++i) {
    const auto told = c.ask(add{"c", 1});
    CHECK(told.error().code == code::internal);
    CHECK(told.error().message == "what is stored of this counter can not be used; see the log");
    CHECK(c.cause() == "internal: event counters.added can not be applied: a defect (stream counters-c, version 2, position 2)");
  }
  CHECK(c.s.system.counters().crashes == crashes);
}
