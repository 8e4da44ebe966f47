// The table of events that were given up: what a page of it costs, and what becomes of one that an older version made.
#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/pub_sub/dead_letters.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace banyan;

namespace {

struct letters_world {
  explicit letters_world(const std::function<void(view_writer&)>& create) {
    const auto epoch = derive(uuid{}, 1, "the journal");
    store->open({journal_history{epoch}, 0}, create, [](result<view_store::state> opened) { (void)opened.value(); });
  }
  void write(const std::function<void(view_writer&)>& body) {
    store->write(body, 0, [](result<position> written) { (void)written.value(); });
  }
  void add(const dead_letter& d) {
    write([&](view_writer& v) { delivery_tables::add(v, d); });
  }
  std::vector<dead_letter> list(const delivery_tables::letter_place& after, std::size_t limit) {
    std::vector<dead_letter> found;
    store->read([&](view_reader& v) { found = delivery_tables::list(v, after, limit); }, [](result<position> read) { (void)read.value(); });
    return found;
  }
  std::vector<dead_letter> find(position at) {
    std::vector<dead_letter> found;
    store->read([&](view_reader& v) { found = delivery_tables::find(v, at); }, [](result<position> read) { (void)read.value(); });
    return found;
  }
  memory_view_disk disk;
  std::unique_ptr<view_store> store = open_memory_view_store(disk, {.name = "letters"}).value();
};

dead_letter letter(position at, std::string event, std::string payload = "1") {
  return {at, std::move(event), "a", "numbers.added", std::move(payload), 3, "unavailable: not today"};
}

void create_as_before(view_writer& v) {
  v.execute(
      "CREATE TABLE dead_letters (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL, "
      "attempts INTEGER NOT NULL, reason TEXT NOT NULL)",
      {});
  v.execute("INSERT INTO dead_letters VALUES (12, 'a', 'numbers.added', '1', 3, 'unavailable: not today')", {});
}

}  // namespace

TEST_CASE("a page of letters is listed, however large their payloads and their reasons are") {
  letters_world w{delivery_tables::create};
  const std::string large(1 << 20, 'x');
  const bool is_payload = GENERATE(true, false);
  for (position at = 1; at <= 100; ++at) {
    auto d = letter(at, "e", is_payload ? large : "1");
    if (!is_payload) d.reason = large;
    w.add(d);
  }
  const auto page = w.list({}, 101);
  REQUIRE(page.size() == 100);
  CHECK(page[99].position == 100);
  CHECK(page[99].payload.empty());
  CHECK(page[99].reason.size() <= 1000);
  CHECK((is_payload ? w.find(100).at(0).payload : w.find(100).at(0).reason) == large);
}

TEST_CASE("letters of several events that had one position are apart, and a page may end between them") {
  letters_world w{delivery_tables::create};
  for (auto* event : {"e2", "e1"}) w.add(letter(12, event, event));
  w.add(letter(12, "e1", "once more"));  // it is there already
  w.add(letter(13, "e3"));
  CHECK(w.find(12) == std::vector<dead_letter>{letter(12, "e1", "e1"), letter(12, "e2", "e2")});
  CHECK(w.list({}, 1).at(0).event == "e1");
  CHECK(w.list({12, "e1"}, 1).at(0).event == "e2");
  CHECK(w.list({12, "e2"}, 1).at(0).event == "e3");
  w.write([](view_writer& v) {
    delivery_tables::change(v, {12, "e1"}, 4, "still not");
    delivery_tables::remove(v, {12, "e2"});
  });
  REQUIRE(w.find(12).size() == 1);
  CHECK(w.find(12)[0].attempts == 4);
}

TEST_CASE("letters of a version that knew them by their position are brought over, and known again when their event is given up") {
  letters_world w{create_as_before};
  auto listed = letter(12, "", "");
  CHECK(w.list({}, 10) == std::vector<dead_letter>{listed});  // as a tool reads it beside the running node
  for (int start = 1; start <= 2; ++start) w.write(delivery_tables::create);
  CHECK(w.find(12) == std::vector<dead_letter>{letter(12, "")});
  CHECK(w.list({}, 10) == std::vector<dead_letter>{listed});
  w.add(letter(12, "e2", "another"));
  CHECK(w.find(12).size() == 2);
  w.add(letter(12, "e1"));
  CHECK(w.find(12) == std::vector<dead_letter>{letter(12, "e1"), letter(12, "e2", "another")});
}
