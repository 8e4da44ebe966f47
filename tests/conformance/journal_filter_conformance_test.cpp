// What every journal answers to reads of all its events: how far it has looked, and which events pass a filter.
#include <tests/conformance/journal_lists.hpp>

#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <algorithm>

using namespace journal_test;

namespace {

// One append with events of a stream and type, all at once, which is fast.
void write(journal& j, const std::string& stream, const std::string& type, std::uint64_t& n, int events) {
  append_request r;
  auto& w = r.writes.emplace_back(stream_write{stream, expected::any(), {}});
  for (int i = 0; i < events; ++i) w.events.push_back(event(++n, "{}", type));
  append(j, std::move(r)).value();
}

using names_list = std::vector<std::string>;

// An unfiltered read, filtered by hand.
std::vector<position> by_hand(const std::vector<recorded_event>& all, const read_all_request& r) {
  const auto has = [](const names_list& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  std::vector<position> out;
  for (const auto& e : all) {
    const bool behind = r.backwards ? r.after != 0 && e.position >= r.after : e.position <= r.after;
    if (behind || (!r.types.empty() && !has(r.types, e.type))) continue;
    if (!r.categories.empty() && !has(r.categories, category_of(e.stream))) continue;
    out.push_back(e.position);
  }
  if (r.backwards) std::reverse(out.begin(), out.end());
  return out;
}

// Page by page to the end. Each page gets further, and has nothing beyond what it says it looked at.
std::vector<position> read_to_end(journal& j, read_all_request r) {
  std::vector<position> out;
  for (;;) {
    const auto page = read_page_of(j, r).value();
    REQUIRE(page.events.size() <= r.limit);
    for (const auto& e : page.events) {
      REQUIRE((r.backwards ? e.position >= page.looked_to : e.position <= page.looked_to));
      out.push_back(e.position);
    }
    if (page.at_end) return out;
    REQUIRE((r.backwards ? r.after == 0 || page.looked_to < r.after : page.looked_to > r.after));
    r.after = page.looked_to;
  }
}

}  // namespace

TEST_CASE("A page says to which position it has looked, and whether that is the end") {
  on_every_engine([](journal& j) {
    const auto look = [&](read_all_request r) {
      const auto page = read_page_of(j, r).value();
      return std::pair{page.looked_to, page.at_end};
    };
    using seen = std::pair<position, bool>;
    CHECK(look({}) == seen{0, true});
    CHECK(look({.backwards = true}) == seen{1, true});
    std::uint64_t n = 0;
    write(j, "orders-1", "placed", n, 4);
    write(j, "carts-1", "filled", n, 3);
    CHECK(look({}) == seen{7, true});
    CHECK(look({.limit = 7}) == seen{7, true});
    CHECK(look({.limit = 6}) == seen{6, false});
    CHECK(look({.limit = 0}) == seen{0, false});
    CHECK(look({.after = 6}) == seen{7, true});
    CHECK(look({.after = 7}) == seen{7, true});
    CHECK(look({.after = -5, .limit = 1}) == seen{1, false});
    CHECK(look({.limit = 3, .categories = {"carts"}}) == seen{7, true});
    CHECK(look({.limit = 2, .categories = {"carts"}}) == seen{6, false});
    CHECK(look({.limit = 3, .categories = {"orders"}}) == seen{3, false});
    CHECK(look({.categories = {"nothing"}}) == seen{7, true});
    CHECK(look({.types = {"nothing"}}) == seen{7, true});
    CHECK(look({.after = 7, .types = {"nothing"}}) == seen{7, true});
    CHECK(look({.limit = 2, .backwards = true}) == seen{6, false});
    CHECK(look({.after = 2, .backwards = true}) == seen{1, true});
    CHECK(look({.limit = 1, .backwards = true, .types = {"placed"}}) == seen{4, false});
    CHECK(look({.backwards = true, .types = {"nothing"}}) == seen{1, true});
    CHECK(look({.after = 5, .backwards = true, .types = {"nothing"}}) == seen{1, true});
  });
}

TEST_CASE("A filter takes events of any of its categories that are of any of its types") {
  on_every_engine([](journal& j) {
    std::uint64_t n = 0;
    for (const auto* stream : {"orders-1", "orders-eu-7", "orders-eu", "order-1", "orders", "carts-1", "\xff\xff-1"}) {
      write(j, stream, "a", n, 1);
      write(j, stream, "b", n, 1);
    }
    const auto read = [&](names_list categories, names_list types) {
      return positions(read_all(j, {.categories = std::move(categories), .types = std::move(types)}).value());
    };
    CHECK(read({"orders"}, {}) == list_of{1, 2, 3, 4, 5, 6});
    CHECK(read({"order"}, {}) == list_of{7, 8});
    CHECK(read({"carts", "order"}, {}) == list_of{7, 8, 11, 12});
    CHECK(read({"\xff\xff"}, {}) == list_of{13, 14});
    CHECK(read({}, {"b"}) == list_of{2, 4, 6, 8, 10, 12, 14});
    CHECK(read({}, {"b", "a"}).size() == 14);
    CHECK(read({"orders", "orders"}, {"b", "nothing"}) == list_of{2, 4, 6});
    CHECK(read({"nothing"}, {"a"}).empty());
    const auto events = read_all(j, {.categories = {"carts"}, .types = {"b"}}).value();
    REQUIRE(events.size() == 1);
    CHECK(events[0].stream == "carts-1");
    CHECK(events[0].type == "b");
    CHECK(events[0].id == id(12));
    CHECK(events[0].version == 2);
  });
}

TEST_CASE("A filter is within its bounds") {
  on_every_engine([](journal& j) {
    const auto field_of = [&](read_all_request r) {
      const auto answer = read_all(j, std::move(r));
      REQUIRE(answer.has_error());
      CHECK(answer.error().code == code::invalid_argument);
      return answer.error().field;
    };
    CHECK(field_of({.categories = {"orders", "orders-eu"}}) == "categories[1]");
    CHECK(field_of({.categories = {""}}) == "categories[0]");
    CHECK(field_of({.types = {"a", ""}}) == "types[1]");
    CHECK(field_of({.types = {std::string(1025, 't')}}) == "types[0]");
    CHECK(field_of({.categories = names_list(1001, "c")}) == "categories");
    CHECK(field_of({.types = names_list(1001, "t")}) == "types");
    CHECK(read_all(j, {.categories = names_list(1000, "c"), .types = names_list(1000, "t")}));
  });
}

TEST_CASE("A filtered read that finds nothing in a long journal looks at a bounded part and says where to go on") {
  on_every_engine([](journal& j) {
    constexpr position length = 2 * static_cast<position>(journal_limits::looked_at) + 500;
    std::uint64_t n = 0;
    while (n < static_cast<std::uint64_t>(length)) write(j, "orders-1", "placed", n, 500);
    write(j, "carts-1", "filled", n, 1);
    for (const read_all_request& r :
         {read_all_request{.types = {"filled"}}, read_all_request{.categories = {"carts"}}}) {
      auto page = read_page_of(j, r).value();
      CHECK(page.events.empty());
      CHECK(page.looked_to == static_cast<position>(journal_limits::looked_at));
      CHECK_FALSE(page.at_end);
      CHECK(read_to_end(j, r) == list_of{length + 1});
      auto back = r;
      back.backwards = true;
      back.after = length + 1;
      page = read_page_of(j, back).value();
      CHECK(page.events.empty());
      CHECK(page.looked_to == length + 1 - static_cast<position>(journal_limits::looked_at));
      CHECK_FALSE(page.at_end);
      CHECK(read_to_end(j, back).empty());
    }
  });
}

TEST_CASE("A filtered read is an unfiltered one filtered by hand, in both directions and page by page") {
  for (const auto& engine : journal_engines()) {
    DYNAMIC_SECTION(engine.name) {
      for (std::uint64_t seed = 1; seed <= engine.property_seeds; ++seed) {
        INFO("seed " << seed);
        const temporary_folder folder;
        const auto j = engine.open(folder);
        auto random = seeded{seed};
        const auto some_of = [&](names_list from) {
          std::erase_if(from, [&](const auto&) { return random.one_in(2); });
          return from;
        };
        std::uint64_t n = 0;
        for (auto appends = random.below(60); appends > 0; --appends) {
          const auto stream = names_list{"a-1", "a-2", "b-1", "b-1-x", "plain", "c-9"}[random.below(6)];
          write(*j, stream, names_list{"t", "u", "v"}[random.below(3)], n, static_cast<int>(1 + random.below(4)));
        }
        const auto all = read_all(*j, {.limit = 10'000}).value();
        for (int question = 0; question < 20; ++question) {
          read_all_request r{.after = static_cast<position>(random.below(n + 3)),
                             .limit = 1 + random.below(20),
                             .backwards = random.one_in(2),
                             .categories = some_of({"a", "b", "c", "plain"}),
                             .types = some_of({"t", "u", "v", "w"})};
          auto wanted = by_hand(all, r);
          CAPTURE(r.after, r.limit, r.backwards, r.categories, r.types);
          REQUIRE(read_to_end(*j, r) == wanted);
          if (wanted.size() > r.limit) wanted.resize(r.limit);
          REQUIRE(positions(read_all(*j, r).value()) == wanted);
        }
      }
    }
  }
}
