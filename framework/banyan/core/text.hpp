// Untrusted text: made printable, and split into list items.
//
//   std::cout << printable(reason_of_a_client) << '\n';
//   for (std::string_view host : list_items("shop.example, .internal")) count += host.size();
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Replaces control characters, those of ASCII and of C1 (U+0080 to U+009F), which terminals also interpret, by '?'.
std::string printable(std::string text);

// Splits at commas and spaces; no item is empty. The items point into `list`.
std::vector<std::string_view> list_items(std::string_view list);

}  // namespace banyan
