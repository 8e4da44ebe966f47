// Suggestions for mistyped names ("Did you mean ...?").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal
// string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The closest name, the first of equals; empty when none is close: at most a third of the letters, and at most 8,
// may differ. Texts over 200 bytes are not compared.
std::string nearest(std::string_view text, const std::vector<std::string>& names);

}  // namespace banyan
