// Whether what is written is shown in colours.
#pragma once

namespace banyan {

// Whether this descriptor is a terminal that shows colours; never when NO_COLOR is set to anything (https://no-color.org).
bool takes_color(int descriptor);

}  // namespace banyan
