#include <tests/framework/observability/captured_log.hpp>

#include <banyan/runtime/actor_log.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("a crash is an error of the log, with what is needed to find its reason") {
  test::captured_log log{log_level::warning};
  log_actor_event({.kind = actor_event_kind::crashed,
                   .name = "shard.order.3/...",
                   .id = 17,
                   .restarts = 2,
                   .cause = {code::internal, "no luck"},
                   .message = "place_order",
                   .trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
  CHECK(log.text() ==
        "2026-01-02T03:04:05.678Z error   actors: actor crashed actor=shard.order.3/... id=17 cause=\"internal: no luck\" on=place_order "
        "restarts=2 "
        "trace=4bf92f3577b34da6a3ce929d0e0e4736\n");
}

TEST_CASE("a request that failed alone is an error of the log, or a warning when it may be sent again") {
  test::captured_log log{log_level::warning};
  actor_event failed{.kind = actor_event_kind::request_failed,
                     .name = "handles.checkout.0",
                     .id = 17,
                     .restarts = 0,
                     .cause = {code::internal, "no luck"},
                     .message = "checkout",
                     .trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
  log_actor_event(failed);
  CHECK(log.text() ==
        "2026-01-02T03:04:05.678Z error   actors: request failed actor=handles.checkout.0 id=17 cause=\"internal: no luck\" on=checkout "
        "trace=4bf92f3577b34da6a3ce929d0e0e4736\n");
  failed.cause.code = code::deadline_exceeded;
  log_actor_event(failed);
  CHECK(log.has("warning actors: request failed"));
}

TEST_CASE("an actor that is down and can keep no more is a warning") {
  test::captured_log log{log_level::warning};
  log_actor_event({.kind = actor_event_kind::overflowed,
                   .name = "worker",
                   .id = 17,
                   .restarts = 2,
                   .cause = {code::exhausted, "more than 1000 messages wait for its restart"},
                   .message = "note",
                   .trace = {}});
  CHECK(log.has("warning actors: actor is down and can keep no more: requests are refused, other messages are lost actor=worker id=17"));
  CHECK(log.has("on=note"));
}

TEST_CASE("a restart is for information") {
  actor_event restarted{
      .kind = actor_event_kind::restarted, .name = "worker", .id = 17, .restarts = 3, .cause = {}, .message = {}, .trace = {}};
  {
    test::captured_log log{log_level::info};
    log_actor_event(restarted);
    CHECK(log.text() == "2026-01-02T03:04:05.678Z info    actors: actor runs again actor=worker id=17 restarts=3\n");
  }
  test::captured_log log{log_level::warning};
  log_actor_event(restarted);
  CHECK(log.text().empty());
}
