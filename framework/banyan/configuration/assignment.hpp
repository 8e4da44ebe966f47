// One value that somebody wrote into a source of configuration, not yet matched with the option it is meant for.
#pragma once

#include <banyan/plan/option.hpp>
#include <banyan/plan/plan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct assignment {
  // How the value was written. `word`: unquoted outside a file, and read as whatever the option is. `texts`: an array of nothing but texts.
  // `element`: a table of an array of tables begins here; its values follow. `table`: one that has nothing in it.
  enum class literal : std::uint8_t { word, text, boolean, integer, number, texts, element, table, other };

  std::string path;  // "orders.ambassador.payments.deadline", "program[0].name"
  literal how = literal::word;
  std::string value;   // texts, element, table, other: what it is instead ("an array")
  std::string origin;  // "shop.toml:12"
  std::vector<std::string> texts = {};
};

// Why this can not be the option's value, or nothing.
std::optional<std::string> mistake(const assignment& a, const option& o);

// What it says may quote a hostile file: control characters become '?', the end of long texts is cut off.
void make_printable(problem& p);

// A line each, and how many there are.
std::string report(const std::vector<problem>& problems);

}  // namespace banyan
