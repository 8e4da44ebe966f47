#include <banyan/http/chunk_header.hpp>

namespace banyan {

namespace {

constexpr std::size_t max_digits = 16;  // of a 64-bit size

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool begins_line_end(std::string_view bytes) {
  constexpr std::string_view line_end = "\r\n";
  const auto seen = bytes.substr(0, line_end.size());
  return seen == line_end.substr(0, seen.size());
}

}  // namespace

bool is_chunk_header_so_far(std::string_view bytes, bool after_chunk) {
  if (after_chunk) {
    if (!begins_line_end(bytes)) return false;
    if (bytes.size() <= 2) return true;
    bytes.remove_prefix(2);
  }
  std::size_t digits = 0;
  while (digits < bytes.size() && is_hex(bytes[digits])) ++digits;
  if (digits > max_digits) return false;
  bytes.remove_prefix(digits);
  if (bytes.empty()) return true;
  if (digits == 0) return false;
  const auto rest = bytes.find_first_not_of(" \t");
  if (rest == std::string_view::npos) return true;
  return bytes[rest] == ';' || (rest == 0 && begins_line_end(bytes));
}

}  // namespace banyan
