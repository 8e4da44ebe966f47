// What an entity remembers of its commands: the newest so many, each found by its id, whether they are few or have an
// index.
#include <banyan/event_sourcing/known_commands.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

uuid id_of(std::size_t n) { return uuid_from_name("command", std::to_string(n)); }

known_commands::command command(std::size_t n) { return {id_of(n), n, "reply " + std::to_string(n)}; }

// Exactly those from `first` to before `end` are known.
void check_known(const known_commands& known, std::size_t first, std::size_t end) {
  CHECK(known.size() == end - first);
  for (std::size_t n = 0; n < first; ++n) CHECK_FALSE(known.find(id_of(n)));
  for (std::size_t n = first; n < end; ++n) {
    const auto* found = known.find(id_of(n));
    REQUIRE(found);
    CHECK(found->fingerprint == n);
    CHECK(found->reply == "reply " + std::to_string(n));
  }
  CHECK_FALSE(known.find(id_of(end)));
}

}  // namespace

TEST_CASE("a command is known by its id, among few and among many", "[known_commands]") {
  known_commands known;
  CHECK(known.empty());
  for (std::size_t n = 0; n < 3 * known_commands::few; ++n) {
    check_known(known, 0, n);
    known.remember(command(n));
  }
  CHECK_FALSE(known.empty());
}

TEST_CASE("beyond the most, each new command displaces the oldest", "[known_commands]") {
  known_commands known;
  const auto end = 2 * known_commands::most + 5;
  for (std::size_t n = 0; n < end; ++n) known.remember(command(n));
  check_known(known, end - known_commands::most, end);
}

TEST_CASE("a known command that is remembered again takes its own place", "[known_commands]") {
  for (const auto count : {known_commands::few, known_commands::most}) {
    known_commands known;
    for (std::size_t n = 0; n < count; ++n) known.remember(command(n));
    known.remember({id_of(0), 7, "another"});
    CHECK(known.size() == count);
    REQUIRE(known.find(id_of(0)));
    CHECK(known.find(id_of(0))->fingerprint == 7);
    CHECK(known.find(id_of(0))->reply == "another");
  }
}

TEST_CASE("what is cleared is forgotten, and others are remembered after it", "[known_commands]") {
  known_commands known;
  for (std::size_t n = 0; n < known_commands::most + 1; ++n) known.remember(command(n));
  known.clear();
  CHECK(known.empty());
  check_known(known, 0, 0);
  for (std::size_t n = 0; n < known_commands::few + 1; ++n) known.remember(command(n));
  check_known(known, 0, known_commands::few + 1);
}
