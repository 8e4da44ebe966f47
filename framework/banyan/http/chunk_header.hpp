// Whether the beginning of a chunk can still become one (RFC 9112, 7.1); internal to http/. A size that can not is told at once, not when
// the client's time for the body is over.
//
//   is_chunk_header_so_far("5", false)      // true: more digits, an extension or the end of the line may follow
//   is_chunk_header_so_far("-1", false)     // false, whatever follows
//   is_chunk_header_so_far("\r\nz", true)   // false: after a chunk's data there is a line end, then the next size
//
// Pure, and strict as framing.hpp is: up to 16 hexadecimal digits, no sign, no prefix, no space but the one that RFC 9110 5.6.3 makes
// recipients bear with before the ';' of an extension, no bare line feed. What stands in the extension is not looked at.
#pragma once

#include <string_view>

namespace banyan {

bool is_chunk_header_so_far(std::string_view bytes, bool after_chunk);

}  // namespace banyan
