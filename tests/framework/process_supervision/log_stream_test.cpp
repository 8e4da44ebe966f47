#include <banyan/process_supervision/log_stream.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

constexpr instant then{1645557742678ms};

std::string take_all(log_stream& s, std::size_t most = 1000) {
  std::string out;
  while (!s.empty()) {
    const auto some = s.front(most);
    out += some;
    s.written(some.size());
  }
  return out;
}

}  // namespace

TEST_CASE("lines have their names before them, aligned, in the order in which they came", "[log_stream]") {
  log_stream s{{"shop", "pay"}};
  s.add(0, {"one"}, then);
  s.add(1, {"two"}, then);
  s.add(1, {"and more", true}, then);
  s.add(0, {""}, then);
  CHECK(take_all(s) == "shop | one\npay  | two\npay  + and more\nshop | \n");
}

TEST_CASE("without names there are the lines alone", "[log_stream]") {
  log_stream s{{"shop", "pay"}, {.color = true, .names = false}};
  s.add(0, {"one"}, then);
  s.add(1, {"two"}, then);
  s.add(1, {"and more", true}, then);
  CHECK(take_all(s) == "one\ntwo\nand more\n");
}

TEST_CASE("bytes may be taken in any portions", "[log_stream]") {
  for (std::size_t most = 1; most < 20; ++most) {
    log_stream s{{"a", "b"}};
    for (int i = 0; i < 5; ++i) s.add(i % 2, {std::string(static_cast<std::size_t>(i), 'x')}, then);
    CHECK(take_all(s, most) == "a | \nb | x\na | xx\nb | xxx\na | xxxx\n");
  }
}

TEST_CASE("times stand first, and colours around the name alone", "[log_stream]") {
  log_stream s{{"shop"}, {.color = true, .times = true}};
  s.add(0, {"one"}, then);
  s.add(0, {"\x1b[31mred"}, then);
  CHECK(take_all(s) ==
        "2022-02-22T19:22:22.678Z \x1b[36mshop | \x1b[0mone\n2022-02-22T19:22:22.678Z \x1b[36mshop | \x1b[0m\x1b[31mred\x1b[0m\n");
}

TEST_CASE("a source that is ahead has no room; the others do, and it gets some back", "[log_stream]") {
  log_stream s{{"a", "b"}, {}, 10};
  CHECK(s.has_room(0));
  s.add(0, {"1234567"}, then);
  CHECK_FALSE(s.has_room(0));
  CHECK(s.has_room(1));
  take_all(s);
  CHECK(s.has_room(0));
}

TEST_CASE("when nobody takes the lines they are lost and counted, but not the last ones", "[log_stream]") {
  log_stream s{{"a", "b"}, {}, 10};
  s.drop_when_full(true);
  s.add(0, {"1234567"}, then);
  CHECK(s.has_room(0));  // whoever writes must not wait
  s.add(0, {"lost"}, then);
  s.add(0, {"lost too"}, then);
  s.add(1, {"b"}, then);
  s.add(0, {"the end"}, then, true);
  CHECK(take_all(s) == "a | 1234567\nb | b\na | (lines are missing here, 2 in all: nobody took them in time)\na | the end\n");
}

TEST_CASE("of a program that dies again and again not even the last lines are kept without bound", "[log_stream]") {
  log_stream s{{"a"}, {}, 10};
  s.drop_when_full(true);
  for (int i = 0; i < 100; ++i) s.add(0, {"the end"}, then, true);
  s.has_ended(0, then);
  std::string some;
  for (int i = 0; i < 4; ++i) some += "a | the end\n";
  CHECK(take_all(s) == some + "a | (lines are missing here, 96 in all: nobody took them in time)\n");
}

TEST_CASE("lines that were lost are told of at the end, when no other line follows them", "[log_stream]") {
  log_stream s{{"a"}, {}, 10};
  s.drop_when_full(true);
  s.add(0, {"1234567"}, then);
  s.add(0, {"lost"}, then);
  s.has_ended(0, then);
  s.has_ended(0, then);
  CHECK(take_all(s) == "a | 1234567\na | (lines are missing here, 1 in all: nobody took them in time)\n");
}

TEST_CASE("nothing is lost while lines are taken, however full it is", "[log_stream]") {
  log_stream s{{"a"}, {}, 10};
  s.add(0, {"1234567"}, then);
  s.add(0, {"8"}, then);
  CHECK(take_all(s) == "a | 1234567\na | 8\n");
}
