// Which lines of a text are in another one too: the longest common subsequence of their lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace banyan::scaffold {

using lines = std::vector<std::string_view>;

// For each line of `from` its index in `to`, ascending. Empty: it is not there. Time and memory grow with the product
// of the numbers of lines between the first and the last difference.
std::vector<std::optional<std::size_t>> common_lines(const lines& from, const lines& to);

// One difference: the lines [begin, end) of the former text became the lines [new_begin, new_end). Where added lines
// can be cut out of the new text in more than one way, the last one is taken: they begin with what is new.
struct difference {
  std::size_t begin = 0, end = 0, new_begin = 0, new_end = 0;
};
std::vector<difference> differences(const lines& from, const lines& to);

}  // namespace banyan::scaffold
