// The category of a stream, which names its journal: the part before the first dash ("orders-eu-7" is in journal
// "orders", its entity is "eu-7"), as in EventStoreDB. So the name of a journal has no dash.
#pragma once

#include <string_view>

namespace banyan {

// Empty for a stream name without a dash, which is in no journal.
constexpr std::string_view category_of(std::string_view stream) {
  const auto dash = stream.find('-');
  return dash == stream.npos ? std::string_view{} : stream.substr(0, dash);
}

// Exact comparison: journal "order" does not contain "orders-7"; a journal without a name contains nothing.
constexpr bool is_in_journal(std::string_view stream, std::string_view journal) {
  return !journal.empty() && category_of(stream) == journal && stream.size() > journal.size() + 1;
}

constexpr bool is_journal_name(std::string_view name) { return !name.empty() && name.find('-') == name.npos; }

}  // namespace banyan
