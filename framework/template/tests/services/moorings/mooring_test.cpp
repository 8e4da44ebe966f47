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
  const mooring_placed first{"a1", "blue"};
  const mooring_confirmed second{"a1"};
  given<mooring>().when(place_mooring{"a1", "blue"}).then({first}).then_reply(placed);
  given<mooring>({first}).when(confirm_mooring{"a1"}).then({second}).then_reply(confirmed);
  given<mooring>({first, second}).when(confirm_mooring{"a1"}).then({}).then_reply(confirmed);
}

TEST_CASE("the same again stores nothing, and another note is refused") {
  const auto there = given<mooring>({mooring_placed{"a1", "blue"}});
  there.when(place_mooring{"a1", "blue"}).then({});
  there.when(place_mooring{"a1", "red"}).then_refused("already_placed");
}

TEST_CASE("a wrong command names its field") {
  using banyan::code;
  const std::string long_text(501, 'x');
  const auto nothing = given<mooring>();
  nothing.when(place_mooring{"", "blue"}).then_error(code::invalid_argument, "id");
  nothing.when(place_mooring{"a/1", "blue"}).then_error(code::invalid_argument, "id");
  nothing.when(place_mooring{"a1", long_text}).then_error(code::invalid_argument, "note");
  nothing.when(confirm_mooring{"a1"}).then_error(code::not_found);
}
