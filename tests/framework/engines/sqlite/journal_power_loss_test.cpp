// Acknowledged means durable: the power is cut at a random instant, and what the next boot finds is compared with what was promised.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>
#include <tests/framework/engines/sqlite/faulty_disk.hpp>

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

#include <cstdlib>
#include <map>
#include <thread>

using namespace journal_test;

namespace {

std::uint64_t seeds(std::uint64_t otherwise) {
  const char* asked = std::getenv("BANYAN_SEEDS");
  return asked ? std::strtoull(asked, nullptr, 10) : otherwise;
}

struct promise_made {
  append_request request;
  result<append_result> answer = error{};
  bool had_power = true;  // when it was answered
};

// One client that sends bursts of appends of all shapes and notes each answer.
class client {
 public:
  client(journal& j, faulty_disk& disk, seeded& random) : journal_{j}, disk_{disk}, random_{random} {}

  void burst() {
    std::vector<std::pair<append_request, std::promise<std::pair<result<append_result>, bool>>>> sent(1 + random_.below(12));
    for (auto& [request, promise] : sent) {
      request = next();
      journal_.append(request, [&, &p = promise](result<append_result> r) { p.set_value({std::move(r), disk_.has_power()}); });
    }
    for (auto& [request, promise] : sent) {
      auto [answer, power] = promise.get_future().get();
      made.push_back({std::move(request), std::move(answer), power});
    }
  }

  std::vector<promise_made> made;

 private:
  append_request next() {
    append_request r;
    const auto first = random_.below(6);
    for (auto streams = 1 + random_.below(3); streams > 0; --streams) {
      r.writes.push_back({"stream-" + std::to_string((first + streams) % 6), expected::any(), {}});
      for (auto events = 1 + random_.below(4); events > 0; --events) {
        const auto size = random_.one_in(10) ? random_.below(20'000) : random_.below(300);
        ++ids_;
        r.writes.back().events.push_back(event(ids_, std::string(size, static_cast<char>('a' + ids_ % 26))));
      }
    }
    if (random_.one_in(2)) r.command = command(r.writes[0].stream, ++ids_);
    return r;
  }

  journal& journal_;
  faulty_disk& disk_;
  seeded& random_;
  std::uint64_t ids_ = 0;
};

void check_whole(const std::string& path) {
  auto db = sqlite::database::open({.path = path}).value();
  auto check = db.prepare("pragma integrity_check").value();
  REQUIRE(check.step().value());
  REQUIRE(check.text(0) == "ok");
}

// Everything the journal shows is whole and gap-free, every acknowledged append is there at its place, every append that was told
// "not applied" is not.
void keeps_its_word(journal& j, const std::vector<promise_made>& made) {
  std::map<uuid, recorded_event> events;
  std::map<std::string, version> versions;
  position last = 0;
  for (;;) {
    const auto page = read_all(j, {.after = last, .limit = 1000}).value();
    if (page.empty()) break;
    for (const auto& e : page) {
      REQUIRE(e.position == last + 1);
      REQUIRE(e.version == versions[e.stream] + 1);
      last = e.position;
      versions[e.stream] = e.version;
      events[e.id] = e;
    }
  }
  std::size_t promised = 0;
  for (const auto& m : made) {
    std::size_t there = 0, asked = 0;
    for (std::size_t w = 0; w < m.request.writes.size(); ++w) {
      for (std::size_t i = 0; i < m.request.writes[w].events.size(); ++i, ++asked) {
        const auto& wanted = m.request.writes[w].events[i];
        const auto it = events.find(wanted.id);
        if (it == events.end()) continue;
        ++there;
        REQUIRE(it->second.payload == wanted.payload);
        REQUIRE(it->second.stream == m.request.writes[w].stream);
        if (m.answer) REQUIRE(it->second.position == m.answer->streams[w].positions[i]);
      }
    }
    bool remembered = false;
    if (m.request.command) {
      for (const auto& c : load(j, {.stream = m.request.command->stream}).value().commands)
        remembered = remembered || c.id == m.request.command->id;
      REQUIRE(remembered == (there > 0));
    }
    REQUIRE((there == 0 || there == asked));
    if (m.answer) REQUIRE(there == asked);
    if (!m.answer && m.had_power && m.answer.error().outcome == outcome::not_applied) REQUIRE(there == 0);
    promised += m.answer ? 1 : 0;
  }
  INFO(promised << " appends were acknowledged");
}

sqlite_journal_options on(const faulty_disk& disk, const temporary_folder& folder, seeded& random) {
  return {.path = folder.file("journal.db"), .batch = 1 + random.below(8), .checkpoint_pages = 1 + random.below(60), .vfs = disk.name()};
}

}  // namespace

TEST_CASE("The test disk really forgets: a commit that was not synced is lost in some runs") {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const temporary_folder folder, after;
    faulty_disk disk{seed};
    {
      auto db = sqlite::database::open({.path = folder.file("t.db"), .vfs = disk.name()}).value();
      db.execute(
            "pragma journal_mode = wal; create table t(a); pragma wal_checkpoint; pragma synchronous = normal; insert into t values(1)")
          .value();
      disk.cut_power_now();
    }
    disk.restore(after.path());
    auto db = sqlite::database::open({.path = after.file("t.db")}).value();
    if (db.number("select count(*) from t").value() == 0) ++lost;
  }
  CHECK(lost > 0);
  CHECK(lost < 20);
}

TEST_CASE("After power loss at any instant every acknowledged append is there and none by half") {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= seeds(100); ++seed) {
    INFO("seed " << seed);
    auto random = seeded{seed};
    const temporary_folder folder, after;
    faulty_disk disk{seed};
    disk.cut_power_after(static_cast<int>(random.below(seed % 5 == 0 ? 60 : 1500)));
    std::vector<promise_made> made;
    if (auto j = open_sqlite_journal(on(disk, folder, random))) {
      auto c = client{**j, disk, random};
      for (int i = 0; i < 40 && disk.has_power(); ++i) c.burst();
      if (random.one_in(4)) j->reset();  // the power may fail while it closes, too
      disk.cut_power_now();
      made = std::move(c.made);
    }
    disk.cut_power_now();
    disk.restore(after.path());

    auto again = open_sqlite_journal({.path = after.file("journal.db")});
    REQUIRE(again);
    keeps_its_word(**again, made);
    REQUIRE(append(**again, to("after", expected::no_stream(), {event(1u << 30)})));
    again->reset();
    check_whole(after.file("journal.db"));
    acknowledged += static_cast<std::size_t>(std::count_if(made.begin(), made.end(), [](const auto& m) { return m.answer.has_value(); }));
  }
  CHECK(acknowledged > seeds(100) * 10);  // else the runs end before they test anything
}

TEST_CASE("After power loss at any instant a token that was sealed or appended under still holds") {
  for (std::uint64_t seed = 1; seed <= seeds(60); ++seed) {
    INFO("seed " << seed);
    auto random = seeded{seed};
    const temporary_folder folder, after;
    faulty_disk disk{seed};
    std::int64_t held = 0, asked = 0;
    {
      auto j = open_sqlite_journal(on(disk, folder, random)).value();
      disk.cut_power_after(static_cast<int>(random.below(150)));
      while (disk.has_power()) {
        ++asked;
        auto r = to("s", expected::any(), {event(static_cast<std::uint64_t>(asked))});
        r.under = fence{"task", asked};
        if (random.one_in(2) ? seal(*j, {"task", asked}).has_value() : append(*j, r).has_value()) held = asked;
      }
    }
    disk.restore(after.path());
    auto again = open_sqlite_journal({.path = after.file("journal.db")}).value();
    const auto token_there = token(*again, "task").value();
    REQUIRE(token_there >= held);
    REQUIRE(token_there <= asked);
  }
}

TEST_CASE("Disk faults are answered truly, reading goes on, and appends work again when the disk does") {
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= seeds(60); ++seed) {
    INFO("seed " << seed);
    auto random = seeded{seed};
    const temporary_folder folder, after;
    faulty_disk disk{seed};
    auto options = on(disk, folder, random);
    std::vector<promise_made> made;
    {
      auto j = open_sqlite_journal(options).value();
      auto c = client{*j, disk, random};
      const bool recovers = random.one_in(2);  // else the power goes while the trouble is fresh
      for (int i = 0; i < 30; ++i) {
        if (!recovers && !c.made.empty() && !c.made.back().answer) break;
        if (random.one_in(4)) disk.fill_up_after(static_cast<int>(1 + random.below(20)));
        if (random.one_in(4)) disk.fail_sync_after(static_cast<int>(random.below(4)));
        c.burst();
        if (random.one_in(3)) keeps_its_word(*j, c.made);
        disk.make_room();
      }
      disk.fail_sync_after(-1);
      for (const auto& m : c.made) {
        if (m.answer) continue;
        ++refused;
        const auto& e = m.answer.error();
        REQUIRE((e.code == code::exhausted || e.outcome == outcome::unknown));
        if (e.code == code::exhausted) REQUIRE(e.retry_after);
      }
      if (recovers) REQUIRE(append(*j, to("recovered", expected::any(), {event(1u << 30)})));
      keeps_its_word(*j, c.made);
      disk.cut_power_now();
      made = std::move(c.made);
    }
    disk.restore(after.path());
    auto again = open_sqlite_journal({.path = after.file("journal.db")}).value();
    keeps_its_word(*again, made);
    REQUIRE(append(*again, to("recovered", expected::any(), {event(1u << 30)})));
    again.reset();
    check_whole(after.file("journal.db"));
  }
  CHECK(refused > 0);
}

TEST_CASE("The status says that the disk is full until something could be stored, and counts what was") {
  const temporary_folder folder;
  faulty_disk disk{1};
  auto j = open_sqlite_journal({.path = folder.file("journal.db"), .probe_every = std::chrono::hours{1}, .vfs = disk.name()}).value();
  CHECK_FALSE(j->status().trouble);
  append(*j, to("s", expected::no_stream(), {event(1), event(2)})).value();
  CHECK_FALSE(append(*j, to("s", expected::no_stream(), {event(3)})));
  disk.fill_up_after(0);
  CHECK_FALSE(append(*j, to("s", expected::exact(2), {event(4)})));
  auto full = j->status();
  REQUIRE(full.trouble);
  CHECK(full.trouble->code == code::exhausted);
  CHECK(full.appends == 1);
  CHECK(full.batches == 1);
  CHECK(full.failed == 1);
  CHECK(full.queued == 0);
  disk.make_room();
  CHECK_FALSE(append(*j, to("s", expected::no_stream(), {event(5)})));
  CHECK(j->status().trouble);  // a refusal has not tried the disk
  append(*j, to("s", expected::exact(2), {event(6)})).value();
  CHECK_FALSE(j->status().trouble);
  CHECK(j->status().appends == 2);
}

TEST_CASE("A disk that has room again is found out without an append, and the journal stays as it was") {
  const temporary_folder folder;
  faulty_disk disk{1};
  auto j = open_sqlite_journal({.path = folder.file("journal.db"), .probe_every = std::chrono::milliseconds{1}, .vfs = disk.name()}).value();
  append(*j, to("s", expected::no_stream(), {event(1)})).value();
  disk.fill_up_after(0);
  CHECK(append(*j, to("s", expected::exact(1), {event(2)})).error().code == code::exhausted);
  REQUIRE(j->status().trouble);
  CHECK(load(*j, {.stream = "s"}).value().version == 1);
  disk.make_room();
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (j->status().trouble && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  CHECK_FALSE(j->status().trouble);
  CHECK(info(*j).value().head == 1);
  CHECK(append(*j, to("s", expected::exact(1), {event(2)})).value().last == 2);
}

TEST_CASE("An append that failed in the very sync of its commit does not come back after power loss") {
  for (std::uint64_t seed = 1; seed <= seeds(40); ++seed) {
    INFO("seed " << seed);
    const temporary_folder folder, after;
    faulty_disk disk{seed};
    {
      auto j = open_sqlite_journal({.path = folder.file("journal.db"), .vfs = disk.name()}).value();
      append(*j, to("s", expected::no_stream(), {event(1)})).value();
      disk.fail_sync_after(0);
      const auto failed = append(*j, to("s", expected::exact(1), {event(2)}));
      REQUIRE(failed.error().code == code::exhausted);
      REQUIRE(failed.error().outcome == outcome::not_applied);
      disk.cut_power_now();
    }
    disk.restore(after.path());
    auto again = open_sqlite_journal({.path = after.file("journal.db")}).value();
    REQUIRE(load(*again, {.stream = "s"}).value().version == 1);
  }
}
