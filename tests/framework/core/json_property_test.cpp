#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>

#include <catch2/catch.hpp>

#include <bit>
#include <map>
#include <random>

using namespace banyan;

namespace {

enum class size { small, medium, large };
BOOST_DESCRIBE_ENUM(size, small, medium, large)

struct leaf {
  std::string text;
  std::optional<double> fraction;
  friend bool operator==(const leaf&, const leaf&) = default;
};
BOOST_DESCRIBE_STRUCT(leaf, (), (text, fraction))

struct everything {
  std::int64_t i = 0;
  std::uint64_t u = 0;
  std::int16_t narrow = 0;
  double d = 0;
  float f = 0;
  bool b = false;
  std::string text;
  std::optional<std::string> maybe;
  std::vector<leaf> leaves;
  std::map<std::string, std::int32_t> counts;
  std::variant<leaf, money> either;
  banyan::uuid id;
  instant at;
  timespan wait;
  size how = size::small;
  friend bool operator==(const everything&, const everything&) = default;
};
BOOST_DESCRIBE_STRUCT(everything, (), (i, u, narrow, d, f, b, text, maybe, leaves, counts, either, id, at, wait, how))

// Random values that favour the edges: extremes, empties, odd characters, small exponents.
class generator {
 public:
  explicit generator(std::uint64_t seed) : random_{seed} {}

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool coin() { return below(2) == 0; }
  std::uint64_t bits() { return random_() >> below(64); }

  double fraction() {
    for (;;) {
      const auto d = coin() ? std::bit_cast<double>(random_()) : static_cast<double>(static_cast<std::int64_t>(bits())) / 100;
      if (std::isfinite(d)) return d;
    }
  }
  std::string text() {
    static const std::string pieces[] = {"a", "\"", "\\", "\n", std::string(1, '\0'), "\x7f", "\xc3\xbc",
                                         "\xe2\x82\xac", "\xf0\x9f\x8c\xb3", "/", "{}", " "};
    std::string s;
    for (auto n = below(12); n > 0; --n) s += pieces[below(std::size(pieces))];
    return s;
  }
  leaf a_leaf() {
    leaf l{text(), {}};
    if (coin()) l.fraction = fraction();
    return l;
  }
  everything all() {
    everything e;
    e.i = static_cast<std::int64_t>(coin() ? bits() : ~bits());
    e.u = coin() ? bits() : ~bits();
    e.narrow = static_cast<std::int16_t>(bits());
    e.d = fraction();
    e.f = static_cast<float>(static_cast<std::int32_t>(random_())) / 1024;
    e.b = coin();
    e.text = text();
    if (coin()) e.maybe = text();
    for (auto n = below(4); n > 0; --n) e.leaves.push_back(a_leaf());
    for (auto n = below(30); n > 0; --n) e.counts[text()] = static_cast<std::int32_t>(bits());
    if (coin()) e.either = a_leaf();
    else e.either = money{static_cast<std::int64_t>(bits()), "EUR"};
    for (auto& byte : e.id.bytes) byte = static_cast<std::uint8_t>(random_());
    e.at = instant{nanoseconds{static_cast<std::int64_t>(random_()) / 10 * 9}};
    e.wait = nanoseconds{static_cast<std::int64_t>(bits() >> 1)};
    e.how = static_cast<size>(below(3));
    return e;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("whatever is written reads back equal") {
  generator g{20260102};
  for (int i = 0; i < 2000; ++i) {
    const auto e = g.all();
    const auto text = to_json(e);
    INFO(text);
    const auto back = from_json<everything>(text);
    REQUIRE(back);
    REQUIRE(*back == e);
    REQUIRE(to_json(*back) == text);
    REQUIRE(from_value<everything>(to_value(e)).value() == e);
  }
}

TEST_CASE("whatever is damaged is refused or reads as something that can be written") {
  generator g{20260103};
  for (int i = 0; i < 3000; ++i) {
    auto text = to_json(g.all());
    for (auto n = g.below(4) + 1; n > 0 && !text.empty(); --n) {
      const auto at = g.below(text.size());
      switch (g.below(4)) {
        case 0: text[at] = static_cast<char>(g.below(256)); break;
        case 1: text.erase(at, g.below(8)); break;
        case 2: text.insert(at, text.substr(g.below(text.size()), g.below(16))); break;
        default: text.resize(at); break;
      }
    }
    INFO(text);
    if (const auto r = from_json<everything>(text)) CHECK(from_json<everything>(to_json(*r)));
    else CHECK(r.error().code == code::invalid_argument);
  }
}

namespace {

// `digits` with its point moved `left` places to the left (right when negative), which an exponent makes good again.
std::string with_exponent(std::string digits, int left) {
  if (digits == "0") return digits + "e" + std::to_string(left);
  if (left < 0) return digits + std::string(static_cast<std::size_t>(-left), '0') + "e" + std::to_string(left);
  if (digits.size() <= static_cast<std::size_t>(left)) digits.insert(0, static_cast<std::size_t>(left) + 1 - digits.size(), '0');
  return digits.insert(digits.size() - static_cast<std::size_t>(left), ".") + (left == 0 ? "0" : "") + "E+" + std::to_string(left);
}

}  // namespace

TEST_CASE("however a whole number is spelled, it is read exactly or refused, and what is none is refused") {
  constexpr std::int64_t limit = 9007199254740992;
  generator g{20260104};
  for (int i = 0; i < 20'000; ++i) {
    const auto n = static_cast<std::int64_t>(g.coin() ? g.bits() >> 1 : static_cast<std::uint64_t>(limit) - 8 + g.below(16));
    const auto text = std::string{g.coin() ? "-" : ""} + with_exponent(std::to_string(n), static_cast<int>(g.below(40)) - 20);
    INFO(text);
    const auto read = from_json<std::int64_t>(text);
    REQUIRE(read.has_value() == (n <= limit));
    if (read) REQUIRE(*read == (text.starts_with('-') ? -n : n));
    const auto near = std::to_string(n) + "." + std::string(g.below(30), '0') + "1";
    INFO(near);
    REQUIRE_FALSE(from_json<std::int64_t>(near));
    REQUIRE(from_json<double>(near).value() == std::stod(near));
  }
}

TEST_CASE("any bytes as a text give a document that reads") {
  std::mt19937_64 random{8};
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random() % 16, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : 0xc0 + random() % 64);
    const auto once = from_json<std::string>(to_json(bytes));
    REQUIRE(once);
    CHECK(from_json<std::string>(to_json(*once)).value() == *once);
  }
}
