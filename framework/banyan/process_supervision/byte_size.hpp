// "512MiB": sizes in a text. Units are powers of 1024, and always written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan {

std::optional<std::int64_t> parse_byte_size(std::string_view text);  // "0B", "64KiB", "512MiB", "2GiB"; whole numbers

}  // namespace banyan
