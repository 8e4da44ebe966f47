// What is the SQLite journal's own: its file, its owner, its queue.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <latch>
#include <set>
#include <thread>

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

namespace {

int mode_of(const std::string& path) {
  struct stat is {};
  return ::stat(path.c_str(), &is) == 0 ? static_cast<int>(is.st_mode & 0777) : -1;
}

std::string content_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool mentions(const error& e, const std::string& part) { return e.message.find(part) != std::string::npos; }

// Streams "s0" to "s9" with so many events in turn.
void fill(journal& j, std::uint64_t events) {
  for (std::uint64_t n = 0; n < events; n += 10) {
    append_request r;
    for (std::uint64_t k = 0; k < 10; ++k)
      r.writes.push_back({"s" + std::to_string(k), expected::any(), {event(n + k + 1, std::string(300, 'x'))}});
    append(j, r).value();
  }
}

// From the given page on; all of them, or so many.
void damage(const std::string& path, std::size_t page, std::size_t pages = 0) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(0, std::ios::end);
  const auto size = static_cast<std::size_t>(file.tellp());
  const auto from = (page - 1) * 4096;
  REQUIRE(size > from + pages * 4096);
  file.seekp(static_cast<std::streamoff>(from));
  file << std::string(pages > 0 ? pages * 4096 : size - from, '\xa5');
}

// Removes a row as somebody who is determined to does.
void remove_event(const std::string& path, const std::string& where) {
  change(path, "drop trigger events_no_delete; delete from events where " + where);
}

}  // namespace

TEST_CASE("What is stored is not changed through the file, by whichever program: triggers refuse it with a sentence") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  const bool older_file = GENERATE(false, true);
  CAPTURE(older_file);
  auto j = open_sqlite_journal({.path = path}).value();
  auto r = to("s", expected::no_stream(), {event(1), event(2)});
  r.command = command("s", 1);
  append(*j, r).value();
  if (older_file) {  // of a program that made no triggers
    j.reset();
    for (const auto* table : {"events", "commands", "streams", "types"})
      for (const auto* verb : {"update", "delete", "replace"}) change(path, std::string{"drop trigger "} + table + "_no_" + verb);
    j = open_sqlite_journal({.path = path}).value();
  }
  auto db = sqlite::database::open({.path = path, .create = false}).value();
  const std::pair<const char*, const char*> attempts[] = {
      {"update events set payload = '{}' where position = 1", "stored events are never changed"},
      {"update or replace events set version = 1 where version = 2", "stored events are never changed"},
      {"delete from events where position = 2", "stored events are never deleted"},
      {"delete from events", "stored events are never deleted"},
      {"replace into events select position, stream, version, id, type, schema, recorded_at, correlation, causation, actor, trace, '{1}' from "
       "events where position = 1",
       "stored events are never replaced"},
      {"replace into events select position, stream, 99, zeroblob(16), type, schema, recorded_at, correlation, causation, actor, trace, '{}' "
       "from events where position = 1",
       "stored events are never replaced"},
      {"replace into events select 99, stream, version, zeroblob(16), type, schema, recorded_at, correlation, causation, actor, trace, '{}' "
       "from events where position = 1",
       "stored events are never replaced"},
      {"replace into events select 99, stream, 99, id, type, schema, recorded_at, correlation, causation, actor, trace, '{}' from events "
       "where position = 1",
       "stored events are never replaced"},
      {"update commands set reply = ''", "answers to commands are never changed"},
      {"delete from commands", "answers to commands are never deleted"},
      {"replace into commands select stream, number, id, fingerprint, '' from commands", "answers to commands are never replaced"},
      {"update streams set name = 'other'", "names of streams are never changed"},
      {"delete from streams", "names of streams are never deleted"},
      {"replace into streams values (1, 'other')", "names of streams are never replaced"},
      {"update types set name = 'other'", "names of event types are never changed"},
      {"delete from types", "names of event types are never deleted"},
      {"replace into types values (1, 'other')", "names of event types are never replaced"},
  };
  for (const auto& [sql, sentence] : attempts) {
    CAPTURE(sql);
    const auto refused = db.execute(sql);
    REQUIRE(refused.has_error());
    CHECK(mentions(refused.error(), sentence));
  }
  CHECK(load(*j, {.stream = "s"}).value().events.size() == 2);
  // Our own work is not hindered: also taking back what an append has written before it met an id that was used.
  CHECK(append(*j, to("new", expected::any(), {event(3), event(1)})).error().reason == "event_id_reused");
  CHECK(append(*j, to("s", expected::exact(2), {event(4)})).value().last == 3);
  CHECK(save(*j, {"s", 1, "k", "{}"}).value());
  CHECK(save(*j, {"s", 2, "k", "{}"}).value());
}

TEST_CASE("A missing event is named by whoever would read over it") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  {
    auto j = open_sqlite_journal({.path = path}).value();
    append(*j, to("s", expected::any(), {event(1), event(2), event(3), event(4)})).value();
    append(*j, to("whole", expected::any(), {event(5)})).value();
  }
  const auto where = GENERATE(as<std::string>{}, "version = 1", "version = 3");
  CAPTURE(where);
  remove_event(path, where + " and stream = 1");
  auto j = open_sqlite_journal({.path = path}).value();
  const auto wanted = "version " + where.substr(10) + " of stream s is missing";
  for (const auto& e : {load(*j, {.stream = "s"}).error(), read_stream(*j, {.stream = "s"}).error(),
                        read_stream(*j, {.stream = "s", .from = 0, .backwards = true}).error()}) {
    CHECK(e.code == code::corrupt);
    CHECK(e.reason == "event_missing");
    CHECK(mentions(e, wanted));
  }
  const auto all = read_all(*j).error();
  CHECK(all.reason == "event_missing");
  CHECK(mentions(all, "position " + where.substr(10) + " is missing"));
  CHECK(read_all(*j, {.backwards = true}).error().reason == "event_missing");
  // The rest is there, and the file is sound.
  CHECK(load(*j, {.stream = "whole"}).value().version == 1);
  CHECK(read_all(*j, {.after = 3}).value().size() == 2);
  CHECK(read_stream(*j, {.stream = "s", .from = 4}).value().size() == 1);
  CHECK(read_stream(*j, {.stream = "s", .from = 9}).value().empty());
  CHECK(append(*j, to("whole", expected::exact(1), {event(6)})).value().last == 6);
  CHECK_FALSE(j->status().trouble);
}

TEST_CASE("Pages read one after the other are whole where they meet") {
  const temporary_folder folder;
  auto j = open_sqlite_journal({.path = folder.file("j.db")}).value();
  for (std::uint64_t n = 1; n <= 7; ++n) append(*j, to("s", expected::any(), {event(n)})).value();
  CHECK(load(*j, {.stream = "s", .events = 3}).value().events.size() == 3);
  for (version v = 1; v <= 8; ++v) {
    CHECK(read_stream(*j, {.stream = "s", .from = v, .limit = 3}).value().size() == static_cast<std::size_t>(std::clamp<version>(8 - v, 0, 3)));
    CHECK(read_stream(*j, {.stream = "s", .from = v, .limit = 3, .backwards = true}).value().size() ==
          static_cast<std::size_t>(std::min<version>(v, 3)));
    CHECK(read_all(*j, {.after = v - 1, .limit = 3}).value().size() == static_cast<std::size_t>(std::clamp<version>(8 - v, 0, 3)));
  }
  CHECK(read_all(*j, {.after = 5, .limit = 2, .backwards = true}).value().size() == 2);
}

TEST_CASE("A page that is damaged while the journal is open: what finds it is told, then everybody, and nothing is written any more") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  { fill(*open_sqlite_journal({.path = path}).value(), 2000); }
  auto j = open_sqlite_journal({.path = path, .checked_bytes = 0}).value();  // so that no page is in memory
  CHECK_FALSE(j->status().trouble);
  damage(path, 20);
  const bool by_reading = GENERATE(true, false);
  CAPTURE(by_reading);
  if (by_reading) {
    CHECK(read_all(*j).error().code == code::corrupt);
  } else {
    const auto appended = append(*j, to("s1", expected::exact(200), {event(5000)}));
    REQUIRE(appended.has_error());
    CHECK(appended.error().code == code::corrupt);
  }
  REQUIRE(j->status().trouble);
  CHECK(j->status().trouble->code == code::corrupt);
  CHECK(mentions(*j->status().trouble, "the journal " + path + " is damaged"));
  const auto before = content_of(path + "-wal");
  CHECK(append(*j, to("new", expected::any(), {event(5001)})).error().code == code::corrupt);
  CHECK(load(*j, {.stream = "none"}).error().code == code::corrupt);
  CHECK_FALSE(mentions(append(*j, to("new", expected::any(), {event(5002)})).error(), path));  // that is for operators
  CHECK_FALSE(save(*j, {"s1", 1, "k", "{}"}).value());
  CHECK(content_of(path + "-wal") == before);
  CHECK(j->status().trouble);
}

TEST_CASE("A journal that was damaged at rest is refused when it is opened, with its name, up to a size that can be checked quickly") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  { fill(*open_sqlite_journal({.path = path}).value(), 2000); }
  damage(path, 100, 10);
  const auto refused = open_sqlite_journal({.path = path});
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::corrupt);
  CHECK(mentions(refused.error(), "the journal " + path + " is damaged"));
  CHECK(open_sqlite_journal({.path = path, .checked_bytes = 4096}));
}

TEST_CASE("Files of a journal are for their owner alone, also those that were there before") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  const std::string files[] = {path, path + "-wal", path + "-shm", path + ".lock"};
  const auto old_mask = ::umask(0);
  for (int life = 0; life < 2; ++life) {
    auto j = open_sqlite_journal({.path = path}).value();
    append(*j, to("s", expected::any(), {event(1)})).value();
    for (const auto& file : files) CHECK(mode_of(file) == 0600);
    j.reset();
    for (const auto& file : files) ::chmod(file.c_str(), 0644);
  }
  ::umask(old_mask);
}

TEST_CASE("A lock file or a journal that is a symbolic link is refused, and where it leads nothing is touched") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  std::ofstream{folder.file("precious")} << "precious";
  std::filesystem::create_symlink(folder.file("precious"), path + GENERATE(as<std::string>{}, "", ".lock"));
  const auto refused = open_sqlite_journal({.path = path});
  REQUIRE(refused.has_error());
  CHECK(refused.error().reason == "symbolic_link");
  CHECK(mentions(refused.error(), "is a symbolic link"));
  CHECK(content_of(folder.file("precious")) == "precious");
}

TEST_CASE("A lock file that is no regular file is refused at once") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  REQUIRE(::mkfifo((path + ".lock").c_str(), 0600) == 0);
  CHECK(mentions(open_sqlite_journal({.path = path}).error(), "not a regular file"));
}

TEST_CASE("A process that only left its number in the lock file is not named as its holder") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  const auto gone = in_another_process([] {});
  ::waitpid(gone, nullptr, 0);
  auto owner = open_sqlite_journal({.path = path}).value();
  std::ofstream{path + ".lock"} << GENERATE_REF(as<pid_t>{}, gone, ::getppid()) << '\n';
  const auto refused = open_sqlite_journal({.path = path}).error();
  CHECK(refused.reason == "journal_owned");
  CHECK(mentions(refused, "is being written by another process"));
}

TEST_CASE("Nothing is written to a lock file before its lock is held") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  auto owner = open_sqlite_journal({.path = path}).value();
  const auto before = content_of(path + ".lock");
  const auto other = in_another_process([&] { (void)open_sqlite_journal({.path = path}); });
  ::waitpid(other, nullptr, 0);
  CHECK(content_of(path + ".lock") == before);
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
    CHECK(log_size() == 0);
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
