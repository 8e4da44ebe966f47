#include <banyan/observability/tracer.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct manual_clock final : banyan::clock {
  instant now() const override { return instant{1'700'000'000s} + since; }
  monotonic steady() const override { return monotonic{1h} + since; }
  nanoseconds since{};
};

class counting final : public random_source {
 public:
  std::uint64_t next() override { return ++n_; }

 private:
  std::uint64_t n_ = 0;
};

struct recorder {
  manual_clock time;
  counting random;
  banyan::tracer tracer{time, &random};
};

span only(banyan::tracer& t) {
  auto taken = t.take(10);
  REQUIRE(taken.size() == 1);
  return std::move(taken[0]);
}

}  // namespace

TEST_CASE("until somebody records, a scope is empty and draws nothing") {
  recorder r;
  auto s = r.tracer.begin(parent, span_kind::client, "call");
  CHECK_FALSE(s.is_recorded());
  CHECK(s.traceparent().empty());
  s.set("key", 1).event("sent").link(parent).rename("x");
  s.end(error{code::unavailable, "gone"});
  CHECK(r.random.next() == 1);
  CHECK(r.tracer.take(1).empty());
  CHECK(r.tracer.counters().recorded == 0);
}

TEST_CASE("a span is a child of its parent, and lasts until its end") {
  recorder r;
  r.tracer.record();
  auto s = r.tracer.begin(parent, span_kind::client, "call");
  REQUIRE(s.is_recorded());
  CHECK(s.traceparent() == "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
  r.time.since += 1500us;
  s.set("text", "value").set("number", 7).set("share", 0.5).set("flag", true).set("string", std::string{"s"});
  s.event("sent");
  r.time.since += 500us;
  s.end();
  const auto told = only(r.tracer);
  CHECK(to_string(told.self) == "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
  CHECK(told.parent == 0x00f067aa0ba902b7);
  CHECK(told.kind == span_kind::client);
  CHECK_FALSE(told.parent_is_remote);
  CHECK(told.ended - told.begun == 2ms);
  CHECK(told.attributes == std::vector<span_attribute>{{"text", std::string{"value"}},
                                                       {"number", std::int64_t{7}},
                                                       {"share", 0.5},
                                                       {"flag", true},
                                                       {"string", std::string{"s"}}});
  REQUIRE(told.events.size() == 1);
  CHECK(told.events[0].at - told.begun == 1500us);
  CHECK(told.status == span_status::unset);
}

TEST_CASE("a failure is the span's status, with code and outcome; a scope that is destroyed ends its span") {
  recorder r;
  r.tracer.record();
  r.tracer.begin(parent, span_kind::internal, "a").end(error{code::deadline_exceeded, "too late", outcome::unknown});
  auto told = only(r.tracer);
  CHECK(told.status == span_status::error);
  CHECK(told.message == "too late");
  CHECK(told.attributes == std::vector<span_attribute>{{"error.type", std::string{"deadline_exceeded"}},
                                                       {"banyan.outcome", std::string{"unknown"}}});
  { auto dropped = r.tracer.begin(parent, span_kind::internal, "b"); }
  CHECK(only(r.tracer).name == "b");
  auto moved = r.tracer.begin(parent, span_kind::internal, "c");
  moved = r.tracer.begin(parent, span_kind::internal, "d");  // ends the first
  CHECK(only(r.tracer).name == "c");
}

TEST_CASE("without a parent a trace begins") {
  recorder r;
  r.tracer.record();
  for (const auto* none : {"", "nonsense"}) {
    r.tracer.begin(none, span_kind::server, "a").end();
    const auto told = only(r.tracer);
    CHECK(told.parent == 0);
    CHECK_FALSE(told.parent_is_remote);
    CHECK((told.self.high | told.self.low) != 0);
  }
}

TEST_CASE("the sampled flag of the parent is followed, and that of a new trace is the sampler's") {
  const auto unsampled = parent.substr(0, 53) + "00";
  struct one {
    trace_sampling sampling;
    std::string above;
    bool recorded;
  };
  for (const auto& [sampling, above, recorded] :
       {one{{1, true}, parent, true}, one{{1, true}, unsampled, false}, one{{0, true}, parent, true},
        one{{0, true}, "", false}, one{{1, false}, unsampled, true}, one{{0, false}, parent, false}}) {
    recorder r;
    r.tracer.record({.sampling = sampling});
    CAPTURE(sampling.ratio, sampling.follows_parent, above);
    CHECK(r.tracer.begin(above, span_kind::server, "a").is_recorded() == recorded);
    auto entered = r.tracer.enter(above, span_kind::server, "a");
    CHECK(entered.span.is_recorded() == recorded);
    CHECK(entered.traceparent.ends_with(recorded ? "-01" : "-00"));
    if (!above.empty()) CHECK(entered.traceparent.substr(3, 32) == above.substr(3, 32));
    CHECK(parse_traceparent(entered.traceparent));
  }
}

TEST_CASE("a share of new traces is sampled, chosen by the trace id alone") {
  const trace_sampling tenth{0.1, true};
  int sampled = 0;
  for (int i = 0; i < 20'000; ++i) {
    trace_context t{system_random().next(), system_random().next(), 1, false};
    const bool once = tenth.samples(t, false);
    CHECK(once == tenth.samples(t, false));
    if (once) CHECK(trace_sampling{0.5, true}.samples(t, false));  // a larger share has those of a smaller one
    sampled += once ? 1 : 0;
  }
  CHECK(sampled > 1'700);
  CHECK(sampled < 2'300);
}

TEST_CASE("a full queue drops and counts, and goes on when there is room") {
  recorder r;
  int ready = 0;
  r.tracer.record({.capacity = 8, .batch = 4, .batch_ready = [&] { ++ready; }});
  for (int i = 0; i < 20; ++i) r.tracer.begin(parent, span_kind::internal, "n" + std::to_string(i)).end();
  CHECK(r.tracer.counters().recorded == 8);
  CHECK(r.tracer.counters().dropped == 12);
  CHECK(ready == 2);
  CHECK(r.tracer.waiting() == 8);
  const auto taken = r.tracer.take(5);
  REQUIRE(taken.size() == 5);
  CHECK(taken[0].name == "n0");
  CHECK(taken[4].name == "n4");
  r.tracer.begin(parent, span_kind::internal, "later").end();
  CHECK(r.tracer.counters().recorded == 9);
  CHECK(r.tracer.take(100).back().name == "later");
}

TEST_CASE("the parts of a span are bounded, and what is left out is counted") {
  recorder r;
  r.tracer.record();
  auto s = r.tracer.begin(parent, span_kind::internal, std::string(5'000, 'n'));
  for (std::size_t i = 0; i < 100; ++i) s.set("k" + std::to_string(i), std::string(5'000, 'v'));
  for (std::size_t i = 0; i < 100; ++i) s.event("e").link(parent);
  s.link("nonsense");
  s.end(span_status::error, std::string(1'023, 'x') + "\u00e9");  // a character that the limit would cut in two
  const auto told = only(r.tracer);
  CHECK(told.name.size() == span_limits::text);
  CHECK(told.attributes.size() == span_limits::attributes);
  CHECK(told.dropped_attributes == 100 - span_limits::attributes);
  CHECK(std::get<std::string>(told.attributes[0].value).size() == span_limits::text);
  CHECK(told.events.size() == span_limits::events);
  CHECK(told.dropped_events == 100 - span_limits::events);
  CHECK(told.links.size() == span_limits::links);
  CHECK(told.dropped_links == 100 - span_limits::links);
  CHECK(told.message == std::string(1'023, 'x'));
}

TEST_CASE("several threads record, one takes, none is lost, and scopes may outlive the tracer") {
  constexpr int threads = 4, each = 5'000;
  auto tracer = std::make_unique<banyan::tracer>();
  tracer->record({.capacity = 1'000});
  std::atomic<int> done{0};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&] {
      for (int i = 0; i < each; ++i) tracer->begin(parent, span_kind::internal, "a").set("i", i).end();
      ++done;
    });
  std::set<std::uint64_t> ids;
  std::size_t taken = 0;
  const auto take = [&] {
    for (const auto& s : tracer->take(100)) ids.insert(s.self.step), ++taken;
  };
  while (done < threads) take();
  for (auto& t : all) t.join();
  while (tracer->waiting() > 0) take();
  const auto counts = tracer->counters();
  CHECK(counts.recorded + counts.dropped == threads * each);
  CHECK(taken == counts.recorded);
  CHECK(ids.size() == taken);
  auto late = tracer->begin(parent, span_kind::internal, "late");
  tracer.reset();
  late.set("key", "value").end();
}

TEST_CASE("who stops recording gets the spans that had begun") {
  recorder r;
  r.tracer.record();
  auto s = r.tracer.begin(parent, span_kind::internal, "begun");
  r.tracer.stop();
  CHECK_FALSE(r.tracer.begin(parent, span_kind::internal, "late").is_recorded());
  s.end();
  CHECK(only(r.tracer).name == "begun");
}
