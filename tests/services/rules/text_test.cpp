// What the services accept as an identity and as a name.
#include <services/rules/text.hpp>

#include <catch2/catch.hpp>

#include <string>

using shop::is_code;
using shop::is_name;

TEST_CASE("an identity may hold whatever a screen shows") {
  for (auto* code :
       {"85123A", "BANK CHARGES", "gift_0001_20", "47503J ", "...", "50% \"off\"", "O'Neill", "\xC3\xA9t\xC3\xA9", "\xF0\x9F\x8E\x81"}) {
    CAPTURE(code);
    CHECK(is_code(code));
  }
}

TEST_CASE("an identity is neither empty nor unprintable nor long, nor a piece of a path") {
  for (auto& code : {std::string{}, std::string{"a\nb"}, std::string{"a\0b", 3}, std::string{"\x7f"}, std::string{"  "}, std::string{"a/b"},
                     std::string{"a\\b"}, std::string{"."}, std::string{".."}, std::string(65, 'x')}) {
    CAPTURE(code);
    CHECK_FALSE(is_code(code));
  }
  CHECK(is_code(std::string(128, 'x'), 128));
}

TEST_CASE("an identity shows something, and hides nothing") {
  struct example {
    const char* text;
    bool fits;
  };
  auto e = GENERATE(values<example>({
      {"\u00A0", false},                    // no-break space alone
      {" \u00A0\u3000\u2003 ", false},      // blanks of several widths
      {"\u200B", false},                    // zero-width space
      {"\uFEFF\u2060", false},              // byte order mark, word joiner
      {"\u00AD", false},                    // soft hyphen
      {"\uFE0F", false},                    // variation selector
      {"\u2800\u3164", false},              // Braille cell without a dot, Hangul filler
      {"\U000E0020", false},                // tag character
      {"a\u0085", false},                   // C1 control
      {"caf\u0092", false},                 // what Windows-1252 becomes when it is read as Latin-1
      {"a\u2028" "b", false},               // line separator
      {"invoice\u202Efdp.exe", false},      // right-to-left override
      {"a\u2066" "b", false},               // isolate
      {"a\u00A0b", true},                   // a no-break space between letters
      {"\u0645\u06CC\u200C\u062E", true},   // Persian, with a zero-width non-joiner
      {"\U0001F469\u200D\U0001F4BB", true},  // an emoji of two, joined
      {"\u2764\uFE0F", true},               // a heart, as a picture
      {"\uFFFD", true},
  }));
  CAPTURE(e.text);
  CHECK(is_code(e.text) == e.fits);
  CHECK(is_name(e.text) == e.fits);
}

TEST_CASE("something to read may be a path, and is one line that shows something") {
  for (auto* name : {"?", "a/b", "50% off \\ more", "..", "\xC3\xA9t\xC3\xA9", " lantern "}) {
    CAPTURE(name);
    CHECK(is_name(name));
  }
  for (auto& name : {std::string{}, std::string{" "}, std::string{"a\0b", 3}, std::string{"\0", 1}, std::string{"two\nlines"},
                     std::string{"a\tb"}, std::string{"\u200B"}, std::string{"\u3164"}, std::string(257, 'x')}) {
    CAPTURE(name);
    CHECK_FALSE(is_name(name));
  }
}

TEST_CASE("length is counted in characters, not in bytes") {
  std::string letters;
  for (int i = 0; i < 64; ++i) letters += "\xF0\x9F\x8E\x81";
  CHECK(is_code(letters));
  CHECK_FALSE(is_code(letters + "x"));
  CHECK(is_name(letters + letters + letters + letters));
  CHECK_FALSE(is_name(letters + letters + letters + letters + "x"));
}
