// A projection whose journal is replaced by an older copy, or by another one: what it shows is of the journal at hand, or nothing.
#include <tests/framework/cqrs/numbers_view.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

using rows = std::vector<numbers_view::row>;

TEST_CASE("a view that is ahead of its journal is built anew, and never behind by less than nothing") {
  numbers_view w;
  for (int i = 0; i < 5; ++i) w.append("numbers-a");
  w.settle();
  REQUIRE(w.progress->applied == 5);
  w.journal.lose_tail(3);
  w.restart();
  w.settle(1s);
  CHECK(w.rows() == rows{{"numbers-a", 1}, {"numbers-a", 2}, {"numbers-a", 3}});
  CHECK(w.progress->applied == 3);
  CHECK(w.progress->anew_to == 3);
  CHECK(w.progress->lag() == 0);
}

TEST_CASE("a view whose position the journal has again, with another event, is built anew") {
  numbers_view w;
  for (int i = 0; i < 5; ++i) w.append("numbers-a");
  w.settle();
  const auto stored = rows{{"numbers-a", 1}, {"numbers-a", 2}, {"numbers-a", 3}, {"numbers-b", 4}, {"numbers-b", 5}, {"numbers-b", 6}};
  suspend_actor(w.projection);
  w.settle();
  w.journal.lose_tail(3);
  for (int i = 0; i < 3; ++i) w.append("numbers-b");
  restart_actor(w.projection);
  w.settle(1s);
  CHECK(w.rows() == stored);
  CHECK(w.progress->applied == 6);
}

TEST_CASE("a view that the lost tail had not reached goes on where it was") {
  numbers_view w;
  for (int i = 0; i < 3; ++i) w.append("numbers-a");
  w.settle();
  suspend_actor(w.projection);
  w.settle();
  for (int i = 0; i < 3; ++i) w.append("numbers-b");
  w.journal.lose_tail(4);
  restart_actor(w.projection);
  w.settle(1s);
  CHECK(w.rows() == rows{{"numbers-a", 1}, {"numbers-a", 2}, {"numbers-a", 3}, {"numbers-b", 4}});
  CHECK(w.tried[1] == 1);
  CHECK(w.progress->anew_to == 0);
}

TEST_CASE("that a view is built anew is said once, with where it was") {
  numbers_view w;
  for (int i = 0; i < 5; ++i) w.append("numbers-a");
  w.settle();
  captured_log log{log_level::warning};
  w.journal.lose_tail(2);
  w.restart();
  w.settle(1s);
  w.restart();
  w.settle(1s);
  const auto text = log.text();
  const auto said = text.find("the view is built anew: it was of another history of the journal");
  REQUIRE(said != text.npos);
  CHECK(text.find("the view is built anew", said + 1) == text.npos);
  CHECK(log.has("position=5 head=2"));
}
