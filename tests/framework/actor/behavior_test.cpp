#include <banyan/actor/control.hpp>

#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <utility>

using namespace banyan;

namespace {

struct idle : actor {
  behavior make_behavior() override { return {}; }
};

template <int I>
struct numbered {};

template <int... I>
behavior with_handlers(std::integer_sequence<int, I...>) {
  behavior b;
  (b.add_handler<numbered<I>>([](const numbered<I>&) {}), ...);
  return b;
}

struct known {};
struct unknown {};

// As an actor does with a message.
void call(behavior& b, message_ptr m) {
  test::stepped s;
  auto* handler = b.find(m->type);
  REQUIRE(handler);
  post_work(s.spawn<idle>(), [&](actor_host& host) { handler->invoke(host, m); });
  s.run();
}

}  // namespace

TEST_CASE("every message type finds its own handler, however many there are", "[behavior]") {
  auto b = with_handlers(std::make_integer_sequence<int, 60>{});
  std::set<const detail::handler*> found;
  [&]<int... I>(std::integer_sequence<int, I...>) { (found.insert(b.find(type_of<numbered<I>>())), ...); }
  (std::make_integer_sequence<int, 60>{});
  CHECK(found.size() == 60);
  CHECK(found.count(nullptr) == 0);
  CHECK(b.find(type_of<unknown>()) == nullptr);
}

TEST_CASE("an empty behaviour finds nothing", "[behavior]") {
  CHECK(behavior{}.find(type_of<known>()) == nullptr);
}

TEST_CASE("the fallback gets what has no handler", "[behavior]") {
  auto only = behavior{}.otherwise([](message_ptr&) {});
  CHECK(only.find(type_of<unknown>()) != nullptr);
  auto both = behavior{}.on<known>([](const known&) {}).otherwise([](message_ptr&) {});
  CHECK(both.find(type_of<known>()) != nullptr);
  CHECK(both.find(type_of<unknown>()) != nullptr);
  CHECK(both.find(type_of<known>()) != both.find(type_of<unknown>()));
}

TEST_CASE("a second handler for a type replaces the first, among few and among many", "[behavior]") {
  for (const bool many : {false, true}) {
    std::string heard;
    auto b = many ? with_handlers(std::make_integer_sequence<int, 20>{}) : behavior{};
    b.add_message_handler(type_of<known>(), [&heard](message_ptr&) { heard += "first "; });
    call(b, make_message<known>());
    b.add_message_handler(type_of<known>(), [&heard](message_ptr&) { heard += "second"; });
    call(b, make_message<known>());
    CHECK(heard == "first second");
  }
}

TEST_CASE("what a handler has captured lives as long as the behaviour, and no longer", "[behavior]") {
  const auto large = std::make_shared<int>(0);
  {
    auto b = with_handlers(std::make_integer_sequence<int, 2>{});
    b.add_message_handler(type_of<known>(), [large](message_ptr&) { ++*large; });
    b.add_message_handler(type_of<unknown>(), [large](message_ptr&) { *large += 10; });
    auto moved = std::move(b);
    for (int more = 0; more < 2; ++more) {
      call(moved, make_message<known>());
      call(moved, make_message<unknown>());
    }
    CHECK(*large == 22);
    moved.add_message_handler(type_of<known>(), [](message_ptr&) {});
    CHECK(large.use_count() == 2);
  }
  CHECK(large.use_count() == 1);
}
