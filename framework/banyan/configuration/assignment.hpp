// A configuration value as written in a source, not yet matched to an option.
#pragma once

#include <banyan/plan/option.hpp>
#include <banyan/plan/plan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct assignment {
  // The syntax of the value. `word`: unquoted, outside a file; parsed by the option's type. `texts`: an array of
  // strings. `element`: the start of an item of an array of tables; its values follow. `table`: an empty table.
  enum class literal : std::uint8_t { word, text, boolean, integer, number, texts, element, table, other };

  std::string path;  // "orders.ambassador.payments.deadline", "program[0].name"
  literal how = literal::word;
  std::string value;   // texts, element, table, other: its description ("an array")
  std::string origin;  // "shop.toml:12"
  std::vector<std::string> texts = {};
};

// The reason why the value does not fit the option, if so.
std::optional<std::string> mistake(const assignment& a, const option& o);

// Sanitizes a text that may quote a hostile file: control characters become '?', long texts are cut off.
void make_printable(problem& p);

// One line per problem, and their number.
std::string report(const std::vector<problem>& problems);

}  // namespace banyan
