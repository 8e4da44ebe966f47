// Which page is read before it is asked for, and who is answered with it.
#include <banyan/engines/sqlite/journal_read_ahead.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using sqlite::journal_read_ahead;

namespace {

read_all_request from(position after, std::string category = {}) {
  read_all_request r{.after = after, .limit = 10};
  if (!category.empty()) r.categories.push_back(std::move(category));
  return r;
}

// The ten events behind `after`.
read_page page(position after, bool at_end = false) {
  read_page p{{}, after + 10, at_end};
  for (int i = 1; i <= 10; ++i) p.events.emplace_back().position = after + i;
  return p;
}

struct asked {
  bool is_answered = false;
  result<read_page> answer = read_page{};
  completion<read_page> done() {
    return [this](result<read_page> r) {
      is_answered = true;
      answer = std::move(r);
    };
  }
};

// Whether the request was taken, and what is to be read ahead then. An answer that is there is given.
struct taken {
  taken(journal_read_ahead& ahead, const read_all_request& request, asked& who) {
    auto done = who.done();
    journal_read_ahead::todo then;
    is_taken = ahead.take(request, done, then);
    if (is_taken) then.answer(std::move(then.page));
    if (!then.read.empty()) next = then.read.front().after;
    who.is_answered = who.is_answered && is_taken;  // `done` answers when it is dropped
  }
  bool is_taken = false;
  position next = 0;
};

std::vector<position> positions(const std::vector<read_all_request>& requests) {
  std::vector<position> all;
  for (const auto& r : requests) all.push_back(r.after);
  return all;
}

// Two pages in a row were read: the third, behind 20, is to be read ahead.
void begin(journal_read_ahead& ahead) {
  CHECK(ahead.was_read(from(0), page(0)).empty());
  CHECK(positions(ahead.was_read(from(10), page(10))) == std::vector<position>{20});
}

}  // namespace

TEST_CASE("two pages in a row are a sequence, one is none, and neither are two of different filters") {
  journal_read_ahead ahead;
  begin(ahead);
  journal_read_ahead other;
  CHECK(other.was_read(from(0, "orders"), page(0)).empty());
  CHECK(other.was_read(from(10, "carts"), page(10)).empty());
  CHECK(other.was_read(from(30, "carts"), page(30)).empty());
  auto backwards = from(0);
  backwards.backwards = true;
  CHECK(other.was_read(backwards, page(0)).empty());
}

TEST_CASE("a page that was read ahead answers its request at once, and the next one is read") {
  journal_read_ahead ahead;
  begin(ahead);
  CHECK(ahead.read_ahead(from(20), page(20)).read.empty());
  asked who;
  const taken t{ahead, from(20), who};
  CHECK(t.is_taken);
  CHECK(t.next == 30);
  REQUIRE(who.is_answered);
  CHECK(who.answer->events.front().position == 21);
  asked again;
  CHECK_FALSE(taken{ahead, from(20), again}.is_taken);
}

TEST_CASE("a request for a page that is being read waits for it, a second one does not") {
  journal_read_ahead ahead;
  begin(ahead);
  asked first, second;
  CHECK(taken{ahead, from(20), first}.is_taken);
  CHECK_FALSE(first.is_answered);
  CHECK_FALSE(taken{ahead, from(20), second}.is_taken);
  auto then = ahead.read_ahead(from(20), page(20));
  then.answer(std::move(then.page));
  CHECK(first.is_answered);
  CHECK(first.answer->looked_to == 30);
  CHECK_FALSE(then.is_stale);
  CHECK(positions(then.read) == std::vector<position>{30});
}

TEST_CASE("the last page is not kept: there may be more when it is asked for") {
  journal_read_ahead ahead;
  begin(ahead);
  ahead.read_ahead(from(20), page(20, true));
  asked who;
  CHECK_FALSE(taken{ahead, from(20), who}.is_taken);
}

TEST_CASE("whoever waits for a page is told the error, and the page is read anew when it is asked for again") {
  journal_read_ahead ahead;
  begin(ahead);
  asked who;
  CHECK(taken{ahead, from(20), who}.is_taken);
  auto then = ahead.read_ahead(from(20), error{code::exhausted, "the queue is full"});
  then.answer(std::move(then.page));
  CHECK(who.answer.error().code == code::exhausted);
  CHECK(then.read.empty());
  asked again;
  CHECK_FALSE(taken{ahead, from(20), again}.is_taken);
}

TEST_CASE("another sequence takes the place of one whose page nobody waits for") {
  journal_read_ahead ahead;
  begin(ahead);
  CHECK(ahead.was_read(from(100), page(100)).empty());
  CHECK(positions(ahead.was_read(from(110), page(110))) == std::vector<position>{120});
  CHECK(ahead.read_ahead(from(20), page(20)).read.empty());  // too late
  asked old, now;
  CHECK_FALSE(taken{ahead, from(20), old}.is_taken);
  ahead.read_ahead(from(120), page(120));
  CHECK(taken{ahead, from(120), now}.is_taken);
}

// The event may have been stored after the page was read, and before it was asked for.
TEST_CASE("the last page is read once more for a request that came while it was read") {
  journal_read_ahead ahead;
  begin(ahead);
  asked who;
  CHECK(taken{ahead, from(20), who}.is_taken);
  auto then = ahead.read_ahead(from(20), page(20, true));
  CHECK(then.is_stale);
  CHECK(then.answer);
  then.answer(page(20, true));
}

TEST_CASE("several pages are read at once, since positions have no gaps") {
  journal_read_ahead ahead{3};
  ahead.was_read(from(0), page(0));
  CHECK(positions(ahead.was_read(from(10), page(10))) == std::vector<position>{20, 30, 40});

  SECTION("they are given in their order, whichever is read first") {
    CHECK(ahead.read_ahead(from(30), page(30)).read.empty());
    asked first, second;
    CHECK(taken{ahead, from(20), first}.is_taken);
    CHECK_FALSE(first.is_answered);
    auto then = ahead.read_ahead(from(20), page(20));
    then.answer(std::move(then.page));
    CHECK(first.answer->looked_to == 30);
    CHECK(positions(then.read) == std::vector<position>{50});
    const taken t{ahead, from(30), second};
    CHECK(second.is_answered);
    CHECK(second.answer->looked_to == 40);
    CHECK(t.next == 60);
  }
  SECTION("a page that its bytes end is followed by another one than was presumed") {
    auto shorter = page(20);
    shorter.events.resize(4);
    shorter.looked_to = 24;
    CHECK(positions(ahead.read_ahead(from(20), std::move(shorter)).read) == std::vector<position>{24, 34});
    CHECK(ahead.read_ahead(from(30), page(30)).read.empty());
    asked who;
    const taken t{ahead, from(20), who};
    CHECK(who.answer->looked_to == 24);
    CHECK(t.next == 44);
  }
  SECTION("none is kept behind the last one") {
    ahead.read_ahead(from(40), page(40));
    CHECK(ahead.read_ahead(from(30), page(30, true)).read.empty());
    CHECK(positions(ahead.read_ahead(from(20), page(20)).read) == std::vector<position>{30, 40});
    asked first, second;
    CHECK(taken{ahead, from(20), first}.is_taken);
    CHECK(first.is_answered);
    CHECK(taken{ahead, from(30), second}.is_taken);
    CHECK_FALSE(second.is_answered);
  }
}

TEST_CASE("filtered pages are read one after the other: only the last one tells where the next one begins") {
  journal_read_ahead ahead{3};
  ahead.was_read(from(0, "orders"), page(0));
  CHECK(positions(ahead.was_read(from(10, "orders"), page(10))) == std::vector<position>{20});
  CHECK(positions(ahead.read_ahead(from(20, "orders"), page(20)).read) == std::vector<position>{30});
}
