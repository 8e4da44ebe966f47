// Handlers that fail because the journal can not store what they ask for: that says nothing of their events.
#include <tests/framework/event_sourcing/moody_journal.hpp>
#include <tests/framework/pub_sub/scripted_world.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// What its handler asks for is stored in the journal that the subscription follows, as in most systems.
struct writing_world final : scripted_world {
  using scripted_world::scripted_world;

  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    began.push_back(e.stream + ":" + e.payload);
    if (e.payload == "busy") co_return error{code::exhausted, "all lines are busy"};
    append_request order = what_follows(e);
    auto stored = co_await host.wait_for<append_result>(
        1s, [&](completion<append_result> done) { journal.append(std::move(order), std::move(done)); });
    if (!stored && throws) throw result_error{stored.error()};
    if (!stored) co_return stored.error();
    co_return done{};
  }
  static append_request what_follows(const recorded_event& e) {
    append_request r;
    r.writes.push_back({"done-" + e.stream, expected::any(), {{derive(e.id, 1, "done"), "numbers.done", 1, e.payload, {}}}});
    return r;
  }
  bool throws = false;  // what it was answered
};

// It says itself what is wrong with it, as one does whose file is gone.
struct troubled_journal final : moody_journal {
  using moody_journal::moody_journal;
  journal_status status() const override {
    journal_status s;
    s.trouble = trouble;
    return s;
  }
  std::optional<error> trouble;
};

std::size_t count_of(const std::string& part, const std::string& text) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

constexpr auto the_line = "events are tried again, uncounted";

}  // namespace

TEST_CASE("a full disk condemns no event, however long it is full, and all are handled when it has room", "[subscription]") {
  memory_view_disk disk;
  writing_world w{disk};
  captured_log log{log_level::warning};
  w.throws = GENERATE(false, true);
  for (auto* stream : {"a", "b", "c"}) w.append(stream, "1");
  w.append("a", "2");
  w.journal.fail_syncs(1'000'000);
  w.start();
  w.s.advance(10min);
  CHECK(w.dead_letters().empty());
  CHECK(w.progress->dead == 0);
  CHECK(w.progress->checkpoint == 0);
  CHECK(w.progress->trouble() ==
        "what its handlers ask for can not be stored: exhausted (disk): the journal's disk is full");
  CHECK(w.times("a:1") > 20);  // with back-off
  CHECK(w.times("a:1") < 100);
  CHECK(w.times("a:2") == 0);
  CHECK(count_of(the_line, log.text()) == 1);
  w.journal.fail_syncs(0);
  w.s.advance(1min);
  CHECK(w.times("a:2") == 1);
  CHECK(w.progress->checkpoint == 8);  // with what the handlers stored
  CHECK(w.progress->trouble().empty());
  CHECK(w.dead_letters().empty());
  CHECK(w.counts().empty());
  CHECK(w.s.system.counters().crashes == 0);
}

TEST_CASE("an event that waits for the journal when its process ends is blamed for nothing by the next one", "[subscription]") {
  memory_view_disk disk;
  writing_world first{disk};
  first.append("a", "1");
  first.journal.fail_syncs(1'000'000);
  first.start();
  first.s.advance(10min);
  writing_world second{disk};
  second.append("a", "1");
  second.start();
  second.s.run();
  CHECK(second.began == writing_world::handled{"a:1"});
  CHECK(second.dead_letters().empty());
}

TEST_CASE("which errors are the journal's is told by code and reason, also when it says nothing of itself", "[subscription]") {
  memory_view_disk disk;
  writing_world w{disk};
  const auto why = GENERATE(queue_is_full(), error(code::exhausted, "no room").because("disk"),
                            error(code::unavailable, "not known", outcome::unknown).because("disk"),
                            error(code::unavailable, "shop.db was removed").because("journal_lost"),
                            error(code::corrupt, "the journal is damaged").because("damaged_file"));
  CAPTURE(why);
  w.append("a", "1");
  w.journal.refuse_appends(1000, why);
  w.start();
  w.s.advance(10min);
  CHECK(w.dead_letters().empty());
  CHECK(w.progress->trouble() == "what its handlers ask for can not be stored: " + to_string(why));
  w.journal.accept_appends();
  w.s.advance(1min);
  CHECK(w.progress->checkpoint == 2);
  CHECK(w.progress->trouble().empty());
}

TEST_CASE("what a handler refuses of its own accord is counted as ever", "[subscription]") {
  memory_view_disk disk;
  writing_world w{disk};
  w.append("a", "busy");
  w.append("b", "1");
  w.journal.refuse_appends(1000, error{code::unavailable, "the other party is away"});
  w.start();
  w.s.advance(10min);
  CHECK(w.dead_letters() == std::vector<writing_world::dead>{{1, "busy", 8, "exhausted: all lines are busy"},
                                                             {2, "1", 8, "unavailable: the other party is away"}});
  CHECK(w.progress->trouble().empty());
}

TEST_CASE("while the journal says that it stores nothing, no failure is counted, whatever it looks like", "[subscription]") {
  memory_view_disk disk;
  scripted_world w{disk};
  captured_log log{log_level::warning};
  troubled_journal troubled{w.journal};
  w.port = &troubled;
  w.spec.handle_within = 5s;
  const std::vector<std::string> payloads{"refuse", "corrupt", "throw", "undecodable", "hang"};
  for (const auto& payload : payloads) w.append(payload, payload);
  w.append("well", "1");
  troubled.trouble = error{code::corrupt, "shop.db was removed"}.because("journal_lost");
  w.start();
  w.s.advance(10min);
  CHECK(w.dead_letters().empty());
  CHECK(w.times("well:1") == 1);
  CHECK(w.progress->trouble() == "what its handlers ask for can not be stored: corrupt (journal_lost): shop.db was removed");
  CHECK(count_of(the_line, log.text()) == 1);
  troubled.trouble.reset();
  w.s.advance(10min);
  REQUIRE(w.dead_letters().size() == 5);
  CHECK(w.dead_letters()[0].attempts == 8);
  CHECK(w.dead_letters()[2].attempts == 3);
  CHECK(w.dead_letters()[3].attempts == 1);
  CHECK(w.dead_letters()[4].attempts == 8);
  CHECK(w.progress->trouble().empty());
}
