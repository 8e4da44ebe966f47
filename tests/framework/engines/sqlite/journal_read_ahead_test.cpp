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
    if (then.read) next = then.read->after;
    who.is_answered = who.is_answered && is_taken;  // `done` answers when it is dropped
  }
  bool is_taken = false;
  position next = 0;
};

// Two pages in a row were read: the third, behind 20, is to be read ahead.
void begin(journal_read_ahead& ahead) {
  CHECK_FALSE(ahead.was_read(from(0), page(0)));
  const auto next = ahead.was_read(from(10), page(10));
  REQUIRE(next);
  CHECK(next->after == 20);
}

}  // namespace

TEST_CASE("two pages in a row are a sequence, one is none, and neither are two of different filters") {
  journal_read_ahead ahead;
  begin(ahead);
  journal_read_ahead other;
  CHECK_FALSE(other.was_read(from(0, "orders"), page(0)));
  CHECK_FALSE(other.was_read(from(10, "carts"), page(10)));
  CHECK_FALSE(other.was_read(from(30, "carts"), page(30)));
  auto backwards = from(0);
  backwards.backwards = true;
  CHECK_FALSE(other.was_read(backwards, page(0)));
}

TEST_CASE("a page that was read ahead answers its request at once, and the next one is read") {
  journal_read_ahead ahead;
  begin(ahead);
  CHECK_FALSE(ahead.read_ahead(from(20), page(20)).read);
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
  REQUIRE(then.read);
  CHECK(then.read->after == 30);
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
  CHECK_FALSE(then.read);
  asked again;
  CHECK_FALSE(taken{ahead, from(20), again}.is_taken);
}

TEST_CASE("another sequence takes the place of one whose page nobody waits for") {
  journal_read_ahead ahead;
  begin(ahead);
  CHECK_FALSE(ahead.was_read(from(100), page(100)));
  CHECK(ahead.was_read(from(110), page(110)));
  CHECK_FALSE(ahead.read_ahead(from(20), page(20)).read);  // too late
  asked old, now;
  CHECK_FALSE(taken{ahead, from(20), old}.is_taken);
  ahead.read_ahead(from(120), page(120));
  CHECK(taken{ahead, from(120), now}.is_taken);
}
