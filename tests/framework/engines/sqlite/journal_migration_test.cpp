// Files of older formats: they are read as they are, brought to the present format when they are opened for writing,
// and then gone on with.
#include <tests/conformance/journal_lists.hpp>
#include <tests/framework/engines/sqlite/faulty_disk.hpp>
#include <tests/framework/engines/sqlite/journal_files.hpp>

#include <sstream>

using namespace journal_test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> streams = {"orders-1", "orders-eu-7", "carts-9", "plain", "stra\u00dfe-3"};
constexpr int openings = 3, of_each = 3;  // events of a stream in one opening

// As the program that wrote journal_of_format_2.sql counted: 15 events of 5 streams and a refused command in each of
// its openings.
struct stored {
  int opening = 0;
  std::size_t stream = 0;
  int place = 0;
  std::uint64_t number() const {
    return static_cast<std::uint64_t>(16 * opening + of_each * static_cast<int>(stream) + place + 1);
  }
  position at() const { return 15 * opening + of_each * static_cast<position>(stream) + place + 1; }
};

void make_old_file(const std::string& path, const std::string& vfs = {}) {
  std::ifstream in{JOURNAL_OF_FORMAT_2};
  std::stringstream sql;
  sql << in.rdbuf();
  auto db = sqlite::database::open({.path = path, .vfs = vfs}).value();
  db.execute(sql.str()).value();
  db.execute("pragma journal_mode = wal").value();
}

std::int64_t number(const std::string& file, const std::string& sql) {
  return sqlite::database::open({.path = file, .read_only = true}).value().number(sql).value();
}

void check_event(const recorded_event& e, const stored& wanted) {
  const auto n = wanted.number();
  REQUIRE(e.position == wanted.at());
  REQUIRE(e.stream == streams[wanted.stream]);
  REQUIRE(e.version == of_each * wanted.opening + wanted.place + 1);
  REQUIRE(e.id == id(n));
  REQUIRE(e.type == (wanted.place == 2 ? "test.ended" : "test.happened"));
  REQUIRE(e.schema == wanted.place + 1);
  REQUIRE(e.payload == "{\"n\":" + std::to_string(n) + "}");
  REQUIRE(e.metadata.actor == (wanted.place == 1 ? "alice" : ""));
  REQUIRE(e.metadata.correlation == (wanted.place == 1 ? id(n, 3) : uuid{}));
  REQUIRE(e.recorded_at == instant{1'760'000'000s + wanted.opening * 65min + static_cast<int>(wanted.stream) * 1min});
}

// Everything that was in the file.
void check_content(journal& j) {
  const auto all = read_all(j, {.limit = 45}).value();
  REQUIRE(all.size() == 45);
  auto e = all.begin();
  for (int o = 0; o < openings; ++o)
    for (std::size_t s = 0; s < streams.size(); ++s)
      for (int i = 0; i < of_each; ++i) check_event(*e++, {o, s, i});
  for (std::size_t s = 0; s < streams.size(); ++s) {
    auto commands = load(j, {.stream = streams[s]}).value().commands;
    commands.erase(commands.begin(), commands.end() - openings);  // what came since
    for (int o = 0; o < openings; ++o) {
      const auto n = stored{openings - 1 - o, s, 2}.number();
      const auto& c = commands[static_cast<std::size_t>(o)];
      REQUIRE(c.id == id(n, 2));
      REQUIRE(c.fingerprint == n);
      REQUIRE(c.reply == "{\"ok\":{\"n\":" + std::to_string(n) + "}}");
    }
  }
  REQUIRE(load(j, {.stream = "orders-refused"}).value().commands.size() == openings);
  const auto with_snapshot = load(j, {.stream = "orders-1", .snapshot_key = "layout"}).value();
  REQUIRE(with_snapshot.snapshot);
  REQUIRE(with_snapshot.snapshot->state == R"({"v":8})");
  REQUIRE(versions(with_snapshot.events).front() == 9);
  const auto i = info(j).value();
  REQUIRE(i.streams == 6);
  REQUIRE(to_string(i.incarnation) == "0199c82c-c000-7b44-9479-1e0aa9f97eba");
  REQUIRE(i.history.epochs().size() >= 3);
  for (std::size_t o = 0; o < 3; ++o) REQUIRE(i.history.epochs()[o].begins == static_cast<position>(15 * o + 1));
}

}  // namespace

TEST_CASE("A file of the format before is opened with all that is in it, goes on, and is opened again") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  make_old_file(path);
  std::vector<journal_epoch> epochs;
  {
    auto j = open_sqlite_journal({.path = path, .read_only = true}).value();
    epochs = info(*j).value().history.epochs();
    CHECK(epochs.size() == 3);
  }
  auto j = open_sqlite_journal({.path = path}).value();
  CHECK(number(path, "pragma user_version") == sqlite_journal_format);
  check_content(*j);
  auto now = info(*j).value();
  CHECK(now.head == 45);
  CHECK(std::equal(epochs.begin(), epochs.end(), now.history.epochs().begin()));
  CHECK(now.facts.empty());

  // What was there is known, and what is new is stored as ever.
  CHECK(append(*j, to("carts-9", expected::exact(0), {event(7), event(8), event(9)})).value().repeated);
  auto again = append_request{{}, command("orders-refused", 16, 7)};
  CHECK(append(*j, again).value().stored_command->reply == R"({"error":{"code":"conflict","message":"sold out"}})");
  auto next = to("orders-1", expected::after(9, id(35)), {event(100)});
  next.command = command("orders-1", 100);
  next.under = fence{"task", 3};
  CHECK(append(*j, next).value().last == 46);
  CHECK(declare(*j, "shards/orders", "64").value());
  CHECK(read_all(*j, {.categories = {"orders"}, .types = {"test.ended"}}).value().size() == 6);
  j.reset();

  j = open_sqlite_journal({.path = path}).value();
  check_content(*j);
  CHECK(append(*j, next).value().repeated);
  CHECK(token(*j, "task").value() == 3);
  CHECK(info(*j).value().facts.at("shards/orders") == "64");
  CHECK(info(*j).value().history.epochs().size() == 5);
}

TEST_CASE("A file of the format before that may only be read is read, and stays as it is") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  make_old_file(path);
  const auto before = content_of(path);
  {
    auto j = open_sqlite_journal({.path = path, .read_only = true}).value();
    check_content(*j);
    CHECK(token(*j, "task").value() == 0);
    CHECK(info(*j).value().facts.empty());
    CHECK(read_all(*j, {.categories = {"carts"}}).value().size() == 9);
    CHECK(seal(*j, {"task", 1}).error().reason == "read_only");
    CHECK(declare(*j, "k", "v").error().reason == "read_only");
    CHECK(forget(*j, {}).error().reason == "read_only");
  }
  CHECK(content_of(path) == before);
  CHECK(number(path, "pragma user_version") == 2);
}

TEST_CASE("Answers of a time that was not stored are as old as the migration, so none is forgotten too early") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  make_old_file(path);
  still_clock clock;
  clock.at = instant{1'760'000'000s} + 24h * 365;
  auto j = open_sqlite_journal({.path = path, .clock = &clock}).value();
  CHECK(forget(*j, {}).value().commands == 0);
  clock.at += 24h * 7;
  CHECK(forget(*j, {}).value().commands == 0);
  clock.at += 1ns;
  CHECK(forget(*j, {}).value().commands == 18);
}

TEST_CASE("The guards of an old file are kept, and what is new has its own") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  make_old_file(path);
  open_sqlite_journal({.path = path}).value().reset();
  CHECK(number(path, "select count(*) from sqlite_schema where type = 'trigger' and name glob '*_no_*'") == 18);
  auto db = sqlite::database::open({.path = path, .create = false}).value();
  for (const auto* table : {"events", "commands", "streams", "types"})
    CHECK(mentions(db.execute(std::string{"delete from "} + table).error(), "never deleted"));
}

TEST_CASE("A damaged file of the format before is refused as it is") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  make_old_file(path);
  {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096 * 4);
    file << std::string(4096, '\xa5');
  }
  CHECK(open_sqlite_journal({.path = path}).error().code == code::corrupt);
  CHECK(number(path, "pragma user_version") == 2);
}

TEST_CASE("When the power fails during a migration, the next boot finds the old file or the new one") {
  int old_ones = 0, new_ones = 0;
  for (int operations = 1; operations <= 80; ++operations) {
    INFO("cut after " << operations);
    const temporary_folder folder, after;
    faulty_disk disk{static_cast<std::uint64_t>(operations)};
    make_old_file(folder.file("j.db"), disk.name());
    disk.cut_power_after(operations);
    (void)open_sqlite_journal({.path = folder.file("j.db"), .vfs = disk.name()});
    disk.cut_power_now();
    disk.restore(after.path());
    const auto path = after.file("j.db");
    (void)sqlite::database::open({.path = path, .create = false})
        .value()
        .number("pragma user_version")
        .value();  // recovers
    const auto format = number(path, "pragma user_version");
    const auto fences = number(path, "select count(*) from sqlite_schema where name in ('fences', 'facts')");
    const auto times = number(path, "select count(*) from pragma_table_info('commands') where name = 'stored_at'");
    REQUIRE((format == 2 || format == sqlite_journal_format));
    REQUIRE(fences == (format == 2 ? 0 : 2));
    REQUIRE(times == (format == 2 ? 0 : 1));
    ++(format == 2 ? old_ones : new_ones);
    auto j = open_sqlite_journal({.path = path}).value();
    check_content(*j);
    REQUIRE(append(*j, to("plain", expected::exact(9), {event(100)})).value().last == 46);
  }
  CHECK(old_ones > 0);
  CHECK(new_ones > 0);
}

TEST_CASE("On a disk without room for the migration the file is not opened for writing, and can be read") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  faulty_disk disk{1};
  make_old_file(path, disk.name());
  disk.fill_up_after(0);
  const auto refused = open_sqlite_journal({.path = path, .vfs = disk.name()});
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::exhausted);
  CHECK(number(path, "pragma user_version") == 2);
  disk.make_room();
  auto j = open_sqlite_journal({.path = path, .vfs = disk.name()}).value();
  check_content(*j);
}
