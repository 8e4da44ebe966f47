// Whether bytes are well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF).
// Text from outside is checked once where it enters, because JSON and the journal must be able to hold it.
#pragma once

#include <cstddef>
#include <string_view>

namespace banyan {

bool is_utf8(std::string_view text);
std::size_t utf8_length(std::string_view text);  // in characters (code points), of text that is UTF-8

}  // namespace banyan
