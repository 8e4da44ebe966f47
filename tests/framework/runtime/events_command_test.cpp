// `events list`, `events show` and `events at`, also on a journal that has lost an event.
#include <banyan/runtime/events_command.hpp>

#include <tests/framework/event_sourcing/counters.hpp>

#include <banyan/journal/journal_rules.hpp>
#include <banyan/plan/service.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <sstream>

using namespace banyan;
using namespace banyan::test;

namespace {

struct stored_counters_api {
  static constexpr std::string_view name = "counters";
  using operations = banyan::operations<>;
};

struct damaged {
  damaged() {
    append_request r;
    auto& w = r.writes.emplace_back(stream_write{"counters-c", expected::any(), {}});
    for (std::uint64_t n = 0; n < 4; ++n) w.events.push_back({derive(uuid{}, n, "event"), "counters.added", 1, R"({"n":5})", {}});
    journal.append(std::move(r), [](auto appended) { (void)appended.value(); });
    journal.lose(3);
  }
  application app{"counting", {service<stored_counters_api>(event_sourced<test::counter>{.journal = "counters"})}};
  memory_journal journal;
  journal_events events{journal};
  std::ostringstream out, err;
};

events_query query(std::optional<version> at = {}) {
  events_query q;
  q.stream = "counters-c";
  q.version = at;
  return q;
}

const std::string lost = "an event is missing (stream counters-c, version 3, before position 4)";

}  // namespace

TEST_CASE("the state of a stream that has lost an event is not told, up to the hole it is") {
  damaged d;
  CHECK(state_at(d.journal, d.app, query(2), d.out, d.err) == 0);
  CHECK(d.out.str().find(R"({"total":10})") != std::string::npos);
  CHECK(state_at(d.journal, d.app, query(GENERATE(std::optional<version>{}, 3, 4)), d.out, d.err) == 1);
  CHECK(d.err.str().find(lost) != std::string::npos);
}

TEST_CASE("behind all versions there is no event, and no hole") {
  damaged d;
  auto q = query();
  q.after_version = GENERATE(version{4}, std::numeric_limits<version>::max());
  CHECK(show_events(d.events, q, d.out, d.err) == 0);
  CHECK(d.out.str().empty());
  CHECK(d.err.str() == "Stream counters-c has 4 events, none of them after version " + std::to_string(q.after_version) + "\n");
}

TEST_CASE("a list without streams says what it was asked for") {
  damaged d;
  const auto said = [](journal& j, std::string prefix, std::string after) {
    std::ostringstream out, err;
    events_query q;
    q.prefix = std::move(prefix);
    q.after = std::move(after);
    journal_events events{j};
    CHECK(list_events(events, q, out, err) == 0);
    CHECK(out.str().empty());
    return err.str();
  };
  CHECK(said(d.journal, "", "zzz") == "No stream after zzz.\n");
  CHECK(said(d.journal, "orders", "") == "No stream begins with orders.\n");
  CHECK(said(d.journal, "counters", "counters-c") == "No stream after counters-c begins with counters.\n");
  memory_journal empty;
  CHECK(said(empty, "", "") == "The journal is empty.\n");
}

TEST_CASE("the events of a stream that has lost one are shown up to the hole, which is named") {
  damaged d;
  CHECK(show_events(d.events, query(), d.out, d.err) == 1);
  CHECK(d.out.str().find("(position 2)") != std::string::npos);
  CHECK(d.out.str().find("(position 4)") == std::string::npos);
  CHECK(d.err.str().find(lost) != std::string::npos);
}

TEST_CASE("a list of streams says that there are more, also when it is as long as a list can be") {
  memory_journal journal;
  const auto add = [&](std::size_t n) {
    append_request r;
    r.writes.push_back({"counters-" + std::to_string(n), expected::any(), {{derive(uuid{}, n, "event"), "counters.added", 1, R"({"n":5})", {}}}});
    journal.append(std::move(r), [](auto appended) { (void)appended.value(); });
  };
  for (std::size_t n = 0; n < journal_limits::read; ++n) add(n);
  events_query q;
  const auto said = [&](std::size_t limit) {
    std::ostringstream out, err;
    q.limit = limit;
    journal_events events{journal};
    CHECK(list_events(events, q, out, err) == 0);
    return err.str();
  };
  CHECK(said(journal_limits::read).empty());
  CHECK(said(2) == "The first 2 streams; there are more: --after counters-1, or --limit N\n");
  add(journal_limits::read);
  CHECK(said(journal_limits::read).find("there are more") != std::string::npos);
}
