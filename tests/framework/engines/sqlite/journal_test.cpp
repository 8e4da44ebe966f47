// What is the SQLite journal's own: its file, its owner, its queue.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <latch>

using namespace journal_test;

namespace {

void change(const std::string& file, const std::string& sql) {
  auto db = sqlite::database::open({.path = file, .create = false}).value();
  db.execute(sql).value();
}

// Runs `body` in a process of its own, which ends without a word when body returns.
template <class Body>
pid_t in_another_process(Body body) {
  const auto child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  return child;
}

class channel {
 public:
  channel() { REQUIRE(::pipe(ends_.data()) == 0); }
  ~channel() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void close_sending() { ::close(std::exchange(ends_[1], -1)); }
  void send(std::uint64_t n) { [[maybe_unused]] const auto sent = ::write(ends_[1], &n, sizeof n); }
  std::optional<std::uint64_t> receive() {
    std::uint64_t n = 0;
    if (::read(ends_[0], &n, sizeof n) != sizeof n) return std::nullopt;
    return n;
  }

 private:
  std::array<int, 2> ends_{};
};

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

TEST_CASE("A second writer is told who owns the journal; readers may look at any time") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  auto owner = open_sqlite_journal({.path = path}).value();
  append(*owner, to("s", expected::any(), {event(1)})).value();

  const auto second = open_sqlite_journal({.path = path});
  REQUIRE(second.has_error());
  CHECK(second.error().code == code::unavailable);
  CHECK(second.error().reason == "journal_owned");
  CHECK(second.error().message.find("process " + std::to_string(::getpid())) != std::string::npos);

  auto reader = open_sqlite_journal({.path = path, .read_only = true}).value();
  CHECK(read_all(*reader).value().size() == 1);
  append(*owner, to("s", expected::any(), {event(2)})).value();
  CHECK(load(*reader, {.stream = "s"}).value().version == 2);
  CHECK(append(*reader, to("s", expected::any(), {event(3)})).error().code == code::unimplemented);
  CHECK_FALSE(save(*reader, {"s", 1, "k", "{}"}).value());

  owner.reset();
  CHECK(read_all(*reader).value().size() == 2);
  reader.reset();
  reader = open_sqlite_journal({.path = path, .read_only = true}).value();  // nobody else has it open
  CHECK(read_all(*reader).value().size() == 2);
  CHECK(open_sqlite_journal({.path = path}));
}

TEST_CASE("A writer in another process is refused while the owner lives, and welcome when it was killed") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  channel ready;
  const auto child = in_another_process([&] {
    auto j = open_sqlite_journal({.path = path});
    ready.send(j.has_value());
    ::pause();
  });
  REQUIRE(ready.receive() == 1u);
  CHECK(open_sqlite_journal({.path = path}).error().message.find("process " + std::to_string(child)) != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(open_sqlite_journal({.path = path}));
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
