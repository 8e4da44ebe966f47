// A TOML file as a flat list of assignments. The TOML library stays behind this header.
#pragma once

#include <banyan/configuration/assignment.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Reads TOML 1.0; tables become prefixes of paths. Of an array of tables each becomes an `element` of its own, and then the prefix
// "program[0].". A table with nothing in it is an assignment of its own, so that an unknown one can be told. A syntax
// error, too large a file or too deep a nesting is a problem with its line (of a syntax error with its column, too),
// and then there are no assignments.
std::vector<assignment> read_toml(const std::string& name, std::string_view text, std::vector<problem>& problems);

}  // namespace banyan
