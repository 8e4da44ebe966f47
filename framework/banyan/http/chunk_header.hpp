// Checks the beginning of a chunk header (RFC 9112, 7.1), so that an invalid size is refused at once and not at the
// body time-out; internal to http/.
//
//   is_chunk_header_so_far("5", false)      // true: more digits, an extension or the end of the line may follow
//   is_chunk_header_so_far("-1", false)     // false, whatever follows
//   is_chunk_header_so_far("\r\nz", true)   // false: after a chunk's data there is a line end, then the next size
//
// Pure, and strict like framing.hpp: up to 16 hexadecimal digits, no sign, no prefix, no bare line feed; the only
// space allowed is the one before the ';' of an extension (RFC 9110, 5.6.3). The extension itself is not checked.
#pragma once

#include <string_view>

namespace banyan {

bool is_chunk_header_so_far(std::string_view bytes, bool after_chunk);

}  // namespace banyan
