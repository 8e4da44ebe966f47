// A view's commits are not synced one by one: a power cut may take it back. What the next boot finds must still be one state that the view
// really had, rows and checkpoint together, so that replaying from the checkpoint gives the right rows.
#include <banyan/engines/sqlite/view_store.hpp>

#include <tests/conformance/journal_engines.hpp>
#include <tests/conformance/view_store_engines.hpp>
#include <tests/framework/engines/sqlite/faulty_disk.hpp>

using journal_test::faulty_disk;
using journal_test::seeded;
using journal_test::temporary_folder;
using namespace view_test;

namespace {

constexpr auto rows_per_write = 20;

// Every write replaces old rows and adds new ones, so that a page of another transaction in the wrong place would show.
void make_tables(view_writer& v) {
  v.run("create table rows(position integer primary key, since integer, filler text)");
  v.run("create table total(one integer primary key, rows integer)");
  v.run("insert into total values (1, 0)");
}

result<position> write_rows(view_store& store, position at, std::size_t filler) {
  return write(store, at, [=](view_writer& v) {
    for (int i = 0; i < rows_per_write; ++i) {
      v.run("insert into rows values (?1, ?2, ?3)", at * rows_per_write + i, at, std::string(filler, 'x'));
    }
    v.run("update rows set since = ?1 where position % 97 = ?1 % 97", at);
    v.run("update total set rows = rows + ?1", rows_per_write);
  });
}

struct seen {
  position checkpoint = 0;
  bool made = false;
  std::int64_t rows = 0, total = 0, newest = 0;
};
seen look_at(view_store& store) {
  seen s;
  s.checkpoint = read(store, [&](view_reader& v) {
                   s.made = *v.first<int>("select count(*) from sqlite_schema where name = 'total'") == 1;
                   if (!s.made) return;
                   s.rows = *v.first<std::int64_t>("select count(*) from rows");
                   s.newest = *v.first<std::int64_t>("select coalesce(max(since), 0) from rows");
                   s.total = *v.first<std::int64_t>("select rows from total");
                 }).value();
  return s;
}
void require_one_state(const seen& s) {
  REQUIRE(s.rows == s.checkpoint * rows_per_write);
  REQUIRE(s.total == s.rows);
  REQUIRE(s.newest == s.checkpoint);
}

}  // namespace

TEST_CASE("after power loss at any instant rows and checkpoint agree, and the view goes on from there") {
  int taken_back = 0, kept_some = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    const temporary_folder before, after;
    faulty_disk disk{seed};
    disk.cut_power_after(static_cast<int>(random.below(seed % 5 == 0 ? 60 : 12'000)));
    position acknowledged = 0;
    if (auto store = open_sqlite_view_store({.view = {.name = "v"}, .folder = before.path(), .vfs = disk.name()})) {
      if (open(**store, make_tables)) {
        for (position at = 1; at <= 400 && disk.has_power(); ++at) {
          const auto stored = write_rows(**store, at, 1 + random.below(4'000));
          if (stored && disk.has_power()) acknowledged = at;
        }
      }
    }
    disk.cut_power_now();
    disk.restore(after.path());

    const auto store = open_sqlite_view_store({.view = {.name = "v"}, .folder = after.path()}).value();
    const auto found = look_at(*store);
    require_one_state(found);
    if (found.checkpoint < acknowledged) ++taken_back;
    if (found.checkpoint > 0) ++kept_some;
    REQUIRE(open(*store, make_tables).value().checkpoint == found.checkpoint);
    REQUIRE(write_rows(*store, found.checkpoint + 1, 100).value() == found.checkpoint + 1);
    require_one_state(look_at(*store));
  }
  // It did lose power in interesting moments.
  CHECK(taken_back > 10);
  CHECK(kept_some > 10);
}

TEST_CASE("a full disk refuses the write, keeps the view as it was, and works again when there is room") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    const temporary_folder folder;
    faulty_disk disk{seed};
    const auto store = open_sqlite_view_store({.view = {.name = "v"}, .folder = folder.path(), .vfs = disk.name()}).value();
    open(*store, make_tables).value();
    write_rows(*store, 1, 100).value();
    disk.fill_up_after(static_cast<int>(random.below(200)));
    position at = 1;
    result<position> stored = at;
    while (at < 500 && (stored = write_rows(*store, at + 1, 2'000))) ++at;
    REQUIRE(stored.has_error());
    REQUIRE(stored.error().code == code::exhausted);
    require_one_state(look_at(*store));
    REQUIRE(look_at(*store).checkpoint == at);
    disk.make_room();
    REQUIRE(write_rows(*store, at + 1, 2'000).value() == at + 1);
    require_one_state(look_at(*store));
  }
}
