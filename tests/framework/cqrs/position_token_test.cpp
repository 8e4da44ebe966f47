#include <banyan/cqrs/position_token.hpp>

#include <banyan/core/ids.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace banyan;

namespace {

constexpr auto largest = std::numeric_limits<position>::max();
const std::string life = "00112233445566778899aabbccddeeff";

uuid incarnation() { return parse_uuid("00112233-4455-6677-8899-aabbccddeeff").value(); }
position_token token(std::map<partition, position> positions) { return {incarnation(), std::move(positions)}; }

// Small and repeatable; the seed is all its state.
class numbers {
 public:
  explicit numbers(std::uint64_t seed) : state_{seed} {}
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

}  // namespace

TEST_CASE("a token reads the way it is written") {
  CHECK(to_string(token({{0, 1234}})) == "1-" + life + "-0:1234");
  CHECK(to_string(token({{3, 99}, {0, 1}, {65'535, largest}})) == "1-" + life + "-0:1.3:99.65535:9223372036854775807");
  CHECK(to_string(token({})) == "1-" + life + "-");
  CHECK(to_string(token({{0, 0}, {2, 7}})) == "1-" + life + "-2:7");
  for (const auto& t : {token({}), token({{0, 1}}), token({{0, largest}, {1, 5}, {65'535, 1}})}) {
    CHECK(parse_position_token(to_string(t)).value() == t);
  }
}

TEST_CASE("a text that is not exactly a token is refused") {
  const auto body = "1-" + life + "-";
  std::string many = body;
  for (int i = 0; i <= 64; ++i) many += (i ? "." : "") + std::to_string(i) + ":1";
  for (const auto& text : std::vector<std::string>{
           "",
           "1",
           "1-",
           "2-" + life + "-0:1",
           "-" + life + "-0:1",
           " " + body + "0:1",
           body + "0:1 ",
           body + "0:1\n",
           body + "0:1" + std::string(1, '\0'),
           "1-" + life,
           "1-" + life + "0:1",
           "1-" + life.substr(1) + "-0:1",
           "1-" + life + "0-0:1",
           "1-00112233445566778899AABBCCDDEEFF-0:1",
           "1-00112233445566778899aabbccddeefg-0:1",
           "1-00112233-4455-6677-8899-aabbccddeeff-0:1",
           body + "0",
           body + "0:",
           body + ":1",
           body + "0:0",
           body + "0:01",
           body + "00:1",
           body + "0:-1",
           body + "0:+1",
           body + "0x0:1",
           body + "0:1e3",
           body + "0:1.",
           body + ".0:1",
           body + "0:1..1:1",
           body + "0:1,1:1",
           body + "1:1.0:1",
           body + "0:1.0:2",
           body + "65536:1",
           body + "99999999999999999999:1",
           body + "0:9223372036854775808",
           body + "0:99999999999999999999999999999999",
           body + "0:1.1",
           body + "\xd9\xa1:1",
           many,
           body + "0:" + std::string(1'000'000, '1'),
       }) {
    CAPTURE(text.substr(0, 100));
    const auto parsed = parse_position_token(text);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == code::invalid_argument);
    CHECK(parsed.error().field == "X-Banyan-Position");
    CHECK(parsed.error().message.size() < 120);
  }
}

TEST_CASE("64 partitions are the most a token holds") {
  position_token most = token({});
  for (int i = 0; i < 64; ++i) most.positions[i] = largest;
  CHECK(parse_position_token(to_string(most)).value() == most);
  CHECK(merge(most, token({{64, 1}})).error().code == code::invalid_argument);
}

TEST_CASE("whatever bytes arrive, what is accepted is a token's own text") {
  const std::string start = "1-" + life + "-0:12.3:456";
  const std::string alphabet = "0123456789abcdef:.-, \n\xff";
  int accepted = 0;
  for (std::uint64_t seed = 1; seed <= 50'000; ++seed) {
    numbers random{seed};
    auto text = start;
    for (auto changes = random.below(3) + 1; changes > 0; --changes) {
      const auto at = random.below(text.size() + 1);
      const char c = alphabet[random.below(alphabet.size())];
      switch (random.below(3)) {
        case 0: text.insert(at, 1, c); break;
        case 1: text.erase(at, 1); break;
        default: if (at < text.size()) text[at] = c;
      }
    }
    if (const auto parsed = parse_position_token(text)) {
      ++accepted;
      CAPTURE(seed);
      REQUIRE(to_string(*parsed) == text);
    }
  }
  CHECK(accepted > 1'000);
  CHECK(accepted < 49'000);
}

TEST_CASE("merging keeps the highest position of each partition") {
  CHECK(merge(token({{0, 5}, {1, 2}}), token({{0, 3}, {2, 9}})).value() == token({{0, 5}, {1, 2}, {2, 9}}));
  CHECK(merge(token({}), token({{0, 3}})).value() == token({{0, 3}}));
  auto other = token({{0, 1}});
  other.incarnation = {};
  CHECK(merge(token({{0, 1}}), other).error().reason == "another_incarnation");
}

TEST_CASE("a view covers a token when it is as far in each of its partitions") {
  struct row {
    std::map<partition, position> applied, wanted;
    bool covered;
  };
  for (const auto& r : std::vector<row>{
           {{}, {}, true},
           {{{0, 5}}, {}, true},
           {{{0, 5}}, {{0, 5}}, true},
           {{{0, 5}}, {{0, 6}}, false},
           {{}, {{0, 1}}, false},
           {{{0, 5}, {1, 5}}, {{0, 5}, {1, 6}}, false},
           {{{0, 5}, {1, 5}}, {{1, 4}}, true},
           {{{0, 5}}, {{0, 1}, {7, 1}}, false},
       }) {
    CHECK(covers(token(r.applied), token(r.wanted)).value() == r.covered);
  }
  auto other = token({{0, 1}});
  other.incarnation = {};
  CHECK(covers(token({{0, 9}}), other).error().code == code::conflict);
  CHECK(covers(token({{0, 9}}), other).error().reason == "another_incarnation");
}
