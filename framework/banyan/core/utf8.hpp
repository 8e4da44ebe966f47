// Validates UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF). Text from outside is checked
// once, where it enters, because JSON and the journal store only valid text.
#pragma once

#include <cstddef>
#include <string_view>

namespace banyan {

bool is_utf8(std::string_view text);
std::size_t utf8_length(std::string_view text);  // code points; `text` must be valid

}  // namespace banyan
