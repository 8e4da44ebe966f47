// What a program writes to a terminal: whether with colours, and nothing in it that others could steer the terminal with.
//
//   std::cout << printable(reason_of_a_client) << '\n';
//   const bool color = takes_color(STDERR_FILENO);
#pragma once

#include <string>

namespace banyan {

// Whether this descriptor is a terminal that shows colours; never when NO_COLOR is set to anything (https://no-color.org).
bool takes_color(int descriptor);

// Control characters, those of ASCII and those of Unicode that terminals obey as well (U+0080 to U+009F), become '?'.
std::string printable(std::string text);

}  // namespace banyan
