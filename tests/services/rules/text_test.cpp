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

TEST_CASE("length is counted in characters, not in bytes") {
  std::string letters;
  for (int i = 0; i < 64; ++i) letters += "\xF0\x9F\x8E\x81";
  CHECK(is_code(letters));
  CHECK_FALSE(is_code(letters + "x"));
  CHECK(is_name(letters + letters + letters + letters));
  CHECK_FALSE(is_name(letters + letters + letters + letters + "x"));
  CHECK(is_name("two\nlines"));
}
