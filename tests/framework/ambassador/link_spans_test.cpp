// The spans of a call through a link: one per attempt, with the trace that the endpoint gets.
#include <tests/framework/ambassador/link_world.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

std::string text(const span& s, std::string_view key) {
  for (const auto& a : s.attributes)
    if (a.key == key)
      if (const auto* t = std::get_if<std::string>(&a.value)) return *t;
  return {};
}

// The worker's message gets this trace.
const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

}  // namespace

TEST_CASE("each attempt of a call is a span of kind client, a sibling of the others", "[ambassador][link]") {
  link_world w{{.deadline = 5s, .retry = retry_options{.attempts = 3}}, {"one", "two", "three"}};
  w.s.system.tracer().record();
  int sent = 0;
  w.far->script = [&](arrived& a) {
    if (++sent < 3) a.fail(lost);
    else a.reply(4);
  };
  auto asked = make_message<ask_for<get_price>>(ask_for<get_price>{"A"});
  auto context = std::make_shared<message_context>();
  context->trace = parent;
  asked->context = context;
  std::optional<result<message_ptr>> answer;
  w.s.system.ask_message(w.worker, std::move(asked), 60s, [&](result<message_ptr> r) { answer = std::move(r); });
  w.s.run();
  w.s.advance(3s);
  REQUIRE(answer);
  const auto spans = w.s.system.tracer().take(10);
  REQUIRE(spans.size() == 3);
  for (const auto& s : spans) {
    CHECK(s.kind == span_kind::client);
    CHECK(s.name == "prices.get_price");
    CHECK(s.parent == 0x00f067aa0ba902b7);
    CHECK(text(s, "peer.service") == "prices");
  }
  CHECK(text(spans[0], "banyan.attempt") == "first");
  CHECK(text(spans[1], "banyan.attempt") == "retry");
  CHECK(text(spans[0], "server.address") != text(spans[1], "server.address"));
  CHECK(spans[0].status == span_status::error);
  CHECK(text(spans[0], "error.type") == "unavailable");
  CHECK(text(spans[0], "banyan.outcome") == "unknown");
  CHECK(spans[2].status == span_status::unset);
}

TEST_CASE("the endpoint gets the span of its attempt as the parent, or the caller's when nothing is recorded",
          "[ambassador][link]") {
  for (const bool records : {true, false}) {
    link_world w{{.deadline = 5s}, {"one"}};
    if (records) w.s.system.tracer().record();
    std::string got;
    w.far->script = [](arrived& a) { a.reply(4); };
    w.far->look = [&](const message& m) { got = m.context ? m.context->trace : std::string{}; };
    auto asked = make_message<ask_for<get_price>>(ask_for<get_price>{"A"});
    auto context = std::make_shared<message_context>();
    context->trace = parent;
    asked->context = context;
    w.s.system.ask_message(w.worker, std::move(asked), 60s, [](result<message_ptr>) {});
    w.s.run();
    const auto spans = w.s.system.tracer().take(10);
    REQUIRE(spans.size() == (records ? 1 : 0));
    CHECK(got == (records ? to_string(spans[0].self) : parent));
  }
}
