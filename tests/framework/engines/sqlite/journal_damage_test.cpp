// A SQLite journal whose file is changed or damaged by others: nothing is read over, and nothing is written any more.
#include <tests/framework/engines/sqlite/journal_files.hpp>

#include <fstream>

using namespace journal_test;

namespace {

// From the given page on; all of them, or so many. As a failing disk does it: nobody has written the file.
void damage(const std::string& path, std::size_t page, std::size_t pages = 0) {
  const auto written = std::filesystem::last_write_time(path);
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(0, std::ios::end);
  const auto size = static_cast<std::size_t>(file.tellp());
  const auto from = (page - 1) * 4096;
  REQUIRE(size > from + pages * 4096);
  file.seekp(static_cast<std::streamoff>(from));
  file << std::string(pages > 0 ? pages * 4096 : size - from, '\xa5');
  file.close();
  std::filesystem::last_write_time(path, written);
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
  seal(*j, {"task", 2}).value();
  declare(*j, "shards/orders", "64").value();
  if (older_file) {  // of a program that made no triggers
    j.reset();
    for (const auto* table : {"events", "commands", "streams", "types", "fences", "facts"})
      for (const auto* verb : {"update", "delete", "replace"}) change(path, std::string{"drop trigger "} + table + "_no_" + verb);
    j = open_sqlite_journal({.path = path}).value();
  }
  auto db = sqlite::database::open({.path = path, .create = false}).value();
  const std::pair<const char*, const char*> attempts[] = {
      {"update events set payload = '{}' where position = 1", "stored events are never changed"},
      {"update or replace events set version = 1 where version = 2", "stored events are never changed"},
      {"delete from events where position = 2", "stored events are never deleted"},
      {"delete from events", "stored events are never deleted"},
      {"replace into events select position, stream, version, id, type, schema, recorded_at, correlation, causation, "
       "actor, trace, '{1}' from "
       "events where position = 1",
       "stored events are never replaced"},
      {"replace into events select position, stream, 99, zeroblob(16), type, schema, recorded_at, correlation, "
       "causation, actor, trace, '{}' "
       "from events where position = 1",
       "stored events are never replaced"},
      {"replace into events select 99, stream, version, zeroblob(16), type, schema, recorded_at, correlation, "
       "causation, actor, trace, '{}' "
       "from events where position = 1",
       "stored events are never replaced"},
      {"replace into events select 99, stream, 99, id, type, schema, recorded_at, correlation, causation, actor, "
       "trace, '{}' from events "
       "where position = 1",
       "stored events are never replaced"},
      {"update commands set reply = ''", "answers to commands are never changed"},
      {"delete from commands", "answers to commands are never deleted"},
      {"replace into commands select stream, number, id, fingerprint, '', stored_at from commands",
       "answers to commands are never replaced"},
      {"update streams set name = 'other'", "names of streams are never changed"},
      {"delete from streams", "names of streams are never deleted"},
      {"replace into streams values (1, 'other')", "names of streams are never replaced"},
      {"update types set name = 'other'", "names of event types are never changed"},
      {"delete from types", "names of event types are never deleted"},
      {"replace into types values (1, 'other')", "names of event types are never replaced"},
      {"update fences set token = 1", "fences are never changed"},
      {"delete from fences", "fences are never deleted"},
      {"replace into fences values ('task', 1)", "fences are never replaced"},
      {"update facts set value = '65'", "declared facts are never changed"},
      {"delete from facts", "declared facts are never deleted"},
      {"replace into facts values ('shards/orders', '65')", "declared facts are never replaced"},
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
  CHECK(seal(*j, {"task", 3}).value().head == 3);
  CHECK(append(*j, {{}, command("s", 2)}));
  CHECK(forget(*j, {.horizon = {.per_stream = 1}}).value().commands == 1);
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
  // Also by whoever wants others, and whichever it was.
  for (const bool backwards : {false, true}) {
    const auto filtered = read_all(*j, {.backwards = backwards, .types = {"nothing"}}).error();
    CHECK(filtered.reason == "event_missing");
    CHECK(mentions(filtered, "position " + where.substr(10) + " is missing"));
  }
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
