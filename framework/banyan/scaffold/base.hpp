// `.banyan/base.json`: the project's files as the template made them, kept in the project. A merge with a newer
// template needs them, and a newer program has no older template to make them from.
#pragma once

#include <banyan/scaffold/record.hpp>
#include <banyan/scaffold/text_file.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan::scaffold {

inline constexpr const char* base_path = ".banyan/base.json";

BOOST_DESCRIBE_STRUCT(text_file, (), (path, text))

// JSON with one file a line, by path.
std::string base_to_text(std::vector<text_file> files);

// Errors: invalid_argument.
result<std::vector<text_file>> read_base(std::string_view text);

}  // namespace banyan::scaffold
