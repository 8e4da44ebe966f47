// Which events that a projection applies have a span, in whose trace, and how it ends.
#include <tests/framework/cqrs/numbers_view.hpp>

#include <banyan/observability/tracer.hpp>

#include <catch2/catch.hpp>

#include <variant>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

const std::string sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string unsampled = sampled.substr(0, 53) + "00";

struct traced_view : numbers_view {
  traced_view() { s.system.tracer().record(); }
  position append(const std::string& trace, const std::string& stream, std::string payload = "1") {
    this->trace = trace;
    return numbers_view::append(stream, std::move(payload));
  }
  std::vector<span> spans() { return s.system.tracer().take(100); }
};

attribute_value attribute_of(const span& s, std::string_view key) {
  for (const auto& a : s.attributes)
    if (a.key == key) return a.value;
  return false;
}

}  // namespace

TEST_CASE("an applied event has a span in its own trace, a child of the span that stored it") {
  traced_view n;
  n.append(sampled, "numbers-a");
  n.settle();
  const auto spans = n.spans();
  REQUIRE(spans.size() == 1);
  const auto& s = spans.front();
  CHECK(s.name == "apply numbers");
  CHECK(s.kind == span_kind::consumer);
  CHECK(s.parent == 0x00f067aa0ba902b7);
  CHECK(s.parent_is_remote);
  CHECK(s.self.high == 0x4bf92f3577b34da6);
  CHECK(s.self.step != s.parent);
  CHECK(s.status == span_status::unset);
  CHECK(attribute_of(s, "banyan.view") == attribute_value{std::string{"numbers"}});
  CHECK(attribute_of(s, "banyan.stream") == attribute_value{std::string{"numbers-a"}});
  CHECK(attribute_of(s, "banyan.position") == attribute_value{std::int64_t{1}});
}

TEST_CASE("an event of no trace, of one that is not sampled, or that the view does not fold has no span") {
  traced_view n;
  n.append("", "numbers-a");
  n.append(unsampled, "numbers-a");
  n.append(sampled, "letters-a");
  n.settle();
  CHECK(n.rows().size() == 2);
  CHECK(n.spans().empty());
}

TEST_CASE("events stored before the view was opened have no span, later ones have") {
  traced_view n;
  n.append(sampled, "numbers-a");
  n.settle();
  CHECK(n.spans().size() == 1);
  suspend_actor(n.projection);
  n.append(sampled, "numbers-a");
  n.append(sampled, "numbers-b");
  restart_actor(n.projection);
  n.settle();
  CHECK(n.rows().size() == 3);
  CHECK(n.spans().empty());
  n.append(sampled, "numbers-b");
  n.settle();
  CHECK(n.spans().size() == 1);
}

TEST_CASE("a batch that is tried again has one span for each event") {
  traced_view n;
  n.store->fail_writes(error{code::unavailable, "busy"}, 3);
  n.append(sampled, "numbers-a");
  n.append(sampled, "numbers-b");
  n.settle(10s);
  CHECK(n.rows().size() == 2);
  const auto spans = n.spans();
  REQUIRE(spans.size() == 2);
  for (const auto& s : spans) {
    CHECK(s.status == span_status::unset);
    CHECK(s.ended - s.begun >= 50ms);  // the pauses between the attempts
  }
}

TEST_CASE("the span of an event that parks its stream tells why, and its replay has one again") {
  traced_view n;
  for (const auto* payload : {"!", "1"}) n.append(sampled, "numbers-a", payload);
  n.append(sampled, "numbers-b", "?");
  n.append(sampled, "numbers-c");
  n.settle();
  REQUIRE(n.progress->parked == 2);
  std::map<position, span> spans;
  for (auto& s : n.spans()) {
    const auto at = std::get<std::int64_t>(attribute_of(s, "banyan.position"));
    CHECK(spans.emplace(at, std::move(s)).second);  // one for each
  }
  REQUIRE(spans.contains(1));
  CHECK(spans[1].status == span_status::error);
  CHECK(spans[1].message == "a defect");
  REQUIRE(spans.contains(2));
  CHECK(spans[2].status == span_status::error);  // tried with the first, then held behind it
  REQUIRE(spans.contains(3));
  CHECK(spans[3].message == "not a number");
  REQUIRE(spans.contains(4));
  CHECK(spans[4].status == span_status::unset);

  n.mended = true;
  CHECK(n.replay("numbers-a").value() == replayed{2});
  const auto again = n.spans();
  REQUIRE(again.size() == 2);
  for (const auto& s : again) CHECK(s.status == span_status::unset);
}

TEST_CASE("a view that stops leaves no span without an end") {
  traced_view n;
  n.store->fail_writes(error{code::unavailable, "perhaps stored", outcome::unknown}, 1);
  n.append(sampled, "numbers-a");
  n.settle(1s);
  CHECK(n.rows().size() == 1);
  const auto spans = n.spans();
  REQUIRE(spans.size() == 1);
  CHECK(spans.front().status == span_status::error);
}
