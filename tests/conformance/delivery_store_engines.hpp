// The delivery stores that the conformance suite runs against, and calls that wait for their answer.
#pragma once

#include <tests/conformance/view_store_engines.hpp>

#include <banyan/pub_sub/delivery_store.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace delivery_test {

using namespace banyan;
using view_test::answer_of;
using view_test::epoch;
using letters = std::vector<dead_letter>;

// Where stores are kept between one and the next: a folder, or a simulated disk. New and empty when made.
class delivery_storage {
 public:
  virtual ~delivery_storage() = default;
  virtual result<std::unique_ptr<delivery_store>> open(delivery_options of) = 0;
};

struct delivery_engine {
  std::string name;
  std::function<std::unique_ptr<delivery_storage>()> make;
};
const std::vector<delivery_engine>& delivery_engines();

// Runs a test body on the empty storage of every engine.
template <class Body>
void on_every_engine(Body body) {
  for (const auto& engine : delivery_engines()) {
    DYNAMIC_SECTION(engine.name) {
      const auto storage = engine.make();
      body(*storage);
    }
  }
}

inline const delivery_options fulfilment{"orders.placed", "fulfilment"};

inline auto open_for(delivery_store& s, journal_history of, position head) {
  return answer_of<delivery_store::state>([&](auto done) { s.open({std::move(of), head}, std::move(done)); });
}
inline auto open(delivery_store& s) { return open_for(s, journal_history{epoch(1)}, 1'000'000); }
inline auto commit(delivery_store& s, delivery_change change) {
  return answer_of<delivery_store::committed>([&](auto done) { s.commit(std::move(change), std::move(done)); });
}
inline auto restart(delivery_store& s, position at, position head, std::uint8_t life = 1) {
  return answer_of<position>([&](auto done) { s.restart({journal_history{epoch(life)}, head}, at, std::move(done)); });
}
inline auto list(delivery_store& s, letter_place after = {}, std::size_t limit = 100) {
  return answer_of<letters>([&](auto done) { s.list(after, limit, std::move(done)); });
}
inline letters find(delivery_store& s, position at) {
  return answer_of<letters>([&](auto done) { s.find(at, std::move(done)); }).value();
}
inline delivery_store::summary summarize(delivery_store& s) {
  return answer_of<delivery_store::summary>([&](auto done) { s.summarize(std::move(done)); }).value();
}
inline position checkpoint(delivery_store& s) { return summarize(s).checkpoint; }

inline dead_letter letter(position at, std::string event = "e", std::string payload = "1") {
  return {at, std::move(event), "a", "numbers.added", std::move(payload), 3, "unavailable: not today"};
}
inline dead_letter listed(dead_letter d) {
  d.payload.clear();
  return d;
}
inline delivery_counts::row crashed_row(position at) { return {.at = at, .crashes = 1, .cause = "no luck"}; }

template <class T>
error failure_of(const result<T>& answer) {
  REQUIRE(answer.has_error());
  CHECK(answer.error().outcome == outcome::not_applied);
  return answer.error();
}

}  // namespace delivery_test
