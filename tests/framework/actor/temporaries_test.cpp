// What may be handed to an ask inside a co_await expression, and that each thing is destroyed once (a sanitizer, or the allocator, would tell).
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct price {
  int amount = 0;
  std::string currency;
};
struct pay {
  using reply = int;
  std::string customer;
  price what = {};
  std::vector<int> lines = {};
};
struct has_constructor {
  explicit has_constructor(int n) : text(static_cast<std::size_t>(n), 'x') {}
  operator std::string() const { return text; }
  std::string text;
};
enum class kind { one, two };
struct count_of {
  using reply = int;
  kind k = kind::one;
  int n = 0;
};
struct try_all {
  using reply = int;
};

constexpr auto long_text = "a text that is too long for the room within a string";

struct till : actor {
  behavior make_behavior() override {
    return behavior{}
        .on<pay>([](const pay& p) { return static_cast<int>(p.customer.size() + p.what.currency.size() + p.lines.size()); })
        .on<count_of>([](const count_of& c) { return c.n; });
  }
};

struct customer : actor {
  explicit customer(address till) : till_{std::move(till)} {}
  behavior make_behavior() override {
    return behavior{}.on<try_all>([this](const try_all&) { return all(); });
  }
  task<int> all() {
    int sum = 0;
    const std::string name = long_text;
    price p{5, long_text};
    std::vector<int> lines{1, 2, 3};
    pay named{name, p, lines};
    sum += *co_await self().ask<pay>(till_, 1s, named);
    sum += *co_await self().ask<pay>(till_, 1s, name, p, lines);
    sum += *co_await self().ask<pay>(till_, 1s, long_text, p, std::vector<int>(3, 7));
    sum += *co_await self().ask<pay>(till_, 1s, std::string(52, 'x'), p);
    sum += *co_await self().ask<pay>(till_, 1s, has_constructor(52), p);
    sum += *co_await self().ask<count_of>(till_, 1s, kind::two, 4);
    sum += *co_await self().ask<count_of>(till_, 1s, count_of(kind::two, 5));  // owns nothing
    sum += *co_await self().ask<pay>(till_, 1s, give(named));
    given_away_ = named.customer.empty() && named.what.currency.empty() && named.lines.empty();
    sum += *co_await self().ask<pay>(till_, 1s, name, give(p), give(lines));
    given_away_ = given_away_ && p.currency.empty() && lines.empty();
    auto port = [text = std::string{long_text}](completion<int> done) { done(static_cast<int>(text.size())); };
    sum += *co_await self().wait_for<int>(1s, port);
    sum += *co_await self().wait_for<int>(1s, [&text = name](completion<int> done) { done(static_cast<int>(text.size())); });
    co_return given_away_ ? sum : -1;
  }
  address till_;
  bool given_away_ = false;
};

}  // namespace

TEST_CASE("variables, given variables, values with constructors, literals, numbers and enums are handed over as they are", "[temporaries]") {
  test::stepped s;
  auto till_actor = s.spawn<till>();
  auto c = s.spawn<customer>({}, till_actor);
  const int full = 52 + 52 + 3, no_lines = 52 + 52;
  CHECK(**s.ask(c, try_all{}) == 3 * full + 2 * no_lines + 4 + 5 + 2 * full + 52 + 52);
}

TEST_CASE("a temporary aggregate that owns memory is told from what is safe", "[temporaries]") {
  CHECK(detail::is_safe_in_co_await<pay&>);
  CHECK(detail::is_safe_in_co_await<const pay&>);
  CHECK(detail::is_safe_in_co_await<std::string>);
  CHECK(detail::is_safe_in_co_await<const char (&)[4]>);
  CHECK(detail::is_safe_in_co_await<int>);
  CHECK(detail::is_safe_in_co_await<count_of>);
  CHECK(detail::is_safe_in_co_await<has_constructor>);
  CHECK(detail::is_safe_in_co_await<std::vector<pay>>);
  CHECK(detail::is_safe_in_co_await<decltype(give(std::declval<pay&>()))>);
  CHECK_FALSE(detail::is_safe_in_co_await<pay>);
  CHECK_FALSE(detail::is_safe_in_co_await<const pay>);
  CHECK_FALSE(detail::is_safe_in_co_await<price>);
  CHECK_FALSE(detail::is_safe_in_co_await<std::array<std::string, 2>>);
}
