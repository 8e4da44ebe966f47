// The kit must pass what is right, refuse what is wrong, and say what differs.
#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include <functional>

using namespace banyan;
using test_kit::expectation_failed;
using test_kit::given;

namespace {

struct level {
  std::int64_t now = 0;
};
BOOST_DESCRIBE_STRUCT(level, (), (now))
struct empty_reply {};
BOOST_DESCRIBE_STRUCT(empty_reply, (), ())

struct pour {
  using reply = level;
  std::int64_t litres = 0;
};
BOOST_DESCRIBE_STRUCT(pour, (), (litres))
struct look {
  using reply = empty_reply;
};
BOOST_DESCRIBE_STRUCT(look, (), ())

struct poured {
  static constexpr stored_as stored{"tank.poured", 1};
  std::int64_t litres = 0;
  instant at;
  uuid id;
};
BOOST_DESCRIBE_STRUCT(poured, (), (litres, at, id))

struct loss {
  std::int64_t litres = 0;
};
struct leaked : loss {  // forgets a member in its description, where the compiler does not see it
  static constexpr stored_as stored{"tank.leaked", 1};
};
BOOST_DESCRIBE_STRUCT(leaked, (), ())

struct tank {
  using command = std::variant<pour, look>;
  using event = std::variant<poured, leaked>;
  struct state {
    std::int64_t litres = 0;
  };
  static decision<tank> decide(const state& s, const command& c, const decision_context& ctx) {
    if (std::get_if<look>(&c)) return accept<tank>({}, empty_reply{});
    auto& p = std::get<pour>(c);
    if (p.litres < 0) return error{code::invalid_argument, "less than nothing"}.at("litres");
    if (s.litres + p.litres > 10) return refuse("full", "it holds ten litres");
    return accept<tank>({poured{p.litres, ctx.now, ctx.id(0)}}, level{s.litres + p.litres});
  }
  static void evolve(state& s, const event& e) {
    if (auto* p = std::get_if<poured>(&e)) s.litres += p->litres;
    if (auto* l = std::get_if<leaked>(&e)) s.litres -= l->litres;
  }
};
BOOST_DESCRIBE_STRUCT(tank::state, (), (litres))

const instant today{std::chrono::sys_days{std::chrono::May / 5 / 2026}};
const uuid command_id = uuid_from_name("test", "1");
poured event(std::int64_t n) { return {n, today, derive(command_id, 0, "id")}; }
auto tank_with(std::vector<tank::event> history) { return given<tank>(history).at(today).as_command(command_id); }

std::string failure_of(const std::function<void()>& expectation) {
  try {
    expectation();
  } catch (const expectation_failed& e) {
    return e.what();
  }
  return "it held";
}

}  // namespace

TEST_CASE("what holds passes, and expectations can be chained") {
  tank_with({event(3)}).when(pour{4}).then({event(4)}).then_reply(level{7}).then_state({7});
  tank_with({event(3)}).when(pour{8}).then_refused("full");
  tank_with({}).when(pour{-1}).then_error(code::invalid_argument, "litres").then_error(code::invalid_argument);
  tank_with({}).when(look{}).then({}).then_reply(empty_reply{});
}

TEST_CASE("an event that differs is shown member by member") {
  auto text = failure_of([] { tank_with({}).when(pour{4}).then({event(5)}); });
  CHECK(text.find("the events differ (- expected, + actual)\n- [0].tank.poured.litres = 5\n+ [0].tank.poured.litres = 4\n") == 0);
  CHECK(text.find("\n  [0].tank.poured.at = \"2026-05-05T00:00:00Z\"") != std::string::npos);
}

TEST_CASE("missing and additional events, and another order, are told") {
  CHECK(failure_of([] { tank_with({}).when(pour{4}).then({}); }).find("+ [0].tank.poured.litres = 4") != std::string::npos);
  CHECK(failure_of([] { tank_with({}).when(look{}).then({event(1)}); }).find("- [0].tank.poured.litres = 1") != std::string::npos);
}

TEST_CASE("a reply of another value or another type fails") {
  CHECK(failure_of([] { tank_with({}).when(pour{4}).then_reply(level{5}); }) ==
        "the reply differs (- expected, + actual)\n- now = 5\n+ now = 4\n");
  CHECK(failure_of([] { tank_with({}).when(pour{4}).then_reply(empty_reply{}); }).find("{\"now\":4}") != std::string::npos);
}

TEST_CASE("accepted instead of refused, refused instead of accepted, and refused for another reason fail") {
  CHECK(failure_of([] { tank_with({}).when(pour{4}).then_refused("full"); }).find("actual: accepted, with the reply {\"now\":4}") !=
        std::string::npos);
  CHECK(failure_of([] { tank_with({}).when(pour{11}).then({}); }) == "expected: accepted\n  actual: refused (full): it holds ten litres");
  CHECK(failure_of([] { tank_with({}).when(pour{11}).then_refused("empty"); }).find("expected: refused (empty)") == 0);
  CHECK(failure_of([] { tank_with({}).when(pour{-1}).then_refused("full"); }) != "it held");
  CHECK(failure_of([] { tank_with({}).when(pour{-1}).then_error(code::not_found); }) != "it held");
  CHECK(failure_of([] { tank_with({}).when(pour{-1}).then_error(code::invalid_argument, "size"); }).find("at litres") != std::string::npos);
}

TEST_CASE("an event that loses a member in its JSON is applied as a journal would give it back") {
  CHECK(failure_of([] { tank_with({event(3), leaked{2}}).when(pour{0}).then_state({1}); }) ==
        "the state differs (- expected, + actual)\n- litres = 1\n+ litres = 3\n");
}

TEST_CASE("a scenario can be asked again") {
  auto s = tank_with({event(3)});
  s.when(pour{4}).then_reply(level{7});
  s.when(pour{5}).then_reply(level{8});
}

namespace {

// A tank whose check needs no state.
struct checked_tank : tank {
  static result<void> validate(const command& c) {
    auto* p = std::get_if<pour>(&c);
    if (p && p->litres == 0) return error{code::invalid_argument, "nothing to pour"}.at("litres");
    return {};
  }
  static decision<checked_tank> decide(const state& s, const command& c, const decision_context&) {
    auto* p = std::get_if<pour>(&c);
    if (!p) return accept<checked_tank>({}, empty_reply{});
    if (p->litres == 0) throw std::logic_error{"it was not checked"};
    return accept<checked_tank>({}, level{s.litres});
  }
};
struct unchecked_tank : tank {
  static result<void> validate(const state& s, const command& c);  // not the signature of a check
};
static_assert(has_validate<checked_tank> && !has_validate<tank>);
static_assert(aggregate<checked_tank> && aggregate<tank> && !checks_commands_if_at_all<unchecked_tank>);

}  // namespace

TEST_CASE("a command that does not pass the aggregate's own check is refused before it is decided") {
  given<checked_tank>().when(pour{0}).then_error(code::invalid_argument, "litres");
  given<checked_tank>().when(pour{1}).then({}).then_reply(level{0});
}
