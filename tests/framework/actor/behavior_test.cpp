#include <banyan/actor/behavior.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <utility>

using namespace banyan;

namespace {

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

TEST_CASE("a second handler for a type replaces the first", "[behavior]") {
  auto b = behavior{}.on<known>([](const known&) {});
  auto* first = b.find(type_of<known>());
  b.add_message_handler(type_of<known>(), [](message_ptr&) {});
  CHECK(b.find(type_of<known>()) != nullptr);
  CHECK(b.find(type_of<known>()) != first);
}
