// "Did you mean ...?": the name that a mistyped one is closest to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The closest of the names, the first of equals; empty when none is close enough to be what was meant: at most a third of the
// letters, and never more than 8, may differ. Texts of more than 200 bytes are no typing errors, and are not compared.
std::string nearest(std::string_view text, const std::vector<std::string>& names);

}  // namespace banyan
