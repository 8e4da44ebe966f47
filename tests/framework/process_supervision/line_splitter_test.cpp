#include <banyan/process_supervision/line_splitter.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace banyan;

namespace {

// Pieces in brackets; those that go on with a line have a '+'.
std::string show(const std::vector<log_piece>& pieces) {
  std::string out;
  for (const auto& p : pieces) out += (p.continues ? "+[" : "[") + p.text + "]";
  return out;
}

std::string all_of(line_splitter& s, std::initializer_list<std::string_view> parts) {
  std::string out;
  for (auto p : parts) out += show(s.feed(p));
  return out + show(s.finish());
}

}  // namespace

TEST_CASE("lines come out whole, however their bytes come in", "[line_splitter]") {
  line_splitter s;
  CHECK(show(s.feed("one\ntw")) == "[one]");
  CHECK(show(s.feed("")) == "");
  CHECK(show(s.feed("o\n\nth")) == "[two][]");
  CHECK(show(s.finish()) == "[th]");
  CHECK(show(s.finish()) == "");
}

TEST_CASE("the line break may be that of another system, and is no part of the line", "[line_splitter]") {
  line_splitter s;
  CHECK(all_of(s, {"a\r", "\nb\r\n"}) == "[a][b]");
}

TEST_CASE("a line that is too long comes in pieces, and none of it is lost", "[line_splitter]") {
  line_splitter s{4};
  CHECK(all_of(s, {"abcd\n", "abcdefgh\n", "abcdefghi", "j\nk"}) == "[abcd][abcd]+[efgh][abcd]+[efgh]+[ij][k]");
}

TEST_CASE("a character is not cut in two; what is no text is", "[line_splitter]") {
  line_splitter s{4};
  CHECK(all_of(s, {"abc\xc3\xa9z\n"}) == "[abc]+[\xc3\xa9z]");
  line_splitter t{4};
  CHECK(all_of(t, {"\x80\x80\x80\x80\x80\x80\n"}) == "[\x80\x80\x80\x80]+[\x80\x80]");
}

TEST_CASE("what would move the cursor is shown as a question mark", "[line_splitter]") {
  line_splitter s;
  CHECK(all_of(s, {std::string_view{"a\rb\0c\td\x1b[1m\n", 11}}) == "[a?b?c\td\x1b[1m]");
}

TEST_CASE("any cutting of the same bytes gives the same text", "[line_splitter]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    std::string text;
    for (int i = 0; i < 300; ++i) text += "ab\xc3\xa9\n"[random() % 5];
    const auto run = [&](bool cut) {
      line_splitter s{7};
      std::string out;
      for (std::string_view rest{text}; !rest.empty();) {
        const auto n = cut ? 1 + random() % 9 : rest.size();
        for (const auto& p : s.feed(rest.substr(0, n))) out += (p.continues || out.empty() ? "" : "\n") + p.text;
        rest.remove_prefix(std::min<std::size_t>(n, rest.size()));
      }
      for (const auto& p : s.finish()) out += (p.continues || out.empty() ? "" : "\n") + p.text;
      return out;
    };
    CHECK(run(true) == run(false));
  }
}
