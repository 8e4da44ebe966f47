#include <banyan/http/chunk_header.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace banyan;

TEST_CASE("a chunk header is refused with the first byte that makes it impossible", "[http][parser]") {
  // What can still become one, and then a byte that spoils it.
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "z"},      {"", "-"},     {"", "+"},          {"", " "},
      {"", "\t"},     {"", "\r"},    {"", "\n"},         {"", ";"},
      {"0", "x"},     {"5", "\n"},   {"5", "-"},         {"5\r", "5"},
      {"5 ", "5"},    {"5 ", "\r"},  {"5\t ", "\n"},     {"5", "."},
      {"5\r", "\r"},  {"a", "g"},    {"FFff", ","},      {std::string(16, '0'), "0"},
      {"ffffffffffffffff", "f"},
  };
  for (const auto& [good, bad] : rows) {
    CAPTURE(good, bad);
    CHECK(is_chunk_header_so_far(good, false));
    CHECK_FALSE(is_chunk_header_so_far(good + bad, false));
    CHECK_FALSE(is_chunk_header_so_far(good + bad + "\r\nhello\r\n0\r\n\r\n", false));
    CHECK(is_chunk_header_so_far("\r\n" + good, true));
    CHECK_FALSE(is_chunk_header_so_far("\r\n" + good + bad, true));
  }
  for (const std::string good : {"5\r\n", "5;x=y\r\n", "5 ; x\r\nhello", "0\r\n\r\n", "aF", "5\t;"}) {
    CAPTURE(good);
    CHECK(is_chunk_header_so_far(good, false));
    for (std::size_t at = 0; at <= good.size(); ++at) CHECK(is_chunk_header_so_far(good.substr(0, at), false));
  }
  CHECK(is_chunk_header_so_far("\r", true));
  for (const auto* bad : {"\n", "5", "\r5", "x", "\r\r"}) CHECK_FALSE(is_chunk_header_so_far(bad, true));
}
