#include <banyan/core/ids.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <unordered_set>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

class seeded final : public random_source {
 public:
  explicit seeded(std::uint64_t seed) : engine_{seed} {}
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

uuid id_of(std::string_view text) { return parse_uuid(text).value(); }

}  // namespace

TEST_CASE("a UUID survives its text form") {
  seeded random{1};
  for (int i = 0; i < 1000; ++i) {
    const auto id = uuid_v7(instant{} + std::chrono::hours{i}, random);
    CHECK(parse_uuid(to_string(id)).value() == id);
  }
  CHECK(to_string(uuid{}) == "00000000-0000-0000-0000-000000000000");
  CHECK(uuid{}.is_nil());
  CHECK(id_of("01234567-89AB-cdef-0123-456789abcDEF") == id_of("01234567-89ab-cdef-0123-456789abcdef"));
}

TEST_CASE("what is not a UUID is refused") {
  const std::string good = "01234567-89ab-cdef-0123-456789abcdef";
  for (std::size_t length = 0; length < good.size(); ++length) CHECK_FALSE(parse_uuid(good.substr(0, length)));
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = good[at] == '-' ? '0' : 'g';
    CHECK_FALSE(parse_uuid(bad));
  }
  CHECK_FALSE(parse_uuid(good + "0"));
  CHECK_FALSE(parse_uuid("{01234567-89ab-cdef-0123-456789abcde}"));
}

TEST_CASE("version 7 UUIDs sort by time and say their version") {
  seeded random{2};
  uuid last;
  for (int i = 1; i <= 1000; ++i) {
    const auto id = uuid_v7(instant{} + std::chrono::milliseconds{i * 977}, random);
    CHECK(last < id);
    CHECK(id.bytes[6] >> 4 == 7);
    CHECK(id.bytes[8] >> 6 == 2);
    last = id;
  }
}

TEST_CASE("a version 7 UUID begins with its milliseconds") {
  seeded random{3};
  // 2022-02-22T19:22:22Z, the instant of the example in RFC 9562, appendix A.6
  const auto id = uuid_v7(instant{1645557742000ms}, random);
  CHECK(to_string(id).substr(0, 15) == "017f22e2-79b0-7");
  CHECK(to_string(uuid_v7(instant{-5ms}, random)).substr(0, 13) == "00000000-0000");
}

TEST_CASE("version 7 UUIDs of one millisecond do not repeat, and a seed repeats them all") {
  seeded random{4};
  seeded again{4};
  std::unordered_set<uuid> seen;
  for (int i = 0; i < 10'000; ++i) {
    const auto id = uuid_v7(instant{}, random);
    CHECK(seen.insert(id).second);
    CHECK(uuid_v7(instant{}, again) == id);
  }
}

// Stored ids depend on these: a change would store retried events a second time.
TEST_CASE("derived ids keep their values for ever") {
  const auto parent = id_of("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  CHECK(to_string(derive(parent, 0)) == "017f22e2-79b0-8506-99c5-1e550ea70f2a");
  CHECK(to_string(derive(parent, 1)) == "017f22e2-79b0-8f20-9fd6-550478dd52ea");
  CHECK(to_string(derive(parent, 1, "reservation")) == "017f22e2-79b0-82d4-9994-834ed4a53428");
  CHECK(to_string(uuid_from_name("orders", "invoice-536365")) == "c6c8221b-5c3e-531c-a1a0-ce4491c71a13");
}

TEST_CASE("derived ids keep their parent's time and differ by index and purpose") {
  const auto parent = id_of("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  std::unordered_set<uuid> seen{parent};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    for (const auto purpose : {"", "a", "b"}) {
      const auto id = derive(parent, i, purpose);
      CHECK(seen.insert(id).second);
      CHECK(std::equal(id.bytes.begin(), id.bytes.begin() + 6, parent.bytes.begin()));
      CHECK(id.bytes[6] >> 4 == 8);
      CHECK(id.bytes[8] >> 6 == 2);
    }
  }
}

TEST_CASE("an id from a name depends on its scope, and scope and name do not run together") {
  CHECK(uuid_from_name("a", "b") == uuid_from_name("a", "b"));
  CHECK(uuid_from_name("a", "b") != uuid_from_name("b", "a"));
  CHECK(uuid_from_name("ab", "c") != uuid_from_name("a", "bc"));
}

TEST_CASE("system randomness differs from call to call") {
  auto& random = system_random();
  CHECK(random.next() != random.next());
  CHECK(uuid_v7(instant{}, random) != uuid_v7(instant{}, random));
}

TEST_CASE("strong ids of one tag compare by value") {
  using order_id = strong<struct order_tag>;
  CHECK(order_id{"1"} == order_id{"1"});
  CHECK(order_id{"1"} < order_id{"2"});
  STATIC_REQUIRE_FALSE(std::is_convertible_v<order_id, strong<struct customer_tag>>);
}
