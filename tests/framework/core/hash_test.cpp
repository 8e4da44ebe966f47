#include <banyan/core/hash.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace banyan;

// Shards are placed by these numbers: a change moves every entity of every running system.
TEST_CASE("the hash gives the published values of XXH3 for ever") {
  CHECK(stable_hash("") == 0x2d06800538d394c2ull);
  CHECK(stable_hash("banyan") == 14890189770888500037ull);
  CHECK(stable_hash(std::string(1000, 'x')) == 0xc0a4877b962cba82ull);
}

TEST_CASE("the hash counts bytes, not characters up to a zero") {
  using namespace std::string_view_literals;
  CHECK(stable_hash("a\0b"sv) != stable_hash("a\0c"sv));
  CHECK(stable_hash("a\0"sv) != stable_hash("a"sv));
}
