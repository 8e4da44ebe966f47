// Unsigned integers in network byte order, of 1 to 8 bytes; internal to framed_protocol/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace banyan::framed {

template <std::size_t Bytes>
void store_number(char* to, std::uint64_t value) {
  for (std::size_t i = 0; i < Bytes; ++i) to[i] = static_cast<char>(value >> (8 * (Bytes - 1 - i)) & 0xff);
}

template <std::size_t Bytes>
std::uint64_t load_number(const char* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Bytes; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

template <std::size_t Bytes>
void append_number(std::string& out, std::uint64_t value) {
  char bytes[Bytes];
  store_number<Bytes>(bytes, value);
  out.append(bytes, Bytes);
}

}  // namespace banyan::framed
