// One reader of the journal for all who follow it: what they get is what they would read themselves.
#include <tests/conformance/journal_calls.hpp>

#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_feed.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace journal_test;

namespace {

using names_list = std::vector<std::string>;

std::vector<position> positions(const std::vector<recorded_event>& events) {
  std::vector<position> out;
  for (const auto& e : events) out.push_back(e.position);
  return out;
}

// A follower that asks again as soon as it is answered, until the end.
struct follower {
  void ask(journal& feed) {
    auto mine = request;
    mine.after = at;
    asked = true;
    feed.read_all(mine, [this](result<read_page> page) {
      asked = false;
      is_at_end = page.value().at_end;
      REQUIRE((page->looked_to > at || is_at_end));
      for (const auto& e : page->events) {
        REQUIRE(e.position > at);
        REQUIRE(e.position <= page->looked_to);
        seen.push_back(e.position);
      }
      REQUIRE(page->events.size() <= request.limit);
      at = page->looked_to;
    });
  }
  read_all_request request;
  position at = 0;
  bool asked = false, is_at_end = false;
  std::vector<position> seen;
};

struct world {
  explicit world(journal_feed::options o = {}) : feed{std::make_shared<journal_feed>(inner, o)} {}
  void write(const std::string& stream, std::string type = "t", std::size_t bytes = 2) {
    append(inner, to(stream, expected::any(), {event(++n, std::string(bytes, 'x'), std::move(type))})).value();
  }
  std::uint64_t n = 0;
  memory_journal inner;
  std::shared_ptr<journal_feed> feed;
};

}  // namespace

TEST_CASE("the ring finds what lies between its ends, and nothing before or after them") {
  feed_ring ring{{.events = 4}};
  CHECK(ring.find({})->events.empty());
  CHECK(ring.find({})->looked_to == 0);
  CHECK_FALSE(ring.find({.after = 1}));
  ring.restart(10);
  CHECK_FALSE(ring.find({.after = 9}));
  read_page page;
  for (position p = 11; p <= 16; ++p) {
    page.events.emplace_back().position = p;
    page.events.back().stream = p % 2 ? "odd-1" : "even-1";
  }
  page.looked_to = 16;
  ring.append(std::move(page));
  CHECK(ring.begins() == 12);
  CHECK(ring.ends() == 16);
  CHECK(ring.held() == 4);
  CHECK_FALSE(ring.find({.after = 11}));
  CHECK_FALSE(ring.find({.after = 17}));
  const auto look = [&](read_all_request r) {
    const auto found = ring.find(r).value();
    std::vector<position> out;
    for (const auto& e : found.events) out.push_back(e->position);
    return std::pair{out, found.looked_to};
  };
  using seen = std::pair<std::vector<position>, position>;
  CHECK(look({.after = 12}) == seen{{13, 14, 15, 16}, 16});
  CHECK(look({.after = 12, .limit = 2}) == seen{{13, 14}, 14});
  CHECK(look({.after = 14, .limit = 2}) == seen{{15, 16}, 16});
  CHECK(look({.after = 12, .categories = {"even"}}) == seen{{14, 16}, 16});
  CHECK(look({.after = 12, .limit = 1, .categories = {"odd"}}) == seen{{13}, 13});
  CHECK(look({.after = 12, .categories = {"none"}}) == seen{{}, 16});
  CHECK(look({.after = 16}) == seen{{}, 16});
  ring.restart(40);
  CHECK(ring.held() == 0);
  CHECK_FALSE(ring.find({.after = 16}));
}

TEST_CASE("the ring is bounded in bytes as well, and holds one event of any size") {
  feed_ring ring{{.events = 100, .bytes = 10}};
  auto put = [&, p = position{0}](std::size_t bytes) mutable {
    read_page page;
    page.events.emplace_back().position = ++p;
    page.events.back().payload = std::string(bytes, 'x');
    page.looked_to = p;
    ring.append(std::move(page));
  };
  put(4);
  put(6);
  CHECK(ring.held() == 2);
  put(1);
  CHECK(ring.begins() == 1);
  put(50);
  CHECK(ring.held() == 1);
  CHECK(ring.begins() == 3);
}

TEST_CASE("the journal is paged once for all who follow it") {
  world w{{.page = 10}};
  for (int i = 0; i < 100; ++i) w.write("orders-1");
  std::vector<follower> followers(5);
  for (bool all = false; !all;) {
    all = true;
    for (auto& f : followers) {
      if (!f.is_at_end) f.ask(*w.feed);
      all = all && f.is_at_end;
    }
  }
  for (const auto& f : followers) CHECK(f.seen.size() == 100);
  CHECK(w.feed->counted().pages <= 10 + followers.size());
  CHECK(w.feed->counted().behind == 0);
}

TEST_CASE("followers at the end wait for one page and all get it, each by its own filter") {
  memory_journal inner{{.executor = memory_journal::by_hand}};
  const auto feed = std::make_shared<journal_feed>(inner);
  for (std::uint64_t i = 1; i <= 4; ++i)
    inner.append(to(i % 2 ? "odd-1" : "even-1", expected::any(), {event(i)}), [](result<append_result>) {});
  inner.step();
  std::vector<follower> followers(3);
  followers[1].request.categories = {"even"};
  followers[2].request.limit = 1;
  for (auto& f : followers) f.ask(*feed);
  CHECK(feed->counted().pages == 1);
  CHECK(followers[0].asked);
  inner.step();
  CHECK(followers[0].seen == std::vector<position>{1, 2, 3, 4});
  CHECK(followers[0].is_at_end);
  CHECK(followers[1].seen == std::vector<position>{2, 4});
  CHECK(followers[1].is_at_end);
  CHECK(followers[2].seen == std::vector<position>{1});
  CHECK_FALSE(followers[2].is_at_end);
  CHECK(feed->counted().pages == 1);
}

TEST_CASE("a follower behind the ring reads the journal itself until it has caught up") {
  world w{{.ring = {.events = 10}, .page = 10}};
  for (int i = 0; i < 100; ++i) w.write("orders-1");
  follower ahead, behind;
  ahead.at = 95;
  ahead.ask(*w.feed);
  CHECK(ahead.seen.size() == 5);
  behind.request.limit = 20;
  while (!behind.is_at_end) behind.ask(*w.feed);
  CHECK(behind.seen.size() == 100);
  CHECK(w.feed->counted().behind == 5);
  w.write("orders-1");
  const auto pages = w.feed->counted().pages;
  ahead.ask(*w.feed);
  behind.ask(*w.feed);
  CHECK(behind.seen.size() == 101);
  CHECK(w.feed->counted().pages == pages + 1);
}

TEST_CASE("an error of the journal is told to all who wait for the page, and the next read tries again") {
  struct failing final : journal_decorator {
    using journal_decorator::journal_decorator;
    void read_all(read_all_request r, completion<read_page> done) override {
      if (is_away) return held.push_back(std::move(done));
      journal_decorator::read_all(std::move(r), std::move(done));
    }
    bool is_away = true;
    std::vector<completion<read_page>> held;
  };
  memory_journal inner;
  append(inner, to("s", expected::any(), {event(1)})).value();
  failing port{inner};
  const auto feed = std::make_shared<journal_feed>(port);
  int told = 0;
  for (int i = 0; i < 3; ++i)
    feed->read_all({}, [&](result<read_page> r) { told += r.error().code == code::unavailable; });
  REQUIRE(port.held.size() == 1);
  port.held[0](error{code::unavailable, "away"});
  CHECK(told == 3);
  port.is_away = false;
  CHECK(positions(read_all(*feed).value()) == std::vector<position>{1});
}

TEST_CASE("so many may wait for a page, and one more is refused") {
  memory_journal inner{{.executor = memory_journal::by_hand}};
  const auto feed = std::make_shared<journal_feed>(inner, journal_feed::options{.waiting = 2});
  int told = 0, refused = 0;
  for (int i = 0; i < 3; ++i) feed->read_all({}, [&](result<read_page> r) { ++(r ? told : refused); });
  CHECK(refused == 1);
  inner.step();
  CHECK(told == 2);
}

TEST_CASE("what is no following is passed on as it is") {
  world w;
  for (int i = 0; i < 3; ++i) w.write("orders-1");
  CHECK(positions(read_all(*w.feed, {.backwards = true}).value()) == std::vector<position>{3, 2, 1});
  CHECK(read_all(*w.feed, {.part = 1}).error().reason == "no_such_partition");
  CHECK(read_all(*w.feed, {.limit = 10'001}).error().code == code::invalid_argument);
  CHECK(info(*w.feed).value().head == 3);
  CHECK(w.feed->counted().pages == 0);
}

TEST_CASE(
    "whatever is appended and whoever asks in between, each follower sees what its filter takes, once and in order") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    auto random = seeded{seed};
    world w{{.ring = {.events = 1 + random.below(30), .bytes = 1 + random.below(400)}, .page = 1 + random.below(10)}};
    std::vector<follower> followers(1 + random.below(4));
    for (auto& f : followers) {
      f.request.limit = 1 + random.below(12);
      if (random.one_in(2)) f.request.categories = names_list{names_list{"a", "b"}[random.below(2)]};
      if (random.one_in(2)) f.request.types = names_list{names_list{"t", "u"}[random.below(2)]};
    }
    for (int step = 0; step < 200; ++step) {
      if (random.one_in(2))
        w.write(names_list{"a-1", "a-2", "b-1", "c"}[random.below(4)], names_list{"t", "u", "v"}[random.below(3)],
                random.below(60));
      else
        followers[random.below(followers.size())].ask(*w.feed);
    }
    for (auto& f : followers) {
      for (f.is_at_end = false; !f.is_at_end;) f.ask(*w.feed);
      std::vector<position> wanted;
      for (const auto& e : w.inner.log()) {
        const auto has = [](const names_list& list, std::string_view name) {
          return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
        };
        if (has(f.request.types, e.type) && has(f.request.categories, category_of(e.stream)))
          wanted.push_back(e.position);
      }
      REQUIRE(f.seen == wanted);
      REQUIRE(f.at == static_cast<position>(w.n));
    }
  }
}
