// Terminal colours.
#pragma once

namespace banyan {

// Whether the descriptor is a terminal with colours; false when NO_COLOR is set to anything (https://no-color.org).
bool takes_color(int descriptor);

}  // namespace banyan
