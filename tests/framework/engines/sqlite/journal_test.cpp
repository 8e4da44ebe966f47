// What is the SQLite journal's own: its file, its queue, its clock, its log.
#include <tests/framework/engines/sqlite/journal_files.hpp>

#include <csignal>
#include <latch>
#include <set>
#include <thread>

using namespace journal_test;

namespace {

class slow_clock final : public banyan::clock {
 public:
  instant now() const override { return at; }
  monotonic steady() const override { return {}; }
  instant at{std::chrono::seconds{1'000'000}};
};

}  // namespace

TEST_CASE("A journal that is opened again has everything: events, versions, commands, snapshots, incarnation") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  uuid incarnation;
  {
    auto j = open_sqlite_journal({.path = path}).value();
    auto r = to("s", expected::no_stream(), {event(1), event(2)});
    r.command = command("s", 1, 9);
    append(*j, r).value();
    save(*j, {"s", 1, "key", "{}"}).value();
    incarnation = info(*j).value().incarnation;
  }
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  auto j = open_sqlite_journal({.path = path}).value();
  CHECK(info(*j).value().incarnation == incarnation);
  const auto loaded = load(*j, {.stream = "s", .snapshot_key = "key"}).value();
  CHECK(loaded.snapshot);
  CHECK(loaded.version == 2);
  CHECK(loaded.commands.size() == 1);
  CHECK(append(*j, to("s", expected::no_stream(), {event(1), event(2)})).value().repeated);
  CHECK(append(*j, to("s", expected::exact(2), {event(3)})).value().last == 3);
  auto again = to("s", expected::any(), {event(4)});
  again.command = command("s", 1, 9);
  CHECK(append(*j, again).value().repeated);
}

TEST_CASE("After kill -9 at any moment every acknowledged append is there") {
  for (int round = 1; round <= 8; ++round) {
    const temporary_folder folder;
    const auto path = folder.file("j.db");
    channel acknowledged;
    const auto child = in_another_process([&] {
      auto j = open_sqlite_journal({.path = path, .batch = 16, .checkpoint_pages = 40});
      if (!j) return;
      for (std::uint64_t n = 1;; n += 64) {
        std::latch answered{64};
        for (std::uint64_t k = n; k < n + 64; ++k) {
          (*j)->append(to("s" + std::to_string(k % 7), expected::any(), {event(2 * k, std::string(200, 'x')), event(2 * k + 1)}),
                       [&, k](result<append_result> r) {
                         if (r) acknowledged.send(k);
                         answered.count_down();
                       });
        }
        answered.wait();
      }
    });
    acknowledged.close_sending();
    std::vector<std::uint64_t> known;
    while (known.size() < static_cast<std::size_t>(round * 150)) {
      const auto n = acknowledged.receive();
      REQUIRE(n);
      known.push_back(*n);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (const auto n = acknowledged.receive()) known.push_back(*n);

    auto j = open_sqlite_journal({.path = path, .read_only = round % 2 == 0}).value();
    std::vector<recorded_event> events;
    for (auto page = read_all(*j).value(); !page.empty(); page = read_all(*j, {.after = events.back().position}).value()) {
      events.insert(events.end(), page.begin(), page.end());
    }
    REQUIRE(events.size() % 2 == 0);
    std::vector<uuid> ids;
    for (std::size_t i = 0; i < events.size(); ++i) {
      REQUIRE(events[i].position == static_cast<position>(i + 1));
      ids.push_back(events[i].id);
    }
    std::sort(ids.begin(), ids.end());
    for (const auto n : known) {
      REQUIRE(std::binary_search(ids.begin(), ids.end(), id(2 * n)));
      REQUIRE(std::binary_search(ids.begin(), ids.end(), id(2 * n + 1)));
    }
  }
}

TEST_CASE("A file of a newer format, another program's file and a damaged one are refused with their reason") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  open_sqlite_journal({.path = path}).value();

  SECTION("a newer format") {
    change(path, "pragma user_version = 99");
    for (const bool read_only : {false, true}) {
      const auto opened = open_sqlite_journal({.path = path, .read_only = read_only});
      REQUIRE(opened.has_error());
      CHECK(opened.error().reason == "newer_format");
      CHECK(opened.error().message.find("format 99") != std::string::npos);
    }
  }
  SECTION("another program's database") {
    change(path, GENERATE("pragma application_id = 7", "pragma application_id = 0"));
    CHECK(open_sqlite_journal({.path = path}).error().reason == "not_a_journal");
  }
  SECTION("not a database") {
    std::ofstream{path} << std::string(10'000, 'x');
    CHECK(open_sqlite_journal({.path = path}).error().code == code::corrupt);
  }
  SECTION("nothing there to read") {
    CHECK(open_sqlite_journal({.path = folder.file("none.db"), .read_only = true}).error().code == code::not_found);
    CHECK_FALSE(std::filesystem::exists(folder.file("none.db")));
  }
  SECTION("no folder for it") {
    CHECK(open_sqlite_journal({.path = folder.file("none/j.db")}).error().code == code::unavailable);
  }
}

TEST_CASE("Options out of bounds are refused with their name") {
  const temporary_folder folder;
  const auto field = [&](sqlite_journal_options o) {
    if (o.path == "default") o.path = folder.file("j.db");
    return open_sqlite_journal(std::move(o)).error().field;
  };
  CHECK(field({}) == "path");
  CHECK(field({.path = "default", .readers = 0}) == "readers");
  CHECK(field({.path = "default", .readers = 65}) == "readers");
  CHECK(field({.path = "default", .queue = 0}) == "queue");
  CHECK(field({.path = "default", .batch = 0}) == "batch");
  CHECK(field({.path = "default", .read_queue = 0}) == "read_queue");
  CHECK(field({.path = "default", .checkpoint_pages = 0}) == "checkpoint_pages");
  CHECK(field({.path = "default", .probe_every = {}}) == "probe_every");
  CHECK(field({.path = "default", .tidy_after = {}}) == "tidy_after");
  CHECK(field({.path = "default", .clock = nullptr}) == "clock");
}

TEST_CASE("A full queue answers at once that it is exhausted, and takes appends again when it has drained") {
  const temporary_folder folder;
  SECTION("by number") {
    auto j = open_sqlite_journal({.path = folder.file("j.db"), .queue = 4}).value();
    // Holds the writer's thread in an answer, so that what follows waits in the queue.
    std::promise<void> held, go;
    j->append(to("s", expected::any(), {event(1)}), [&](auto) {
      held.set_value();
      go.get_future().wait();
    });
    held.get_future().wait();
    std::atomic<int> accepted{0};
    for (std::uint64_t n = 2; n <= 5; ++n) j->append(to("s", expected::any(), {event(n)}), [&](auto r) { accepted += r.has_value(); });
    const auto refused = append(*j, to("s", expected::any(), {event(6)}));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::exhausted);
    CHECK(refused.error().retry_after);
    CHECK(refused.error().outcome == outcome::not_applied);
    CHECK_FALSE(save(*j, {"s", 1, "k", "{}"}).value());  // snapshots are dropped first
    go.set_value();
    while (!append(*j, to("s", expected::any(), {event(6)}))) std::this_thread::yield();
    CHECK(accepted == 4);
    CHECK(load(*j, {.stream = "s"}).value().version == 6);
  }
  SECTION("by size; one append is let in however large") {
    auto j = open_sqlite_journal({.path = folder.file("j.db"), .queue_bytes = 1000}).value();
    CHECK(append(*j, to("s", expected::any(), {event(1, std::string(5000, 'x'))})));
    std::promise<void> held, go;
    j->append(to("s", expected::any(), {event(2)}), [&](auto) {
      held.set_value();
      go.get_future().wait();
    });
    held.get_future().wait();
    std::promise<bool> small;
    j->append(to("s", expected::any(), {event(3)}), [&](auto r) { small.set_value(r.has_value()); });
    CHECK(append(*j, to("s", expected::any(), {event(4, std::string(5000, 'x'))})).error().code == code::exhausted);
    go.set_value();
    CHECK(small.get_future().get());
  }
}

TEST_CASE("A failing append does not disturb the others of its batch") {
  const temporary_folder folder;
  auto j = open_sqlite_journal({.path = folder.file("j.db")}).value();
  std::promise<void> held, go;
  j->append(to("s", expected::any(), {event(1)}), [&](auto) {
    held.set_value();
    go.get_future().wait();
  });
  held.get_future().wait();
  std::vector<std::promise<std::string>> answers(6);
  const auto ask = [&](std::size_t i, append_request r) {
    j->append(std::move(r), [&, i](result<append_result> a) { answers[i].set_value(a ? std::to_string(a->last) : a.error().reason); });
  };
  ask(0, to("s", expected::exact(1), {event(2)}));
  ask(1, to("s", expected::exact(1), {event(3)}));               // lost the race within the batch
  ask(2, to("new", expected::any(), {event(10), event(2)}));     // the second event's id is taken, after the first is written
  ask(3, to("new", expected::no_stream(), {event(11)}));         // so this stream is still new
  ask(4, to("s", expected::exact(2), {event(12), event(13)}));
  ask(5, to("s", expected::any(), {event(2)}));                  // sent twice
  go.set_value();
  CHECK(answers[0].get_future().get() == "2");
  CHECK(answers[1].get_future().get() == "wrong_version");
  CHECK(answers[2].get_future().get() == "event_id_reused");
  CHECK(answers[3].get_future().get() == "3");
  CHECK(answers[4].get_future().get() == "5");
  CHECK(answers[5].get_future().get() == "2");
  CHECK(load(*j, {.stream = "new"}).value().version == 1);
  CHECK(read_all(*j).value().size() == 5);
}

TEST_CASE("Versions are right when more streams are in use than are remembered") {
  const temporary_folder folder;
  auto j = open_sqlite_journal({.path = folder.file("j.db"), .cached_streams = 4}).value();
  std::uint64_t n = 0;
  for (version v = 0; v < 5; ++v) {
    for (int s = 0; s < 20; ++s) {
      auto r = to("s" + std::to_string(s), expected::exact(v), {event(++n)});
      r.command = command(r.writes[0].stream, n);
      append(*j, r).value();
    }
  }
  for (int s = 0; s < 20; ++s) {  // the last event, too
    REQUIRE_FALSE(append(*j, to("s" + std::to_string(s), expected::after(5, id(61 + static_cast<std::uint64_t>(s))), {event(500)})));
    REQUIRE(append(*j, to("s" + std::to_string(s), expected::after(5, id(81 + static_cast<std::uint64_t>(s))), {})));
  }
  for (std::uint64_t k = 1; k <= n; ++k) {
    auto r = to("s" + std::to_string((k - 1) % 20), expected::any(), {event(1000 + k)});
    r.command = command(r.writes[0].stream, k);
    REQUIRE(append(*j, r).value().repeated);
  }
  CHECK(info(*j).value().head == 100);
}

TEST_CASE("The time of recording never goes back, even when the clock does") {
  const temporary_folder folder;
  slow_clock clock;
  const auto open = [&] { return open_sqlite_journal({.path = folder.file("j.db"), .clock = &clock}).value(); };
  const auto start = clock.at;
  auto j = open();
  append(*j, to("s", expected::any(), {event(1)})).value();
  clock.at = start - std::chrono::hours{1};
  append(*j, to("s", expected::any(), {event(2)})).value();
  j.reset();
  j = open();
  append(*j, to("s", expected::any(), {event(3)})).value();
  clock.at = start + std::chrono::hours{1};
  append(*j, to("s", expected::any(), {event(4)})).value();
  const auto events = read_all(*j).value();
  CHECK(events[0].recorded_at == start);
  CHECK(events[1].recorded_at == start);
  CHECK(events[2].recorded_at == start);
  CHECK(events[3].recorded_at == clock.at);
}

TEST_CASE("Answers after closing began say that nothing was applied") {
  const temporary_folder folder;
  auto j = open_sqlite_journal({.path = folder.file("j.db")}).value();
  std::promise<void> held, go;
  std::promise<result<append_result>> late;
  j->append(to("s", expected::any(), {event(1)}), [&, raw = j.get()](auto) {
    held.set_value();
    go.get_future().wait();
    // The destructor has begun: it waits for this very answer.
    for (std::uint64_t n = 2;; ++n) {
      auto at_once = std::make_shared<std::optional<result<append_result>>>();
      raw->append(to("s", expected::any(), {event(n)}), [at_once](result<append_result> r) { *at_once = std::move(r); });
      if (*at_once && (*at_once)->error().code == code::unavailable) return late.set_value(std::move(**at_once));
      std::this_thread::yield();
    }
  });
  held.get_future().wait();
  go.set_value();
  j.reset();
  auto answer = late.get_future().get();
  CHECK(answer.error().outcome == outcome::not_applied);
}

TEST_CASE("The log is moved into the main file and cut when nothing is asked, and after a killed process at the start") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  const auto log_size = [&] { return std::filesystem::file_size(path + "-wal"); };
  SECTION("when nothing is asked, also after a reader that held it for long") {
    auto j = open_sqlite_journal({.path = path, .checkpoint_pages = 50, .tidy_after = std::chrono::milliseconds{5}}).value();
    fill(*j, 100);
    auto reader = sqlite::database::open({.path = path, .read_only = true}).value();
    reader.execute("begin").value();
    CHECK(reader.number("select count(*) from events").value() == 100);
    fill(*open_sqlite_journal({.path = folder.file("other.db")}).value(), 10);
    for (std::uint64_t n = 1000; n < 2000; ++n) append(*j, to("t", expected::any(), {event(n, std::string(300, 'x'))})).value();
    CHECK(log_size() > 50 * 4096);
    CHECK(reader.number("select count(*) from events").value() == 100);
    reader.execute("commit").value();
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (log_size() > 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(log_size() == 0);
    CHECK(append(*j, to("t", expected::exact(1000), {event(5000)})).value().last == 1101);
  }
  SECTION("at the start") {
    channel ready;
    const auto child = in_another_process([&] {
      auto j = open_sqlite_journal({.path = path, .checkpoint_pages = 100'000});
      for (std::uint64_t n = 1; n < 300; ++n) append(**j, to("t", expected::any(), {event(n, std::string(3000, 'x'))})).value();
      ready.send(1);
      ::pause();
    });
    REQUIRE(ready.receive() == 1u);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    REQUIRE(log_size() > 1'000'000);
    auto j = open_sqlite_journal({.path = path}).value();
    CHECK(log_size() < 10'000);  // what the opening itself has written
    CHECK(info(*j).value().head == 299);
  }
}

TEST_CASE("The status tells how far the last event is ahead of the clock, from the start on and until the clock gets there") {
  const temporary_folder folder;
  slow_clock clock;
  const auto open = [&] { return open_sqlite_journal({.path = folder.file("j.db"), .clock = &clock}).value(); };
  auto j = open();
  append(*j, to("s", expected::any(), {event(1)})).value();
  CHECK(j->status().ahead == nanoseconds{});
  clock.at += std::chrono::hours{1000};
  append(*j, to("s", expected::any(), {event(2)})).value();
  CHECK(j->status().ahead == nanoseconds{});
  clock.at -= std::chrono::hours{1000};
  CHECK(j->status().ahead == std::chrono::hours{1000});
  j.reset();
  j = open();
  CHECK(j->status().ahead == std::chrono::hours{1000});
  append(*j, to("s", expected::any(), {event(3)})).value();
  CHECK(j->status().ahead == std::chrono::hours{1000});
  clock.at += std::chrono::hours{1001};
  CHECK(j->status().ahead == nanoseconds{});
}
