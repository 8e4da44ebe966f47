// What is particular to the delivery store on files: files of older versions, strange and damaged ones, readers beside
// the owner, processes that die.
#include <tests/conformance/delivery_store_engines.hpp>
#include <tests/framework/engines/sqlite/killed_writer.hpp>
#include <tests/framework/engines/sqlite/read_only_folder.hpp>
#include <tests/framework/engines/sqlite/view_store_files.hpp>
#include <tests/framework/observability/captured_log.hpp>

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/delivery_store.hpp>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

using namespace delivery_test;
using view_test::temporary_folder;

namespace {

const delivery_options numbers{"numbers.added", "tests"};
const std::string its_file = "subscription__numbers_added__tests.v1.db";
const std::string diary =
    "this is not a database, but somebody's diary of the year 2011, which is long enough to be one";

std::string content_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

auto store_in(const temporary_folder& folder) {
  return open_sqlite_delivery_store({.of = numbers, .folder = folder.path()});
}
auto reader_in(const std::string& folder) {
  return open_sqlite_delivery_store({.of = numbers, .folder = folder, .read_only = true});
}

void run_sql(const std::string& file, const std::string& sql) {
  sqlite::database::open({.path = file}).value().execute(sql).value();
}

}  // namespace

TEST_CASE("a file that is no store is refused, whatever it is, and left alone") {
  const temporary_folder folder;
  const auto file = folder.file(its_file);
  const auto kind =
      GENERATE(as<std::string>{}, "diary", "another database", "pipe", "folder", "hard link", "pipe for the log");
  CAPTURE(kind);
  std::ofstream{folder.file("elsewhere")} << diary;
  if (kind == "diary") std::ofstream{file} << diary;
  if (kind == "another database") run_sql(file, "create table diary(day text)");
  if (kind == "pipe") REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  if (kind == "folder") std::filesystem::create_directories(file + "/full");
  if (kind == "hard link") std::filesystem::create_hard_link(folder.file("elsewhere"), file);
  if (kind == "pipe for the log") REQUIRE(::mkfifo((file + "-wal").c_str(), 0600) == 0);
  const bool is_database = kind == "diary" || kind == "another database";
  const auto was = is_database ? content_of(file) : std::string{};
  const auto refused = store_in(folder);
  REQUIRE(refused.has_error());
  CHECK(refused.error().reason == (is_database           ? "store_damaged"
                                   : kind == "hard link" ? "hard_link"
                                                         : "not_a_regular_file"));
  CHECK((refused.error().code == code::corrupt) == is_database);
  CHECK(refused.error().message.find(file) != std::string::npos);
  if (is_database) CHECK(content_of(file) == was);
  CHECK_FALSE(std::filesystem::exists(file + ".unreadable"));
  CHECK(content_of(folder.file("elsewhere")) == diary);
}

TEST_CASE("a store of a newer program is refused and left alone") {
  const temporary_folder folder;
  open(*store_in(folder).value()).value();
  const auto file = folder.file(its_file);
  run_sql(file, "pragma user_version = 99");
  const auto was = content_of(file);
  const auto refused = store_in(folder);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == code::unimplemented);
  CHECK(refused.error().reason == "newer_format");
  CHECK(content_of(file) == was);
}

TEST_CASE("a damaged page: everything is refused, and the file stays") {
  const temporary_folder folder;
  auto store = store_in(folder).value();
  open(*store).value();
  delivery_change many{.checkpoint = 7};
  for (position at = 1; at <= 2000; ++at) many.given_up.push_back(letter(at, "e", std::string(200, 'x')));
  commit(*store, many).value();
  store.reset();
  store = store_in(folder).value();
  CHECK(open(*store).value().checkpoint == 7);
  {
    std::fstream file{folder.file(its_file), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(0, std::ios::end);
    const auto size = static_cast<std::size_t>(file.tellp());
    file.seekp(2 * 4096);
    file << std::string(size - 2 * 4096, '\xa5');
  }
  test::captured_log log{log_level::error};
  const auto why = failure_of(list(*store, {}, 2000));
  CHECK(why.code == code::corrupt);
  CHECK(why.message.find(folder.file(its_file)) != std::string::npos);
  CHECK(failure_of(commit(*store, {.checkpoint = 8})).code == code::corrupt);
  CHECK(failure_of(open(*store)).code == code::corrupt);
  REQUIRE(store->trouble());
  CHECK(store->trouble()->reason != "store_lost");
  CHECK(log.has("views: a store's file is damaged"));
  CHECK(std::filesystem::file_size(folder.file(its_file)) > 400'000);
}

TEST_CASE("a store says that its file was removed or replaced, and answers nothing any more") {
  const temporary_folder folder;
  test::captured_log log{log_level::error};
  const auto file = folder.file(its_file);
  const int way = GENERATE(0, 1, 2);
  CAPTURE(way);
  const auto store = store_in(folder).value();
  open(*store).value();
  commit(*store, {.checkpoint = 1}).value();
  CHECK_FALSE(store->trouble());
  switch (way) {
    case 0:
      std::filesystem::remove(file);
      break;
    case 1:
      std::filesystem::remove(file + "-wal");
      break;
    default:
      std::filesystem::copy_file(file, file + ".copy");
      std::filesystem::rename(file + ".copy", file);
  }
  const auto why = failure_of(commit(*store, {.checkpoint = 2}));
  CHECK(why.code == code::corrupt);
  CHECK(why.reason == "store_lost");
  CHECK(why.message.find("was removed or replaced while the store is open") != std::string::npos);
  CHECK(failure_of(list(*store)).reason == "store_lost");
  REQUIRE(store->trouble());
  CHECK(store->trouble()->reason == "store_lost");
  CHECK(log.text().find("a store's file is gone") != std::string::npos);
  CHECK(log.text().find("a store's file is gone") == log.text().rfind("a store's file is gone"));
}

TEST_CASE("a tool reads beside the owner, changes nothing, and makes nothing") {
  const temporary_folder folder;
  CHECK(failure_of(reader_in(folder.path())).code == code::not_found);
  CHECK(std::filesystem::is_empty(folder.path()));
  const auto owner = store_in(folder).value();
  open(*owner).value();
  const auto reader = reader_in(folder.path()).value();
  CHECK(checkpoint(*reader) == 0);
  commit(*owner, {.checkpoint = 4, .given_up = {letter(3)}}).value();
  CHECK(checkpoint(*reader) == 4);
  CHECK(summarize(*reader).letters == dead_letter_totals{1, listed(letter(3))});
  CHECK(find(*reader, 3) == letters{letter(3)});
  CHECK(failure_of(open(*reader)).reason == "read_only");
  CHECK(failure_of(commit(*reader, {.checkpoint = 5})).reason == "read_only");
  CHECK(failure_of(restart(*reader, 0, 20)).reason == "read_only");
  CHECK(commit(*owner, {.checkpoint = 5}).value().checkpoint == 5);
}

TEST_CASE("a copy in a folder that may not be written is read by tools") {
  const temporary_folder made;
  const auto folder = made.file("read only % ?");
  {
    const auto store = open_sqlite_delivery_store({.of = numbers, .folder = folder}).value();
    open(*store).value();
    commit(*store, {.checkpoint = 4}).value();
  }
  const auto look = [&] {
    const auto store = reader_in(folder);
    return store ? std::to_string(checkpoint(**store)) : to_string(store.error());
  };
  CHECK(look() == "4");
  for (const auto* left : {"-wal", "-shm"}) std::filesystem::remove(folder + "/" + its_file + left);
  CHECK(banyan::test::with_read_only(folder, look).value_or("4") == "4");
}

namespace {

// As a program left it, and the sqlite3 tool dumps it.
void put_dump(const std::string& dump, const std::string& file) {
  std::ifstream in{dump};
  std::stringstream sql;
  sql << in.rdbuf();
  REQUIRE_FALSE(sql.str().empty());
  run_sql(file, sql.str());
  run_sql(file, "pragma journal_mode = wal");
}

}  // namespace

TEST_CASE("a file from before the port is read whole, and gone on with") {
  const temporary_folder folder;
  put_dump(DELIVERIES_BEFORE_THEIR_PORT, folder.file(its_file));
  const journal_history history{*parse_uuid("00000000-0000-8740-aa56-4b1035d1a766")};
  const dead_letter first{2,
                          to_string(derive(uuid{}, 2, "b")),
                          "b",
                          "numbers.added",
                          {},
                          1,
                          "corrupt: event numbers.added does not decode: no number"};
  CHECK(summarize(*reader_in(folder.path()).value()).letters == dead_letter_totals{4, first});
  const auto store = store_in(folder).value();
  CHECK(failure_of(open(*store)).reason == "another_history");
  const auto state = open_for(*store, history, 7).value();
  CHECK(state.checkpoint == 4);
  CHECK(state.began == 0);
  CHECK(state.letters == dead_letter_totals{4, first});
  const delivery_counts::row waits{.at = 5,
                                   .deaths = 1,
                                   .is_quarantined = true,
                                   .now = delivery_counts::attempt::waiting,
                                   .evidence = {.decades = 0, .wait = nanoseconds{120'000'000}, .all_own_fault = true},
                                   .cause = "the process ended while the event was handled"};
  const delivery_counts::row given_up{.at = 7, .crashes = 3, .cause = "an exception that is no std::exception"};
  CHECK(state.counts == std::vector{waits, given_up});
  CHECK(find(*store, 7).at(0).payload == "throw 7");
  CHECK(commit(*store, {.checkpoint = 7, .handled = {{2, first.event}}}).value().letters->count == 3);
  CHECK(open_for(*store, history, 7).value().counts.empty());
  CHECK(failure_of(open_for(*store, journal_history{epoch(9)}, 7)).reason == "another_history");
}

TEST_CASE("letters of a version that knew them by their position are read, brought over and known again") {
  const temporary_folder folder;
  run_sql(
      folder.file(its_file),
      "create table banyan_view(checkpoint integer not null, incarnation text not null, owner integer not null) strict;"
      "insert into banyan_view values (12, '" +
          to_string(epoch(1)) +
          "', 3);"
          "create table dead_letters (position integer primary key, stream text not null, type text not null, payload "
          "text not null, "
          "attempts integer not null, reason text not null);"
          "insert into dead_letters values (12, 'a', 'numbers.added', '1', 3, 'unavailable: not today');"
          "create table deliveries(position integer);"
          "pragma user_version = 1; pragma journal_mode = wal");
  const auto old = letter(12, "");
  {
    const auto tool = reader_in(folder.path()).value();
    CHECK(list(*tool).value() == letters{listed(old)});
    CHECK(find(*tool, 12) == letters{old});
    CHECK(summarize(*tool).letters.count == 1);
  }
  const auto store = store_in(folder).value();
  for (int start = 1; start <= 2; ++start) {
    const auto state = open(*store).value();
    CHECK(state.checkpoint == 12);
    CHECK_FALSE(state.began);
    CHECK(state.letters == dead_letter_totals{1, listed(old)});
  }
  CHECK(find(*store, 12) == letters{old});
  commit(*store, {.checkpoint = 12, .given_up = {letter(12, "e2", "another")}}).value();
  CHECK(find(*store, 12).size() == 2);
  commit(*store, {.checkpoint = 12, .given_up = {letter(12, "e1")}}).value();
  CHECK(find(*store, 12) == letters{letter(12, "e1"), letter(12, "e2", "another")});
}

namespace {

// Commits for ever, and tells every checkpoint that was acknowledged.
[[noreturn]] void commit_for_ever(const temporary_folder& folder, int told) {
  const auto store = store_in(folder).value();
  const auto from = open(*store).value();
  for (auto at = from.checkpoint + 1;; ++at) {
    const auto stored = commit(
        *store,
        {.checkpoint = at, .given_up = {letter(at, "e", std::string(3000, 'x'))}, .counted = {crashed_row(at + 1)}});
    if (!stored || ::write(told, &at, sizeof at) != sizeof at) _exit(1);
  }
}

}  // namespace

TEST_CASE("checkpoint, letters and counts agree after every kill -9, and nothing acknowledged is gone") {
  const temporary_folder folder;
  position acknowledged = 0;
  for (int life = 1; life <= 20; ++life) {
    CAPTURE(life);
    acknowledged =
        test::run_until_killed(acknowledged, life * 7 % 20, [&](int told) { commit_for_ever(folder, told); });
    const auto store = store_in(folder).value();
    const auto state = open(*store).value();
    REQUIRE(state.checkpoint >= acknowledged);
    REQUIRE(state.letters.count == state.checkpoint);
    REQUIRE(state.counts == (state.checkpoint == 0 ? std::vector<delivery_counts::row>{}
                                                   : std::vector{crashed_row(state.checkpoint + 1)}));
  }
  CHECK(acknowledged > 50);
}
