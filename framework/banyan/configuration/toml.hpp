// Reads TOML as a flat list of assignments. The TOML library is included by its source only.
#pragma once

#include <banyan/configuration/assignment.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Reads TOML 1.0. Tables become prefixes of paths. An item of an array of tables begins with an `element`, and its
// values have the prefix "program[0].". An empty table is an assignment too, so that an unknown one is reported. A
// syntax error, too large a file or too deep nesting is a problem with its line (a syntax error also with its
// column), and there are no assignments then.
std::vector<assignment> read_toml(const std::string& name, std::string_view text, std::vector<problem>& problems);

}  // namespace banyan
