#include <banyan/journal/position_token.hpp>

#include <banyan/core/ids.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <regex>

using namespace banyan;

namespace {

constexpr auto largest = std::numeric_limits<position>::max();
const std::string life = "00112233445566778899aabbccddeeff";

uuid epoch() { return parse_uuid("00112233-4455-6677-8899-aabbccddeeff").value(); }
uuid another() { return parse_uuid("00000000-0000-0000-0000-000000000001").value(); }
position_token token(const std::map<partition, position>& positions) {
  position_token t;
  for (const auto& [p, at] : positions) t.positions.emplace(p, epoch_position{at, epoch()});
  return t;
}

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
  CHECK(to_string(token({{0, 1234}})) == "2-0:1234:" + life);
  CHECK(to_string(token({{3, 99}, {0, 1}, {65'535, largest}})) ==
        "2-0:1:" + life + ".3:99:" + life + ".65535:9223372036854775807:" + life);
  CHECK(to_string(token({})) == "2-");
  CHECK(to_string(token({{0, 0}, {2, 7}})) == "2-2:7:" + life);
  for (const auto& t : {token({}), token({{0, 1}}), token({{0, largest}, {1, 5}, {65'535, 1}})}) {
    CHECK(parse_position_token(to_string(t)).value() == t);
  }
}

TEST_CASE("a text that is not exactly a token is refused") {
  const std::string body = "2-", end = ":" + life;
  std::string many = body;
  for (int i = 0; i <= 64; ++i) many += (i ? "." : "") + std::to_string(i) + ":1" + end;
  for (const auto& text : std::vector<std::string>{
           "",
           "1",
           "2",
           "1-",
           "3-0:1" + end,
           "-0:1" + end,
           " 2-0:1" + end,
           body + "0:1" + end + " ",
           body + "0:1" + end + "\n",
           body + "0:1" + end + std::string(1, '\0'),
           body + "0:1",
           body + "0:1:",
           body + "0:1:" + life.substr(1),
           body + "0:1:" + life + "0",
           body + "0:1:00112233445566778899AABBCCDDEEFF",
           body + "0:1:00112233445566778899aabbccddeefg",
           body + "0:1:00112233-4455-6677-8899-aabbccddeeff",
           body + "0",
           body + "0:",
           body + ":1" + end,
           body + "0:0" + end,
           body + "0:01" + end,
           body + "00:1" + end,
           body + "0:-1" + end,
           body + "0:+1" + end,
           body + "0x0:1" + end,
           body + "0:1e3" + end,
           body + "0:1" + end + ".",
           body + ".0:1" + end,
           body + "0:1" + end + "..1:1" + end,
           body + "0:1" + end + ",1:1" + end,
           body + "1:1" + end + ".0:1" + end,
           body + "0:1" + end + ".0:2" + end,
           body + "65536:1" + end,
           body + "99999999999999999999:1" + end,
           body + "0:9223372036854775808" + end,
           body + "0:99999999999999999999999999999999" + end,
           body + "\xd9\xa1:1" + end,
           "1-" + life,
           "1-" + life + "-0:1 ",
           "1-" + life.substr(1) + "-0:1",
           "1-" + life + "-" + std::string(10'000, '1'),
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

TEST_CASE("the pattern by which tokens are described takes every token, and no text of another form") {
  const std::regex pattern{std::string{position_token_pattern}};
  auto most = token({});
  for (int i = position_token::max_partition; most.positions.size() < position_token::max_partitions; --i)
    most.positions[i] = {largest, epoch()};
  CHECK(to_string(most).size() == position_token::max_text);
  for (const auto& t : {token({}), token({{0, 319}}), token({{0, largest}, {1, 5}, {65'535, 1}}), token({{9, 10}, {10, 9}}), most}) {
    CAPTURE(to_string(t));
    CHECK(std::regex_search(to_string(t), pattern));
    CHECK(parse_position_token(to_string(t)).value() == t);
  }
  const std::string end = ":" + life;
  for (const auto& text :
       std::vector<std::string>{"", "2", "latest", "1-", "1-" + life + "-0:1", "3-0:1" + end, "x2-0:1" + end, "2-0:1", "2-0:1:",
                                "2-0:1" + end + " ", "2-0:1" + end + "0", "2-0:1" + end + ".", "2-.0:1" + end, "2-0:0" + end,
                                "2-0:01" + end, "2-00:1" + end, "2-0:-1" + end, "2-:1" + end, "2-100000:1" + end,
                                "2-0:10000000000000000000" + end, "2-0:1" + end + "1:1" + end, "2-0:1" + end + "..1:1" + end,
                                "2-0:1" + end + ",1:1" + end, "2-0:1:00112233445566778899AABBCCDDEEFF"}) {
    CAPTURE(text);
    CHECK_FALSE(std::regex_search(text, pattern));
    CHECK(parse_position_token(text).has_error());
  }
}

TEST_CASE("a token of a program from before there were epochs is refused as one of another history") {
  for (const auto* positions : {"", "0:1234", "0:1.3:99.65535:9223372036854775807"}) {
    const auto parsed = parse_position_token("1-" + life + "-" + positions);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == code::conflict);
    CHECK(parsed.error().reason == "another_history");
    CHECK(parsed.error().field == "X-Banyan-Position");
  }
}

TEST_CASE("64 partitions are the most a token holds") {
  position_token most = token({});
  for (int i = 0; i < 64; ++i) most.positions[i] = {largest, epoch()};
  CHECK(parse_position_token(to_string(most)).value() == most);
  CHECK(merge(most, token({{64, 1}})).error().code == code::invalid_argument);
}

TEST_CASE("whatever bytes arrive, what is accepted is a token's own text") {
  const std::string start = "2-0:12:" + life + ".3:456:" + life;
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
  // Which of the two is of the journal's history is for the journal to say.
  position_token other{{{0, {7, another()}}}};
  CHECK(merge(token({{0, 5}}), other).value() == other);
  CHECK(merge(other, token({{0, 5}})).value() == other);
  CHECK(merge(token({{0, 7}}), other).error().reason == "another_history");
}

TEST_CASE("the position that a token names is judged by its epoch, its partition and the journal's head") {
  const journal_history history{{{1, epoch()}, {11, another()}}};
  CHECK(position_in(history, 20, position_token{}).value() == 0);
  CHECK(position_in(history, 20, token({{0, 10}})).value() == 10);
  CHECK(position_in(history, 20, {{{0, {11, another()}}}}).value() == 11);
  CHECK(position_in(history, 20, token_of(history, 20)).value() == 20);
  for (const auto& foreign : {token({{0, 11}}), position_token{{{0, {10, another()}}}}, position_token{{{0, {5, uuid{}}}}},
                              position_token{{{0, {21, another()}}}}, position_token{{{0, {largest, another()}}}}}) {
    CAPTURE(to_string(foreign));
    const auto refused = position_in(history, 20, foreign);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::conflict);
    CHECK(refused.error().reason == "another_history");
    CHECK(refused.error().field == "X-Banyan-Position");
  }
  CHECK(position_in(history, 20, token({{0, 1}, {7, 1}})).error().code == code::invalid_argument);
  CHECK(position_in(history, 20, token({{7, 1}})).error().code == code::invalid_argument);
  CHECK(position_in(history, 20, token({{7, 1}}), 7).value() == 1);
}

TEST_CASE("a token of a position whose epoch is forgotten asks for nothing") {
  const journal_history history{{{11, epoch()}}};
  CHECK(token_of(history, 10) == position_token{});
  CHECK(token_of(history, 11) == token({{0, 11}}));
  CHECK(token_of(history, 0) == position_token{});
}
