// What is the memory journal's own: steps by hand, crashes, failing syncs. (Its semantics: tests/conformance.)
#include <tests/conformance/journal_calls.hpp>

#include <banyan/engines/memory/memory_journal.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace journal_test;

namespace {

// Collects answers, which come when the journal makes a step.
struct answers {
  std::vector<std::string> heard;
  completion<append_result> next() {
    return {[this](result<append_result> r) {
      heard.push_back(r ? "applied" : std::string{to_string(r.error().outcome)} + " " + std::string{to_string(r.error().code)});
    }};
  }
};

position head_of(memory_journal& j) {
  position head = -1;
  j.info([&](result<journal_info> r) { head = r->head; });
  while (j.step()) {
  }
  return head;
}

}  // namespace

TEST_CASE("By hand, nothing is performed or answered before the step") {
  answers a;
  memory_journal j{{.executor = memory_journal::by_hand}};
  position seen = 0;
  const auto watch = j.on_commit([&](position head) { seen = head; });
  j.append(to("s", expected::no_stream(), {event(1)}), a.next());
  j.append(to("s", expected::exact(1), {event(2)}), a.next());
  CHECK(a.heard.empty());
  CHECK(seen == 0);
  CHECK(j.step());
  CHECK(a.heard == std::vector<std::string>{"applied", "applied"});
  CHECK(seen == 2);
  CHECK_FALSE(j.step());
}

TEST_CASE("What an answer asks waits for the next step") {
  answers a;
  memory_journal j{{.executor = memory_journal::by_hand}};
  j.append(to("s", expected::any(), {event(1)}), [&](auto) {
    CHECK_FALSE(j.step());
    j.append(to("s", expected::any(), {event(2)}), a.next());
  });
  CHECK(j.step());
  CHECK(a.heard.empty());
  CHECK(j.step());
  CHECK(a.heard.size() == 1);
}

TEST_CASE("A crash keeps whole appends as a prefix of what was under way, and all that was answered") {
  std::set<position> outcomes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    answers a;
    memory_journal j{{.executor = memory_journal::by_hand}};
    auto random = seeded{seed};
    j.append(to("s", expected::any(), {event(1), event(2)}), a.next());
    j.step();
    for (std::uint64_t n = 0; n < 4; ++n) j.append(to("s", expected::any(), {event(10 * n + 10), event(10 * n + 11)}), a.next());
    j.crash(random);
    CHECK(a.heard ==
          std::vector<std::string>{"applied", "unknown unavailable", "unknown unavailable", "unknown unavailable", "unknown unavailable"});
    const auto head = head_of(j);
    REQUIRE(head % 2 == 0);
    REQUIRE(head >= 2);
    outcomes.insert(head);
    // It goes on, and a retry of everything is safe.
    for (std::uint64_t n = 0; n < 4; ++n) j.append(to("s", expected::any(), {event(10 * n + 10), event(10 * n + 11)}), a.next());
    j.step();
    REQUIRE(head_of(j) == 10);
  }
  CHECK(outcomes == std::set<position>{2, 4, 6, 8, 10});
}

TEST_CASE("The same seed crashes the same way") {
  const auto run = [](std::uint64_t seed) {
    answers a;
    memory_journal j{{.executor = memory_journal::by_hand}};
    auto random = seeded{seed};
    std::vector<position> heads;
    for (std::uint64_t n = 1; n <= 30; ++n) {
      j.append(to("s", expected::any(), {event(n)}), a.next());
      if (random.one_in(3)) j.step();
      if (random.one_in(4)) {
        j.crash(random);
        heads.push_back(head_of(j));
      }
    }
    return heads;
  };
  CHECK(run(7) == run(7));
  CHECK(run(7) != run(8));
}

TEST_CASE("A failing sync refuses the whole batch; reads and the next batch are well") {
  answers a;
  memory_journal j{{.executor = memory_journal::by_hand}};
  j.fail_syncs(1);
  j.append(to("s", expected::any(), {event(1)}), a.next());
  j.append(to("t", expected::any(), {event(2)}), a.next());
  bool saved = true;
  j.save_snapshot({"s", 1, "k", "{}"}, [&](result<bool> r) { saved = r.value(); });
  position head = -1;
  j.info([&](result<journal_info> r) { head = r->head; });
  j.step();
  CHECK(a.heard == std::vector<std::string>{"not_applied exhausted", "not_applied exhausted"});
  CHECK(head == 0);
  CHECK_FALSE(saved);
  j.append(to("s", expected::any(), {event(1)}), a.next());
  j.step();
  CHECK(a.heard.back() == "applied");
}

TEST_CASE("A full queue is exhausted") {
  answers a;
  memory_journal j{{.executor = memory_journal::by_hand, .queue = 2}};
  for (std::uint64_t n = 1; n <= 3; ++n) j.append(to("s", expected::any(), {event(n)}), a.next());
  CHECK(a.heard == std::vector<std::string>{"not_applied exhausted"});
  j.step();
  CHECK(a.heard.size() == 3);
  CHECK(head_of(j) == 2);
}

TEST_CASE("A step that the executor runs after the journal is gone does nothing, and the answers say unknown") {
  std::vector<std::function<void()>> steps;
  answers a;
  {
    memory_journal j{{.executor = [&](std::function<void()> s) { steps.push_back(std::move(s)); }}};
    j.append(to("s", expected::any(), {event(1)}), a.next());
    REQUIRE(steps.size() == 1);
    steps[0]();
    CHECK(a.heard.size() == 1);
    j.append(to("s", expected::any(), {event(2)}), a.next());
  }
  CHECK(a.heard.back() == "unknown unavailable");
  REQUIRE(steps.size() == 2);
  steps[1]();
}

TEST_CASE("Appends are refused at once as often as was ordered, ahead of those that wait") {
  answers a;
  memory_journal j{{.executor = memory_journal::by_hand}};
  j.append(to("s", expected::any(), {event(1)}), a.next());
  j.refuse_appends(2, error{code::exhausted, "no room"});
  j.append(to("s", expected::any(), {event(2)}), a.next());
  CHECK(a.heard == std::vector<std::string>{"not_applied exhausted"});
  j.accept_appends();
  j.append(to("s", expected::any(), {event(3)}), a.next());
  j.step();
  CHECK(a.heard == std::vector<std::string>{"not_applied exhausted", "applied", "applied"});
  CHECK(head_of(j) == 2);
}

TEST_CASE("With a source of randomness the answers of a step come in any order, as it says, and what is stored keeps its own") {
  const auto run = [](std::uint64_t seed) {
    auto random = seeded{seed};
    memory_journal j{{.executor = memory_journal::by_hand, .answers = &random}};
    std::vector<position> heard;
    for (std::uint64_t n = 1; n <= 6; ++n)
      j.append(to("s", expected::any(), {event(n)}), [&](result<append_result> r) { heard.push_back(r.value().last); });
    j.step();
    return heard;
  };
  CHECK(run(1) == run(1));
  std::set<std::vector<position>> orders;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto heard = run(seed);
    orders.insert(heard);
    std::sort(heard.begin(), heard.end());
    CHECK(heard == std::vector<position>{1, 2, 3, 4, 5, 6});
  }
  CHECK(orders.size() > 10);
}

TEST_CASE("An event that is lost is in no read, and the others keep their places") {
  memory_journal j;
  j.append(to("s", expected::any(), {event(1), event(2), event(3)}), [](auto) {});
  j.lose(2);
  std::vector<version> seen;
  const auto take = [&](result<std::vector<recorded_event>> r) {
    for (auto& e : r.value()) seen.push_back(e.version);
  };
  j.read_stream({"s"}, take);
  j.read_all({}, [&](result<read_page> r) { take(std::move(r->events)); });
  j.load({"s"}, [&](result<loaded_stream> r) {
    for (auto& e : r->events) seen.push_back(e.version);
    CHECK(r->version == 3);
  });
  CHECK(seen == std::vector<version>{1, 3, 1, 3, 1, 3});
}

TEST_CASE("A tail that is lost takes the tokens and facts with it that were stored behind what is kept") {
  memory_journal j;
  seal(j, {"task", 1}).value();
  declare(j, "shards/orders", "64").value();
  append(j, to("s", expected::any(), {event(1)})).value();
  seal(j, {"task", 2}).value();
  declare(j, "shards/carts", "64").value();
  j.lose_tail(0);
  CHECK(token(j, "task").value() == 1);
  CHECK(info(j).value().facts == std::map<std::string, std::string>{{"shards/orders", "64"}});
}

TEST_CASE("What a failing disk did not store is told: a seal, a fact, what was to be forgotten") {
  memory_journal j;
  for (std::uint64_t n = 1; n <= 2; ++n) append(j, {{}, command("s", n)}).value();
  j.fail_syncs(3);
  CHECK(seal(j, {"task", 1}).error().reason == "disk");
  CHECK(declare(j, "k", "v").error().reason == "disk");
  CHECK(forget(j, {.horizon = {.per_stream = 1}}).error().reason == "disk");
  CHECK(token(j, "task").value() == 0);
  CHECK(declare(j, "k", "v").value());
  CHECK(forget(j, {.horizon = {.per_stream = 1}}).value().commands == 1);
}
