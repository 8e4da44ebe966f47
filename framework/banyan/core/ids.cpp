#include <banyan/core/ids.hpp>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>

namespace banyan {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// Where the hyphens stand in the text form.
constexpr bool is_hyphen(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// -1: no digit.
constexpr std::array<std::int8_t, 256> hex_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int n = 0; n < 10; ++n) table[static_cast<std::size_t>('0' + n)] = static_cast<std::int8_t>(n);
  for (int n = 10; n < 16; ++n)
    table[static_cast<std::size_t>('a' + n - 10)] = table[static_cast<std::size_t>('A' + n - 10)] =
        static_cast<std::int8_t>(n);
  return table;
}();
int hex_value(char c) { return hex_values[static_cast<unsigned char>(c)]; }

void stamp(uuid& id, unsigned version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
}

uuid name_based(const uuid& space, std::string_view name) {
  boost::uuids::uuid parent{};
  std::copy(space.bytes.begin(), space.bytes.end(), parent.begin());
  const auto made = boost::uuids::name_generator_sha1{parent}(name.data(), name.size());
  uuid id;
  std::copy(made.begin(), made.end(), id.bytes.begin());
  return id;
}

class thread_random final : public random_source {
 public:
  std::uint64_t next() override { return engine_(); }

 private:
  static std::mt19937_64 seeded() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }
  std::mt19937_64 engine_ = seeded();
};

}  // namespace

std::string to_string(const uuid& id) {
  std::string text(36, '-');
  std::size_t at = 0;
  for (const auto byte : id.bytes) {
    if (is_hyphen(at)) ++at;
    text[at++] = hex_digits[byte >> 4];
    text[at++] = hex_digits[byte & 15];
  }
  return text;
}

result<uuid> parse_uuid(std::string_view text) {
  const auto refuse = [] { return error{code::invalid_argument, "not a UUID of the form 01234567-89ab-cdef-0123-456789abcdef"}; };
  if (text.size() != 36) return refuse();
  uuid id;
  std::size_t at = 0;
  for (auto& byte : id.bytes) {
    if (is_hyphen(at) && text[at++] != '-') return refuse();
    const int high = hex_value(text[at]), low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return refuse();
    byte = static_cast<std::uint8_t>((high << 4) | low);
    at += 2;
  }
  return id;
}

random_source& system_random() {
  thread_local thread_random source;
  return source;
}

uuid uuid_v7(instant now, random_source& random) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch, 0));
  uuid id;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  const std::uint64_t a = random.next();
  const std::uint64_t b = random.next();
  for (std::size_t i = 0; i < 2; ++i) id.bytes[6 + i] = static_cast<std::uint8_t>(a >> (8 * i));
  for (std::size_t i = 0; i < 8; ++i) id.bytes[8 + i] = static_cast<std::uint8_t>(b >> (8 * i));
  stamp(id, 7);
  return id;
}

uuid derive(const uuid& parent, std::uint64_t index, std::string_view purpose) {
  std::string name(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) name[i] = static_cast<char>(index >> (56 - 8 * i));
  name += purpose;
  uuid id = name_based(parent, name);
  std::copy_n(parent.bytes.begin(), 6, id.bytes.begin());
  stamp(id, 8);
  return id;
}

uuid uuid_from_name(std::string_view scope, std::string_view name) { return name_based(name_based(uuid{}, scope), name); }

}  // namespace banyan
