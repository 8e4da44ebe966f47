// The history of a journal in its file: through openings, copies made in every way, and files of the format before.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

#include <fstream>

using namespace journal_test;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<journal> open_at(const std::string& file, bool read_only = false) {
  return open_sqlite_journal({.path = file, .read_only = read_only}).value();
}
void write(journal& j, std::uint64_t from, std::uint64_t to_) {
  for (auto n = from; n <= to_; ++n) append(j, to("s", expected::any(), {event(n)})).value();
}
epoch_position mark(journal& j, position at) { return info(j).value().history.mark(at); }
bool knows(journal& j, const epoch_position& p) {
  const auto i = info(j).value();
  return i.history.contains(p, i.head);
}
std::int64_t number(const std::string& file, const std::string& sql) {
  return sqlite::database::open({.path = file, .create = false}).value().number(sql).value();
}
// As a program from before there were epochs left it.
void make_format_1(const std::string& file) {
  auto db = sqlite::database::open({.path = file, .create = false}).value();
  db.execute("drop table epochs; drop table fences; drop table facts; alter table commands drop column stored_at;")
      .value();
  db.execute("pragma user_version = 1").value();
}

}  // namespace

TEST_CASE("an opening is an epoch once it has written, and keeps its positions") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  std::vector<epoch_position> all;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    auto j = open_at(file);
    if (n == 3) continue;  // it writes nothing
    write(*j, n, n);
    all.push_back(mark(*j, info(*j).value().head));
  }
  CHECK(number(file, "select count(*) from epochs") == 4);
  auto j = open_at(file);
  CHECK(number(file, "select count(*) from epochs") == 4);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(knows(*j, all[i]));
    for (std::size_t k = i + 1; k < all.size(); ++k) CHECK(all[i].epoch != all[k].epoch);
  }
  CHECK_FALSE(knows(*j, {2, all[0].epoch}));
  CHECK_FALSE(knows(*j, {5, all.back().epoch}));
  CHECK(info(*j).value().history.epochs().size() == 5);  // its own, too
  CHECK(j->status().head == 4);
  append(*j, to("s", expected::any(), {event(9)})).value();
  CHECK(j->status().head == 5);
  CHECK(knows(*j, mark(*j, 5)));
  CHECK(info(*open_at(file, true)).value().history.epochs() == info(*j).value().history.epochs());
}

TEST_CASE("a position is known by every copy that has it, and by none that has another event there, however the copy was made") {
  const temporary_folder folder;
  const auto file = folder.file("j.db"), copy = folder.file("copy.db");
  const int way = GENERATE(0, 1, 2, 3);
  CAPTURE(way);
  auto j = open_at(file);
  write(*j, 1, 10);
  if (way == 0) {  // stopped
    j.reset();
    fs::copy_file(file, copy);
    j = open_at(file);
  } else if (way == 1) {  // while it runs, with its log
    fs::copy_file(file, copy);
    fs::copy_file(file + "-wal", copy + "-wal");
  } else if (way == 2) {  // while it runs, without its log: nothing of it had been moved into the file
    fs::copy_file(file, copy);
  } else {  // stopped after more was written, and then a tail is cut off with the log
    j.reset();
    j = open_at(file);
    write(*j, 11, 20);
    fs::copy_file(file, copy);
  }
  const auto kept = way == 2 ? 0 : 10;
  write(*j, 31, 40);  // the original goes on
  const auto head = info(*j).value().head;
  auto restored = open_sqlite_journal({.path = copy});
  if (way == 2 && !restored) {  // not even the tables had been moved
    CHECK(restored.error().code == code::corrupt);
    return;
  }
  auto& r = **restored;
  REQUIRE(info(r).value().head == kept);
  for (position p = 0; p <= head; ++p) CHECK(knows(r, mark(*j, p)) == (p <= kept));
  write(r, 51, 80);
  for (position p = 0; p <= head; ++p) CHECK(knows(r, mark(*j, p)) == (p <= kept));
  for (position p = 0; p <= info(r).value().head; ++p) CHECK(knows(*j, mark(r, p)) == (p <= kept));
}

TEST_CASE("a file from before there were epochs is of one, named after its incarnation") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  auto j = open_at(file);
  write(*j, 1, 5);
  const auto incarnation = info(*j).value().incarnation;
  j.reset();
  make_format_1(file);

  j = open_at(file, true);
  CHECK(info(*j).value().history.epochs() == std::vector<journal_epoch>{{1, incarnation}});
  CHECK(knows(*j, {5, incarnation}));
  j = open_at(file);
  CHECK(knows(*j, {5, incarnation}));
  CHECK(number(file, "pragma user_version") == sqlite_journal_format);
  append(*j, append_request{{}, command("s", 1, 9)}).value();
  write(*j, 6, 6);
  CHECK_FALSE(knows(*j, {6, incarnation}));
  j.reset();
  j = open_at(file);
  CHECK(knows(*j, {5, incarnation}));
  CHECK_FALSE(knows(*j, {6, incarnation}));
  CHECK(info(*j).value().history.epochs().size() == 3);
}

TEST_CASE("an empty file from before there were epochs has no position that could be known") {
  const temporary_folder folder;
  const auto file = folder.file("j.db");
  open_at(file).reset();
  make_format_1(file);
  auto j = open_at(file);
  const auto incarnation = info(*j).value().incarnation;
  write(*j, 1, 1);
  CHECK_FALSE(knows(*j, {1, incarnation}));
  CHECK(knows(*j, mark(*j, 1)));
}

TEST_CASE("a copy of an opening that went on without it gets an epoch of its own") {
  const temporary_folder folder;
  const auto file = folder.file("j.db"), copy = folder.file("copy.db");
  auto j = open_at(file);
  write(*j, 1, 3);
  fs::copy_file(file, copy);
  fs::copy_file(file + "-wal", copy + "-wal");
  write(*j, 4, 4);
  auto other = open_at(copy);
  write(*other, 5, 5);
  CHECK(mark(*j, 3) == mark(*other, 3));
  CHECK(mark(*j, 4).epoch != mark(*other, 4).epoch);
}
