// Formats a list for the output of an operator's command: one JSON object per line (--json), or a table with a header.
//
//   auto text = show_lines(with, page->parked, {"VIEW", "STREAM", "POSITION", "REASON"}, [](const auto& p) {
//     return std::vector{p.view, p.stream, std::to_string(p.position), p.reason};
//   });
#pragma once

#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace banyan {

// `cells_of(line)` are a line's cells, as many as the header has. Without lines the text is empty.
template <class Line, class Cells>
operator_text show_lines(const operator_arguments& with, const std::vector<Line>& lines,
                         std::vector<std::string> header, Cells cells_of) {
  operator_text text;
  if (with.as_json()) {
    for (const auto& line : lines) text.out += to_json(line) + "\n";
  } else if (!lines.empty()) {
    std::vector<std::vector<std::string>> rows{std::move(header)};
    for (const auto& line : lines) rows.push_back(cells_of(line));
    text.out = operator_table(std::move(rows));
  }
  return text;
}

}  // namespace banyan
