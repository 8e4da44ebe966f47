// A file of a project, as a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banyan::scaffold {

struct text_file {
  std::string path;  // relative to the project's root, with '/'
  std::string text;  // lines that end with '\n'
  friend bool operator==(const text_file&, const text_file&) = default;
};

// The lines of a text, without their ends.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

// The same with their ends, so that a last line without one differs from one that has it.
inline std::vector<std::string_view> lines_with_ends(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end == text.npos ? end : end + 1));
    text.remove_prefix(lines.back().size());
  }
  return lines;
}

// The line without the blanks before and behind its text, and without a carriage return at its end.
inline std::string_view trimmed(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace banyan::scaffold
