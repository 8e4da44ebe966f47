// What every transport between real processes does.
#include <tests/conformance/transport_engines.hpp>

#include <catch2/catch.hpp>

#include <atomic>

using namespace transport_test;
using namespace std::chrono_literals;

TEST_CASE("a call is answered by the other node", "[transport]") {
  on_every_transport([](world& w) {
    auto answer = w.ask("A").get();
    REQUIRE(answer);
    CHECK((*answer)->as<price>().minor == 199);
    CHECK((*answer)->as<price>().in == currency::eur);
  });
}

TEST_CASE("what accompanies a call arrives with it, and the answer has its position", "[transport]") {
  on_every_transport([](world& w) {
    auto context = std::make_shared<message_context>();
    context->trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    context->correlation = uuid_from_name("test", "correlation");
    context->command = uuid_from_name("test", "command");
    context->causation = uuid_from_name("test", "causation");
    context->caller = "ada";
    auto request = make_message<set_price>(set_price{"A", 1});
    request->context = context;
    request->position = 1'234;
    std::promise<result<remote_answer>> told;
    const auto attempt = w.nodes->calls().send(w.nodes->called(), w.set, *request, system_clock().steady() + 1min,
                                               [&](result<remote_answer> r) { told.set_value(std::move(r)); });
    auto answer = told.get_future().get();
    REQUIRE(answer);
    CHECK(answer->value->position == 1'234);
    REQUIRE(w.seen.size() == 1);
    CHECK(w.seen[0]->trace == context->trace);
    CHECK(w.seen[0]->correlation == context->correlation);
    CHECK(w.seen[0]->command == context->command);
    CHECK(w.seen[0]->causation == context->causation);
    CHECK(w.seen[0]->caller == "ada");
  });
}

TEST_CASE("an error of the other node arrives whole; one of a defect says nothing of it", "[transport]") {
  on_every_transport([](world& w) {
    CHECK(w.ask("none").refusal() == error{code::not_found, "no such product"}.because("unknown_sku").at("sku"));
    const auto failed = w.ask("lost").refusal();
    CHECK(failed.code == code::internal);
    CHECK(failed.outcome == outcome::unknown);
    CHECK(failed.message.find("secret") == std::string::npos);
  });
}

TEST_CASE("an operation that is not there is unimplemented", "[transport]") {
  on_every_transport([](world& w) {
    const auto missing = describe_operation<get_price>("bargains", idempotent::always);
    CHECK(test::call(w.nodes->calls(), w.nodes->called(), missing, get_price{"A", {}}).refusal().code ==
          code::unimplemented);
  });
}

TEST_CASE("calls of many threads are under way at a time, and each gets its own answer", "[transport]") {
  on_every_transport([](world& w) {
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const auto mine = std::to_string(t) + "/" + std::to_string(i);
          auto told = std::make_shared<std::promise<result<remote_answer>>>();
          auto answer = told->get_future();
          const auto m = make_message<get_price>(get_price{"A", mine});
          const auto attempt =
              w.nodes->calls().send(w.nodes->called(), w.get, *m, system_clock().steady() + 1min,
                                    [told](result<remote_answer> r) { told->set_value(std::move(r)); });
          auto got = answer.get();
          if (got && got->value->as<price>().note == mine) ++right;
        }
      });
    for (auto& t : threads) t.join();
    CHECK(right == 200);
  });
}

TEST_CASE("a call is answered by its deadline, and its handler is ended", "[transport]") {
  on_every_transport([](world& w) {
    w.wait_until_taken_up();
    const auto late = w.ask("slow", 1s).refusal();
    CHECK(late.code == code::deadline_exceeded);
    CHECK(late.outcome == outcome::unknown);
    CHECK(test::soon([&] { return w.system.counters().ended_tasks == 1; }));
  });
}

TEST_CASE("a call whose time was over before it was made is not made", "[transport]") {
  on_every_transport([](world& w) {
    const auto late = w.ask("A", -1ms).refusal();
    CHECK(late.code == code::deadline_exceeded);
    CHECK(late.outcome == outcome::not_applied);
    w.wait_until_taken_up();
    CHECK(w.seen.size() == 1);
  });
}

TEST_CASE("a call that is given up ends its handler on the other node, and its answer is not told", "[transport]") {
  on_every_transport([](world& w) {
    auto slow = w.ask("slow");
    w.wait_until_taken_up();
    CHECK_FALSE(slow.is_answered());
    slow.attempt.reset();
    CHECK(test::soon([&] { return w.system.counters().ended_tasks == 1; }));
    const auto end = slow.refusal();
    CHECK(end.code == code::deadline_exceeded);
    CHECK(end.reason == "cancelled");
  });
}

TEST_CASE("giving up a call that was answered changes nothing", "[transport]") {
  on_every_transport([](world& w) {
    auto done = w.ask("A");
    REQUIRE(done.get());
    done.attempt.reset();
    w.wait_until_taken_up();
    CHECK(w.system.counters().ended_tasks == 0);
    CHECK(w.system.counters().cancelled == 0);
  });
}

TEST_CASE("a node that goes away while it works leaves its callers in doubt, at once", "[transport]") {
  on_every_transport([](world& w) {
    auto slow = w.ask("slow");
    w.wait_until_taken_up();
    w.nodes->stop_called();
    const auto lost = slow.refusal();  // long before its deadline
    CHECK(lost.code == code::unavailable);
    CHECK(lost.outcome == outcome::unknown);
    CHECK(test::soon([&] { return w.system.counters().ended_tasks == 1; }));
  });
}

TEST_CASE("what is asked of a node that is not there was not done", "[transport]") {
  on_every_transport([](world& w) {
    w.nodes->stop_called();
    const auto refused = w.ask("A").refusal();
    CHECK(refused.code == code::unavailable);
    CHECK(refused.outcome == outcome::not_applied);
    CHECK(w.seen.empty());
  });
}
