// "SIGTERM" <-> 15.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banyan {

std::string signal_name(int number);  // "signal 40" for an unnamed one
std::optional<int> signal_number(std::string_view name);

}  // namespace banyan
