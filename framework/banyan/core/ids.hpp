// Ids: UUIDs (RFC 9562, 16 bytes), made from a clock reading and a random source that are passed in, or derived from
// another id; and strong<Tag>, a string with a type of its own.
//
//   uuid order = uuid_v7(clock.now(), random);                  // new, and sorting by time
//   uuid event = derive(command_id, 0);                         // the same whenever the command is tried again
//   uuid command = uuid_from_name("orders", idempotency_key);   // the same for the same key
//   using sku = strong<struct sku_tag>;                         // sku{"85123A"}
//
// Make an id once, at the edge, and derive all others from it: a retry then produces the same ids and is recognised.
// Ids are not secrets: they contain their time, and system_random() is not cryptographically secure.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace banyan {

struct uuid {
  std::array<std::uint8_t, 16> bytes{};
  bool is_nil() const { return bytes == std::array<std::uint8_t, 16>{}; }
  friend auto operator<=>(const uuid&, const uuid&) = default;
};

std::string to_string(const uuid& id);                 // 36 characters, lower case
result<uuid> parse_uuid(std::string_view text);

// A source of random numbers as a port: a seeded one makes a run repeatable.
class random_source {
 public:
  virtual ~random_source() = default;
  virtual std::uint64_t next() = 0;                    // 64 uniform bits
};
random_source& system_random();                        // one per thread, seeded from the operating system

uuid uuid_v7(instant now, random_source& random);  // RFC 9562 section 5.7: 48-bit milliseconds, then 74 random bits

// Derives the id of the `index`-th thing that follows from `parent` (an event of a command, a command of an event);
// the same inputs give the same id for ever. A version 8 UUID that keeps the parent's leading 48 bits: ids derived
// from time-ordered ids stay time-ordered, and an index over them stays local. The other 74 bits are from the SHA-1
// of parent, index and purpose, so that nobody can choose a parent whose derived id equals a given one.
uuid derive(const uuid& parent, std::uint64_t index, std::string_view purpose = {});

// A command id from a client's own key (an Idempotency-Key, an invoice number): the same key in the same scope gives
// the same id. Version 5 (RFC 9562 section 5.5); its name space is the version 5 UUID of `scope` under the nil UUID.
uuid uuid_from_name(std::string_view scope, std::string_view name);

// A string (or number) with a type of its own, so that an order id can not be passed as a customer id. Its JSON is
// the bare value.
template <class Tag, class Rep = std::string>
struct strong {
  Rep value{};
  friend auto operator<=>(const strong&, const strong&) = default;
};

}  // namespace banyan

template <>
struct std::hash<banyan::uuid> {
  std::size_t operator()(const banyan::uuid& id) const noexcept {
    std::uint64_t a, b;
    std::memcpy(&a, id.bytes.data(), 8);
    std::memcpy(&b, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>(a ^ (b * 0x9e3779b97f4a7c15ull));
  }
};

template <class Tag, class Rep>
struct std::hash<banyan::strong<Tag, Rep>> {
  std::size_t operator()(const banyan::strong<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
