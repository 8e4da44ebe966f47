// What a program promises to others, as text, and what a change of it means.
#include <tests/framework/plan/example.hpp>

#include <banyan/core/json.hpp>
#include <banyan/plan/schema.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace banyan;

namespace {

enum class state { open, closed };
BOOST_DESCRIBE_ENUM(state, open, closed)

struct line {
  std::string sku;
  std::int32_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (sku, quantity))
struct answer {
  state now = state::open;
  std::vector<line> lines;
};
BOOST_DESCRIBE_STRUCT(answer, (), (now, lines))
struct question {
  using reply = answer;
  static constexpr sent_as sent{"ask", 3};
  std::string id;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(question, (), (id, note))

struct happened {
  static constexpr std::string_view type = "things.happened";
  std::string id;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(happened, (), (id, count))
struct happened_as_read {
  std::string id;
  std::int32_t count = 0;
};
BOOST_DESCRIBE_STRUCT(happened_as_read, (), (id, count))

struct things_api {
  static constexpr std::string_view name = "things";
  using operations = banyan::operations<op<question, idempotent::always>>;
};
struct things_spec {};
struct stores_things {
  void contribute(plan& p) const {
    p.add<things_spec>("stores", "things", phase::entity)
        .read_by("a test")
        .offers(std::make_shared<events_written>(events_written{{{"things.happened", 1, &shape_of<happened>}}}));
  }
};
template <class E>
struct reads_things {
  void contribute(plan& p) const {
    p.add<things_spec>("reads", "things", phase::background)
        .read_by("a test")
        .offers(std::make_shared<events_read>(events_read{"reads.things", {{"things.happened", 1, &shape_of<E>}}}));
    p.rule(&check_event_layouts);
  }
};

struct other {
  using reply = answer;
  static constexpr sent_as sent{"ask"};
};
struct twice_api {
  static constexpr std::string_view name = "things";
  using operations = banyan::operations<op<question>, op<other>>;
};

application things() {
  return {"app", {service<things_api>(stores_things{}, plan_example::answers<question>{}, reads_things<happened>{})}};
}

// Members, in the order given.
shape record(std::vector<shape::part> parts) {
  auto s = shape::record("thing");
  s.parts = std::move(parts);
  return s;
}

schema one(shape layout, schema_entry::entry_kind kind = schema_entry::entry_kind::event) {
  if (kind == schema_entry::entry_kind::event)
    return {{kind, "e", 1, idempotent::never, {{"event", std::move(layout)}}}};
  return {{kind, "s.o", 1, idempotent::always, {{"request", std::move(layout)}, {"reply", shape::null()}}}};
}

std::string effect_of(const shape& before, const shape& now) {
  const auto changes = compare(one(before), one(now));
  return changes.empty() ? "none" : std::string{to_string(changes.at(0).effect)};
}

// Any layout, of at most `depth` levels.
shape some_shape(std::mt19937& r, int depth) {
  const auto pick = [&](int n) { return static_cast<int>(r() % static_cast<unsigned>(n)); };
  static const std::array<std::string_view, 3> names{"red", "green", "blue"};
  switch (pick(depth > 0 ? 12 : 7)) {
    case 0: return shape::null();
    case 1: return shape::boolean();
    case 2: return shape::integer(std::size_t{8} << pick(4), pick(2) == 0);
    case 3: return shape::number(pick(2) ? 32 : 64);
    case 4: return shape::text(pick(2) ? "" : "uuid");
    case 5: return shape::any();
    case 6: return shape::enumeration("colour", std::span{names}.first(static_cast<std::size_t>(1 + pick(3))));
    case 7: return shape::optional(some_shape(r, depth - 1));
    case 8: return shape::list(some_shape(r, depth - 1), static_cast<std::size_t>(pick(3)));
    case 9: return shape::map(some_shape(r, depth - 1));
    case 10: {
      auto v = shape::variant();
      for (int i = pick(3); i >= 0; --i)
        v.parts.push_back({"shop.alternative-" + std::to_string(i), true, some_shape(r, depth - 1)});
      return v;
    }
    default: {
      auto s = shape::record("thing<int>");
      for (int i = pick(4); i > 0; --i)
        s.parts.push_back({"member_" + std::to_string(i), pick(2) == 0, some_shape(r, depth - 1)});
      if (depth > 1 && pick(4) == 0) s.parts.push_back({"again", false, shape::list(shape::again(1))});
      return s;
    }
  }
}

}  // namespace

TEST_CASE("the schema of an application has its wire names, versions, stored events and layouts", "[schema]") {
  const auto text = to_text(schema_of(things()));
  CHECK(text.find("event things.happened 1\n  event: record(happened) ") == 0);
  CHECK(text.find("operation things.ask 3 always\n  request: record(question) ") != text.npos);
  CHECK(text.find("\n    note?: text\n") != text.npos);
  CHECK(text.find("\n    now: enum(state)\n      open: null\n      closed: null\n    lines: list\n      of: "
                  "record(line)\n        sku: text\n"
                  "        quantity: int32\n") != text.npos);
}

TEST_CASE("an operation whose messages are not described has a name and no layout", "[schema]") {
  CHECK(to_text(schema_of(plan_example::describe_shop())) ==
        "operation orders.get_order 1 always\noperation orders.place_order 1 never\noperation payments.charge 1 "
        "by_key\n");
}

TEST_CASE("what was written is read back, whatever the layouts are", "[schema][property]") {
  std::mt19937 r{7};
  for (int round = 0; round < 2'000; ++round) {
    auto s = one(some_shape(r, 4), round % 2 ? schema_entry::entry_kind::event : schema_entry::entry_kind::operation);
    const auto text = to_text(s);
    const auto back = parse_schema(text);
    INFO(text);
    REQUIRE(back);
    REQUIRE(to_text(*back) == text);
    REQUIRE(compare(*back, s).empty());
  }
}

TEST_CASE("every layout is read by itself", "[schema][property]") {
  std::mt19937 r{11};
  for (int round = 0; round < 2'000; ++round) {
    const auto s = some_shape(r, 4);
    REQUIRE(unreadable(s, s).empty());
    REQUIRE(unreadable(shape::any(), s).empty());
    REQUIRE(unreadable(shape::optional(s), s).empty());
  }
}

TEST_CASE("a schema that was changed by hand, or is none, is refused with its line", "[schema]") {
  const auto good = to_text(schema_of(things()));
  const auto refused = [](const std::string& text) {
    const auto r = parse_schema(text);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == code::invalid_argument);
    return r.error().message;
  };
  auto changed = good;
  changed.replace(changed.find("quantity: int32"), 15, "quantity: int64");
  CHECK(refused(changed).find("has a hash that does not fit") != std::string::npos);
  CHECK(refused("event a 1\n").find("line 1") == 0);
  CHECK(refused("event a 0\n  event: text 0").find("no name and version") != std::string::npos);
  CHECK(refused("  event: text 0\n").find("nothing that it belongs to") != std::string::npos);
  CHECK(refused("event a 1\n   event: text 0").find("steps of two") != std::string::npos);
  CHECK(refused("banana a 1\n").find("neither event nor operation") != std::string::npos);
  CHECK(refused("event a 1\n  event: banana 0000000000000000\n").find("not known") != std::string::npos);
  CHECK(refused("event a 1\n  event: list 0000000000000000\n").find("needs one line under it") != std::string::npos);
  CHECK(refused("operation a.b 1 sometimes\n").find("neither never") != std::string::npos);
  std::string deep = "event a 1\n";
  for (int i = 1; i < 100; ++i) deep += std::string(static_cast<std::size_t>(2 * i), ' ') + "of: list\n";
  CHECK(refused(deep).find("nested too deep") != std::string::npos);
  // No prefix of it, and no line less, crashes the reader.
  for (std::size_t n = 0; n < good.size(); n += 3) (void)parse_schema(std::string_view{good}.substr(0, n));
  for (std::size_t n = 0; n < good.size(); n += 3) {
    auto hole = good;
    hole.erase(n, 5);
    (void)parse_schema(hole);
  }
}

TEST_CASE("what a change of a layout means", "[schema]") {
  const auto i32 = shape::integer(32, true), i64 = shape::integer(64, true), u32 = shape::integer(32, false),
             text = shape::text();
  const auto a = record({{"a", true, i32}});
  CHECK(effect_of(a, a) == "none");
  CHECK(effect_of(a, record({{"a", true, i32}, {"b", false, text}})) == "compatible");
  CHECK(effect_of(a, record({{"a", true, i32}, {"b", true, text}})) == "breaking");        // what is stored has none
  CHECK(effect_of(record({{"a", true, i32}, {"b", true, text}}), a) == "one way");  // the version before wants it
  CHECK(effect_of(record({{"a", true, i32}, {"b", false, text}}), a) == "compatible");
  CHECK(effect_of(a, record({{"a", true, i64}})) == "one way");
  CHECK(effect_of(record({{"a", true, i64}}), a) == "breaking");
  CHECK(effect_of(a, record({{"a", true, u32}})) == "breaking");
  CHECK(effect_of(record({{"a", true, u32}}), record({{"a", true, i64}})) == "one way");
  CHECK(effect_of(a, record({{"a", true, text}})) == "breaking");
  CHECK(effect_of(a, record({{"a", false, i32}})) == "one way");
  CHECK(effect_of(record({{"a", false, i32}}), a) == "breaking");
  const std::array<std::string_view, 3> names{"red", "green", "blue"};
  const auto two = shape::enumeration("colour", std::span{names}.first(2)), three = shape::enumeration("colour", names);
  CHECK(effect_of(two, three) == "one way");
  CHECK(effect_of(three, two) == "breaking");
  CHECK(effect_of(shape::list(i32), shape::list(i64)) == "one way");
  CHECK(effect_of(shape::list(i32, 3), shape::list(i32)) == "one way");
  CHECK(effect_of(shape::text("uuid"), text) == "one way");
  CHECK(effect_of(text, shape::text("uuid")) == "breaking");
  CHECK(effect_of(shape::integer(32, true), shape::number(64)) == "one way");
}

TEST_CASE("what a change of the list of operations and events means", "[schema]") {
  const auto before = schema_of(things());
  auto now = before;
  now.erase(now.begin());
  CHECK(compare(before, now).at(0).effect == schema_change::effect_kind::breaking);
  CHECK(to_string(compare(before, now).at(0)) ==
        "breaking    event things.happened 1: is gone: what was stored of it can not be read");
  CHECK(compare(now, before).at(0).effect == schema_change::effect_kind::compatible);
  now = before;
  now.back().how = idempotent::never;
  CHECK(compare(before, now).at(0).effect == schema_change::effect_kind::breaking);
  CHECK(compare(now, before).at(0).effect == schema_change::effect_kind::compatible);
  now.back().messages.clear();
  CHECK(compare(before, now).size() == 2);
}

TEST_CASE("an event that is read in a layout that does not fit the written one is a problem of the application",
          "[schema]") {
  CHECK(check(things()).empty());
  const application wrong{
      "app",
      {service<things_api>(stores_things{}, plan_example::answers<question>{}, reads_things<happened_as_read>{})}};
  const auto problems = check(wrong);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "things.reads.things");
  CHECK(problems[0].sentence == "reads things.happened v1, but not as it is written: count: int64 is read as int32");
}

TEST_CASE("two operations of one wire name are a problem", "[schema]") {
  const auto p = service<twice_api>(plan_example::answers<question>{}, plan_example::answers<other>{.name = "other"});
  CHECK(plan_example::mentions(p.check(), "things.ask", "lists two operations of this name"));
}
