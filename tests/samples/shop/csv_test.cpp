#include <shop/csv.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <random>

using shop::csv_limits;
using shop::csv_reader;
using rows = std::vector<std::vector<std::string>>;

namespace {

// Hands its text over in pieces of random size, as a network or a decompressor would.
class in_pieces final : public shop::byte_source {
 public:
  in_pieces(std::string text, std::uint64_t seed) : text_{std::move(text)}, random_{seed} {}
  banyan::result<std::size_t> read(std::span<char> into) override {
    auto n = std::min({into.size(), text_.size() - at_, static_cast<std::size_t>(1 + random_() % 7)});
    std::memcpy(into.data(), text_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::string text_;
  std::mt19937_64 random_;
  std::size_t at_ = 0;
};

banyan::result<rows> read_all(shop::byte_source& source, csv_limits limits = {}) {
  csv_reader reader{source, limits};
  std::vector<std::string_view> fields;
  rows all;
  for (;;) {
    auto more = reader.next(fields);
    if (!more) return more.error();
    if (!*more) return all;
    all.emplace_back(fields.begin(), fields.end());
  }
}

banyan::result<rows> read_all(const std::string& text, csv_limits limits = {}) {
  auto source = shop::from_text(text);
  return read_all(*source, limits);
}

std::string csv_quoted(const std::string& field) {
  if (field.find_first_of("\",\r\n") == std::string::npos && !field.empty()) return field;
  std::string out = "\"";
  for (char c : field) out += c == '"' ? std::string{"\"\""} : std::string{c};
  return out + "\"";
}

}  // namespace

TEST_CASE("csv reads what RFC 4180 describes") {
  struct example {
    const char* text;
    rows expected;
  };
  auto e = GENERATE(values<example>({
      {"", {}},
      {"a,b,c\n", {{"a", "b", "c"}}},
      {"a,b,c", {{"a", "b", "c"}}},
      {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
      {"a,b\r\nc,d\r", {{"a", "b"}, {"c", "d"}}},
      {",,\n", {{"", "", ""}}},
      {"\"a,b\",c\n", {{"a,b", "c"}}},
      {"\"line one\nline two\",c\n", {{"line one\nline two", "c"}}},
      {"\"line one\r\nline two\",c\r\n", {{"line one\r\nline two", "c"}}},
      {"\"say \"\"hello\"\"\",x\n", {{"say \"hello\"", "x"}}},
      {"\"\",x\n", {{"", "x"}}},
      {"\"a\"\r\n\"b\"", {{"a"}, {"b"}}},
      {"\"a\"\r", {{"a"}}},
      {"a\n\n\r\nb\n", {{"a"}, {"b"}}},
      {"6\" plate,1\n", {{"6\" plate", "1"}}},
      {" a , \"b\n", {{" a ", " \"b"}}},
      {"a\rb,c\n", {{"a\rb", "c"}}},
      {"\xEF\xBB\xBF"
       "a,b\n",
       {{"a", "b"}}},
      {"\xEF\xBB\xBF\"a\",b\n", {{"a", "b"}}},
      {"\xEF\xBB\xBF", {}},
      {"a,b\nc\nd,e,f\n", {{"a", "b"}, {"c"}, {"d", "e", "f"}}},
  }));
  CAPTURE(e.text);
  auto got = read_all(e.text);
  REQUIRE(got.has_value());
  CHECK(*got == e.expected);
  in_pieces slow{e.text, 7};
  auto again = read_all(slow);
  REQUIRE(again.has_value());
  CHECK(*again == e.expected);
}

TEST_CASE("csv names the line of what is broken") {
  struct example {
    const char* text;
    const char* sentence;
  };
  auto e = GENERATE(values<example>({
      {"a,b\nc,\"d\n\n\n", "line 2: the file ends inside a quoted field"},
      {"a,b\n\"c\"d,e\n", "line 2: text follows a closing quote"},
      {"\"c\"\rd\n", "line 1: text follows a closing quote"},
      {"\"c\"\r,d\n", "line 1: text follows a closing quote"},
      {"\"x\ny\"\n\"z\" \n", "line 3: text follows a closing quote"},
  }));
  CAPTURE(e.text);
  auto got = read_all(e.text);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == banyan::code::corrupt);
  CHECK(got.error().message == e.sentence);
}

TEST_CASE("csv is bounded in field, record and number of fields") {
  csv_limits small{.field = 8, .record = 12, .fields = 3};
  CHECK(read_all("12345678,1\n", small).has_value());
  CHECK(read_all("123456789,1\n", small).error().message == "line 1: a field is longer than 8 bytes");
  CHECK(read_all("\"12345678", small).error().message == "line 1: the file ends inside a quoted field");
  CHECK(read_all("a\n\"" + std::string(100, '\n'), small).error().message == "line 2: a field is longer than 8 bytes");
  CHECK(read_all("1234567,123456\n", small).error().message == "line 1: the record is longer than 12 bytes");
  CHECK(read_all("1,2,3\n", small).has_value());
  CHECK(read_all("1,2,3,4\n", small).error().message == "line 1: more than 3 fields");
}

TEST_CASE("csv stays at its error") {
  auto source = shop::from_text("\"a\"b\nc\n");
  csv_reader reader{*source};
  std::vector<std::string_view> fields;
  auto first = reader.next(fields);
  auto second = reader.next(fields);
  REQUIRE_FALSE(first.has_value());
  REQUIRE_FALSE(second.has_value());
  CHECK(first.error() == second.error());
}

TEST_CASE("csv goes on with the next line when it is told to recover") {
  struct example {
    std::string text;
    rows expected;  // a broken record is {"!", its line, what is broken}
  };
  const std::string text_follows = "text follows a closing quote", no_end = "the file ends inside a quoted field";
  for (auto& e : std::vector<example>{{"a\n\"b\"c,d\ne\n", {{"a"}, {"!", "2", text_follows}, {"e"}}},
                                      {"a\n\"b\"c", {{"a"}, {"!", "2", text_follows}}},
                                      {"\"a,1\nb,2\nc,3\n", {{"!", "1", no_end}, {"b", "2"}, {"c", "3"}}},
                                      {"\"a,1\n\"b,2\n\"c,3\n", {{"!", "1", text_follows}, {"!", "2", text_follows}, {"!", "3", no_end}}},
                                      {"a\r\n\"b\r\nc\r\n", {{"a"}, {"!", "2", no_end}, {"c"}}},
                                      {"\"a\nb\"c\n\"d\ne\"\n", {{"!", "1", text_follows}, {"b\"c"}, {"d\ne"}}},
                                      {"xxxxxxxxxxxxxxxxxxxx\nb\n", {{"!", "1", "a field is longer than 16 bytes"}, {"b"}}},
                                      {"1,2,3,4,5,6,7\n\nb\n", {{"!", "1", "more than 6 fields"}, {"b"}}}}) {
    CAPTURE(e.text);
    for (std::uint64_t seed : {0u, 1u, 2u}) {
      in_pieces source{e.text, seed};
      csv_reader reader{source, {.field = 16, .record = 40, .fields = 6}};
      CHECK_FALSE(reader.recover());
      rows got;
      std::vector<std::string_view> fields;
      for (;;) {
        auto more = reader.next(fields);
        if (more && !*more) break;
        if (more) {
          got.emplace_back(fields.begin(), fields.end());
        } else {
          auto why = reader.recover();
          REQUIRE(why);
          got.push_back({"!", std::to_string(reader.line()), *why});
        }
      }
      CHECK(got == e.expected);
    }
  }
}

// Seen from its beginning each of these lines opens a quote that it does not close; seen from within a quoted field it closes one and opens
// another, until the record has too many fields. Then its neighbours are read again: 256 times each, were that not bounded.
TEST_CASE("csv reads a file of open quotes in time that grows with the file alone") {
  constexpr int lines = 200'000;
  std::string text;
  for (int i = 0; i < lines; ++i) text += "a\",\"x\n";
  text += "a,b\n";
  in_pieces source{text, 3};
  csv_reader reader{source, {.field = 4096, .read_again = 64 * 1024}};
  std::vector<std::string_view> fields;
  std::size_t broken = 0, on_one_line = 0;
  rows good;
  for (;;) {
    auto more = reader.next(fields);
    if (more && !*more) break;
    if (more) {
      good.emplace_back(fields.begin(), fields.end());
      continue;
    }
    ++broken;
    if (auto why = reader.recover(); why && why->find("does not end on its line") != std::string::npos) ++on_one_line;
  }
  CHECK(broken == lines);
  CHECK(on_one_line > lines * 9 / 10);
  CHECK(good == rows{{"a", "b"}});
}

TEST_CASE("csv still reads fields over several lines after a few broken ones") {
  std::string text = "\"never closed\n";
  for (int i = 0; i < 50; ++i) text += "x,y\n";
  text += "\"two\nlines\",z\n";
  auto source = shop::from_text(text);
  csv_reader reader{*source, {.field = 64}};
  std::vector<std::string_view> fields;
  REQUIRE_FALSE(reader.next(fields).has_value());
  REQUIRE(reader.recover());
  for (int i = 0; i < 50; ++i) REQUIRE(reader.next(fields).value());
  REQUIRE(reader.next(fields).value());
  CHECK(fields == std::vector<std::string_view>{"two\nlines", "z"});
}

TEST_CASE("csv counts lines right across empty ones and recoveries") {
  auto source = shop::from_text("\n\r\n\na\n\n\n\"b\n\n\nc\n");
  csv_reader reader{*source};
  std::vector<std::string_view> fields;
  REQUIRE(reader.next(fields).value());
  CHECK(reader.line() == 4);
  REQUIRE_FALSE(reader.next(fields).has_value());
  CHECK(reader.line() == 7);
  REQUIRE(reader.recover());
  REQUIRE(reader.next(fields).value());
  CHECK(reader.line() == 10);
  CHECK(fields == std::vector<std::string_view>{"c"});
}

TEST_CASE("csv does not recover from a source that fails") {
  struct failing final : shop::byte_source {
    banyan::result<std::size_t> read(std::span<char>) override { return banyan::error{banyan::code::corrupt, "cut"}; }
  } source;
  csv_reader reader{source};
  std::vector<std::string_view> fields;
  CHECK_FALSE(reader.next(fields).has_value());
  CHECK_FALSE(reader.recover());
  CHECK_FALSE(reader.next(fields).has_value());
}

TEST_CASE("csv reads back whatever a correct writer writes, in pieces of any size") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    rows table(random() % 8);
    std::string text;
    for (auto& row : table) {
      row.resize(1 + random() % 5);
      for (auto& field : row) {
        field.resize(random() % 9);
        for (auto& c : field) c = "\",\r\nab \0\xC3\xA9"[random() % 10];
      }
      if (row.size() == 1 && row[0].empty()) row[0] = "x";  // an empty line is skipped, by design
      for (std::size_t i = 0; i < row.size(); ++i) text += (i ? "," : "") + csv_quoted(row[i]);
      text += random() % 2 ? "\n" : "\r\n";
    }
    in_pieces source{text, seed};
    auto got = read_all(source);
    REQUIRE(got.has_value());
    CHECK(*got == table);
  }
}

TEST_CASE("csv survives arbitrary bytes: it ends, within its limits, and the same way in any pieces") {
  csv_limits small{.field = 16, .record = 40, .fields = 6};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::string text(random() % 200, '\0');
    for (auto& c : text) c = random() % 3 ? "\",\r\n\"x"[random() % 6] : static_cast<char>(random());
    in_pieces source{text, seed};
    auto got = read_all(source, small);
    auto whole = read_all(text, small);
    REQUIRE(got.has_value() == whole.has_value());
    if (!got) {
      CHECK(got.error() == whole.error());
      continue;
    }
    CHECK(*got == *whole);
    for (const auto& row : *got) {
      CHECK(row.size() <= small.fields);
      std::size_t bytes = 0;
      for (const auto& field : row) {
        CHECK(field.size() <= small.field);
        bytes += field.size();
      }
      CHECK(bytes <= small.record);
    }
  }
}
