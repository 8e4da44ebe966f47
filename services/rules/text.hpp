// Validation of texts from outside, shared by the services of the shop. The text must be valid UTF-8 already; lengths
// are in Unicode characters, not in bytes.
//
//   if (!is_code(put.sku)) return error{code::invalid_argument, "a SKU " + code_rule()}.at("sku");
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace shop {

// Something for people to read: a name, a country, a description. Spaces, quotes and letters of any script are fine. It shows at least one
// character, so that two of them can be told apart on a screen: blanks and characters without a width alone are none. Not allowed at all are
// control characters (C0, C1, line and paragraph separators) and those that reorder what is around them (bidirectional controls, see
// Unicode's report 36 on security).
bool is_name(std::string_view text, std::size_t most = 256);
std::string name_rule(std::size_t most = 256);  // "has 1 to 256 characters, one of them visible, without control characters"

// An identity: of an order, a SKU, a customer, a movement. The same, without what stands for something else in a URL's path (slashes, "..",
// "."): servers and proxies refuse or rewrite it however it is encoded, and a thing with such a name could be made and never be asked for.
bool is_code(std::string_view text, std::size_t most = 64);
std::string code_rule(std::size_t most = 64);  // "has 1 to 64 characters, one of them visible, without slashes or ..."

// What stands for a card at the acquirer: 1 to 64 letters, digits, '_' or '-'. Never a card's number: 12 digits or more
// in a row are refused.
bool is_card_token(std::string_view text);
std::string card_token_rule();

}  // namespace shop
