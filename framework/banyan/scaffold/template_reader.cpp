#include <banyan/scaffold/template_reader.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace banyan::scaffold {
namespace {

constexpr std::array known{"event_sourcing", "sharding",        "cqrs", "pub_sub", "saga",
                           "ambassador",     "circuit_breaker", "http", "service", "template"};
constexpr std::string_view signature = "banyan:";

std::vector<std::string> marker_words(std::string_view text) {
  std::vector<std::string> words;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const auto word = text.substr(0, text.find(' '));
    words.emplace_back(word);
    text.remove_prefix(word.size());
  }
  return words;
}

// The text of a line that is a comment, without its sign; empty for any other line.
std::optional<std::string_view> comment_of(std::string_view line) {
  line = trimmed(line);
  for (const std::string_view sign : {"//", "#", ";", "<!--"}) {
    if (!line.starts_with(sign)) continue;
    line.remove_prefix(sign.size());
    if (sign == "<!--" && line.ends_with("-->")) line.remove_suffix(3);
    return trimmed(line);
  }
  return {};
}

// Not a name of our namespace, as in "banyan::plan".
bool is_marker(std::string_view comment) {
  return comment == signature || comment.starts_with(std::string{signature} + ' ');
}

// Drops the comment sign of a line, and keeps its indentation.
std::string uncommented(std::string_view line) {
  const auto indentation = line.substr(0, line.find_first_not_of(' '));
  auto rest = line.substr(indentation.size());
  for (const std::string_view sign : {"// ", "# ", "; "})
    if (rest.starts_with(sign)) return std::string{indentation} + std::string{rest.substr(sign.size())};
  return std::string{line};
}

bool is_negated(const std::string& condition) { return condition.starts_with('!'); }

bool is_known(std::string_view condition) {
  if (condition.starts_with('!')) condition.remove_prefix(1);
  return std::find(known.begin(), known.end(), condition) != known.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

class reader {
 public:
  reader(const text_file& file, std::vector<std::string>& mistakes) : mistakes_{mistakes} {
    read_.path = file.path;
    read(file.text);
  }
  template_file take() { return std::move(read_); }

 private:
  struct region {
    std::size_t line;
    conditions kept_if;
  };

  void read(std::string_view text) {
    for (const auto line : lines_of(text)) {
      ++at_;
      const auto comment = comment_of(line);
      if (comment && is_marker(*comment))
        mark(marker_words(comment->substr(signature.size())));
      else
        add(line);
    }
    for (const auto& r : open_) mistake(r.line, "the region \"" + joined(r.kept_if) + "\" has no end");
  }

  void add(std::string_view line) {
    template_line kept{std::string{line}, {}};
    bool is_comment = false;
    for (const auto& r : open_)
      for (const auto& c : r.kept_if) {
        kept.kept_if.push_back(c);
        is_comment = is_comment || is_negated(c);
      }
    if (is_comment) kept.text = uncommented(line);
    read_.lines.push_back(std::move(kept));
  }

  void mark(std::vector<std::string> words) {
    const auto what = words.empty() ? std::string{} : words.front();
    if (!words.empty()) words.erase(words.begin());
    if (what != "begin" && what != "end" && what != "file") {
      mistake(at_, "a marker is \"banyan: begin\", \"banyan: end\" or \"banyan: file\", not \"banyan: " + what + "\"");
      return;
    }
    if (words.empty()) mistake(at_, "the marker \"banyan: " + what + "\" names no condition");
    for (const auto& word : words)
      if (!is_known(word)) mistake(at_, "no condition is called \"" + word + "\"");
    if (what == "begin") {
      open_.push_back({at_, std::move(words)});
    } else if (what == "file") {
      if (at_ != 1) mistake(at_, "the condition of a file stands in its first line");
      read_.kept_if = std::move(words);
    } else if (open_.empty()) {
      mistake(at_, "the end of \"" + joined(words) + "\" has no begin");
    } else {
      if (open_.back().kept_if != words)
        mistake(at_, "the end of \"" + joined(words) + "\" stands where \"" + joined(open_.back().kept_if) +
                         "\" of line " + std::to_string(open_.back().line) + " is open");
      open_.pop_back();
    }
  }

  void mistake(std::size_t line, const std::string& sentence) {
    mistakes_.push_back(read_.path + ":" + std::to_string(line) + ": " + sentence);
  }

  template_file read_;
  std::vector<region> open_;
  std::size_t at_ = 0;
  std::vector<std::string>& mistakes_;
};

}  // namespace

result<std::vector<template_file>> read_template(const std::vector<text_file>& files) {
  std::vector<template_file> read;
  std::vector<std::string> mistakes;
  for (const auto& file : files) read.push_back(reader{file, mistakes}.take());
  if (mistakes.empty()) return read;
  std::string all;
  for (const auto& m : mistakes) all += (all.empty() ? "" : "\n") + m;
  return error{code::invalid_argument, std::move(all)};
}

}  // namespace banyan::scaffold
