// The names of topics and of groups: tokens of letters, digits, '_' and '-', joined by dots: "orders.placed". Those of
// the framework itself begin with "banyan.".
#pragma once

#include <string_view>

namespace banyan {

bool is_topic_name(std::string_view text);  // 1 to 100 letters

}  // namespace banyan
