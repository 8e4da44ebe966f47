#include <banyan/core/utf8.hpp>

#include <catch2/catch.hpp>

#include <string>

using banyan::is_utf8;

TEST_CASE("well-formed text of every length of sequence is UTF-8", "[http]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST_CASE("overlong forms, surrogates, bytes past the last code point and cut sequences are not", "[http]") {
  for (const std::string bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                                "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2(\x82"}) {
    INFO(bad);
    CHECK_FALSE(is_utf8(bad));
    CHECK_FALSE(is_utf8("a" + bad));
  }
}

TEST_CASE("length is counted in characters", "[http]") {
  CHECK(banyan::utf8_length("") == 0);
  CHECK(banyan::utf8_length("abc") == 3);
  CHECK(banyan::utf8_length("\xC3\xA9t\xC3\xA9") == 3);
  CHECK(banyan::utf8_length("\xF0\x9F\x8E\x81") == 1);
}
