// Which events may be delivered, and how far the checkpoint is.
#include <banyan/pub_sub/delivery_window.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("events of different keys are delivered at once, those of one key one after the other") {
  delivery_window w{0, 10};
  CHECK(w.add(1, "a"));
  CHECK(w.add(2, "b"));
  CHECK_FALSE(w.add(3, "a"));
  CHECK_FALSE(w.add(4, "a"));
  CHECK(w.acknowledge(1) == position{3});
  CHECK(w.acknowledge(3) == position{4});
  CHECK(w.acknowledge(4) == std::nullopt);
  CHECK(w.add(5, "a"));
  CHECK(w.acknowledge(2) == std::nullopt);
}

TEST_CASE("the checkpoint stands before the oldest event that is not acknowledged") {
  delivery_window w{10, 10};
  CHECK(w.checkpoint() == 10);
  w.add(12, "a");
  w.add(15, "b");
  w.add(16, "c");
  w.read_to(20);
  CHECK(w.checkpoint() == 11);
  w.acknowledge(15);
  CHECK(w.checkpoint() == 11);
  w.acknowledge(12);
  CHECK(w.checkpoint() == 15);
  w.acknowledge(16);
  CHECK(w.checkpoint() == 20);
}

TEST_CASE("what does not concern the subscription moves the checkpoint on, and never back") {
  delivery_window w{10, 10};
  w.read_to(30);
  CHECK(w.checkpoint() == 30);
  w.read_to(20);
  CHECK(w.checkpoint() == 30);
  CHECK(w.last_read() == 30);
}

TEST_CASE("a second acknowledgement, or one of an unknown event, changes nothing") {
  delivery_window w{0, 10};
  w.add(1, "a");
  w.add(2, "a");
  CHECK(w.acknowledge(7) == std::nullopt);
  CHECK(w.acknowledge(1) == position{2});
  CHECK(w.acknowledge(1) == std::nullopt);
  CHECK(w.checkpoint() == 1);
  CHECK(w.open() == 1);
}

TEST_CASE("the free capacity is what is left, waiting events included") {
  delivery_window w{0, 2};
  CHECK(w.free_capacity() == 2);
  w.add(1, "a");
  w.add(2, "a");
  CHECK(w.free_capacity() == 0);
  w.add(3, "b");
  CHECK(w.free_capacity() == 0);
  CHECK(w.open() == 3);
  w.acknowledge(1);
  w.acknowledge(2);
  CHECK(w.free_capacity() == 1);
}
