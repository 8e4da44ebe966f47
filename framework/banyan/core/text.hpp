// Texts of others: what of them may be printed, and lists that they write.
//
//   std::cout << printable(reason_of_a_client) << '\n';
//   for (std::string_view host : list_items("shop.example, .internal")) count += host.size();
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Control characters, those of ASCII and those of Unicode that terminals obey as well (U+0080 to U+009F), become '?'.
std::string printable(std::string text);

// What stands between commas and spaces; no item is empty. Parts of `list`, which must outlive them.
std::vector<std::string_view> list_items(std::string_view list);

}  // namespace banyan
