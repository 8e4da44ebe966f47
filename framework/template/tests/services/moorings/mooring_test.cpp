// banyan: file event_sourcing
// The rules of the aggregate, without actors, journal and clock.
#include <services/moorings/mooring.hpp>

#include <tests/catch.hpp>

#include <banyan/test_kit/given_when_then.hpp>

using namespace harbour::moorings;
using banyan::test_kit::given;

TEST_CASE("what is placed is stored, and confirmed once") {
  const mooring_record placed{"a1", "blue", mooring_status::placed};
  const mooring_record confirmed{"a1", "blue", mooring_status::confirmed};
  given<mooring>().when(place_mooring{"a1", "blue"}).then({mooring_placed{"a1", "blue"}}).then_reply(placed);

  const auto there = given<mooring>({mooring_placed{"a1", "blue"}});
  there.when(confirm_mooring{"a1"}).then({mooring_confirmed{"a1"}}).then_reply(confirmed);

  const auto done = given<mooring>({mooring_placed{"a1", "blue"}, mooring_confirmed{"a1"}});
  done.when(confirm_mooring{"a1"}).then({}).then_reply(confirmed);
}

TEST_CASE("the same again stores nothing, and another note is refused") {
  const auto there = given<mooring>({mooring_placed{"a1", "blue"}});
  there.when(place_mooring{"a1", "blue"}).then({});
  there.when(place_mooring{"a1", "red"}).then_refused("already_placed");
}

TEST_CASE("a wrong command names its field") {
  const std::string long_text(501, 'x');
  given<mooring>().when(place_mooring{"", "blue"}).then_error(banyan::code::invalid_argument, "id");
  given<mooring>().when(place_mooring{"a/1", "blue"}).then_error(banyan::code::invalid_argument, "id");
  given<mooring>().when(place_mooring{"a1", long_text}).then_error(banyan::code::invalid_argument, "note");
  given<mooring>().when(confirm_mooring{"a1"}).then_error(banyan::code::not_found);
}
