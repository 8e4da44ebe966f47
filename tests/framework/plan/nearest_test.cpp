#include <banyan/plan/nearest.hpp>

#include <catch2/catch.hpp>

using banyan::edit_distance;
using banyan::nearest;

TEST_CASE("the edit distance counts single changes and swaps of neighbours") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("deadline", "deadlines") == 1);
  CHECK(edit_distance("deadline", "deadlnie") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(edit_distance("ca", "abc") == 3);
}

TEST_CASE("the edit distance is the same both ways") {
  for (auto [a, b] : {std::pair{"orders", "oders"}, {"shards", "share"}, {"abcd", "badc"}, {"", "x"}}) {
    CHECK(edit_distance(a, b) == edit_distance(b, a));
  }
}

TEST_CASE("the nearest name is found, and none when all are far") {
  const std::vector<std::string> names{"deadline", "shards", "workers"};
  CHECK(nearest("dedline", names) == "deadline");
  CHECK(nearest("wrokers", names) == "workers");
  CHECK(nearest("color", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("shards", {}).empty());
}

TEST_CASE("a very long text is nobody's typing error") {
  CHECK(nearest(std::string(100'000, 'a'), {std::string(100'001, 'a')}).empty());
  CHECK(nearest("aaa", {std::string(100'000, 'a')}).empty());
}
