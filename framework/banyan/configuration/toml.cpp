#include <banyan/configuration/toml.hpp>

#include <banyan/configuration/sources.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

namespace banyan {
namespace {

template <class N>
std::string number_text(N n) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, n).ptr};
}

// The first line with a key of more than `most_key_dots` dots, or 0. toml++ 3.3 limits nested values but not dotted
// keys, and frees tables recursively: a key `a.a.a...` of 200 kB overflows the stack. Only what TOML 1.0 reads as a
// key (or a number) is counted: strings of all four kinds and comments are skipped as the parser skips them, and any
// other character ends a key.
class key_scan {
 public:
  explicit key_scan(std::string_view text) : text_{text} {}

  std::size_t line_with_deep_key() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        if (c == '\n') ++line_;
        if (c == '.') {
          if (++dots_ > most_key_dots) return line_;
        } else if (!is_key_character(c)) {
          dots_ = 0;
        }
        ++at_;
      }
    }
    return 0;
  }

 private:
  static constexpr int most_key_dots = 32;

  // Blanks may surround the dots of a key. Bytes beyond ASCII are left to the parser: they end nothing here.
  static bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ' ' || c == '\t' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    if (text_.substr(at_, 3) == three) {
      at_ += 3;
      skip_to(three, quote == '"', false);
      // Quotes that are part of the string.
      for (int more = 0; more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
    } else {
      ++at_;
      skip_to(std::string(1, quote), quote == '"', true);
    }
  }

  // Skips past `end`. A single-line string without one is skipped to the end of its line, where the parser refuses
  // it.
  void skip_to(const std::string& end, bool escapes, bool of_one_line) {
    while (at_ < text_.size() && text_.substr(at_, end.size()) != end) {
      if (text_[at_] == '\n') {
        if (of_one_line) return;
        ++line_;
      }
      const bool escape = escapes && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n';
      at_ += escape ? 2 : 1;
    }
    at_ = std::min(at_ + end.size(), text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  int dots_ = 0;
};

assignment read_value(std::string path, const toml::node& node, std::string origin) {
  using literal = assignment::literal;
  const auto make = [&](literal how, std::string value) { return assignment{std::move(path), how, std::move(value), std::move(origin)}; };
  if (auto* text = node.as_string()) return make(literal::text, text->get());
  if (auto* integer = node.as_integer()) return make(literal::integer, number_text(integer->get()));
  if (auto* number = node.as_floating_point()) return make(literal::number, number_text(number->get()));
  if (auto* boolean = node.as_boolean()) return make(literal::boolean, boolean->get() ? "true" : "false");
  if (!node.is_array()) return make(literal::other, "a date or time");
  auto out = make(literal::other, "an array");
  for (const auto& element : *node.as_array()) {
    const auto* text = element.as_string();
    if (!text) {
      out.texts.clear();
      return out;
    }
    out.texts.push_back(text->get());
  }
  out.how = literal::texts;
  return out;
}

bool is_of_tables(const toml::node& node) {
  const auto* array = node.as_array();
  return array && !array->empty() && array->is_homogeneous<toml::table>();
}

void flatten(const toml::table& table, const std::string& prefix, const std::string& file, std::vector<assignment>& out) {
  const auto origin = [&](const toml::source_region& at) { return file + ":" + std::to_string(at.begin.line); };
  for (const auto& [key, node] : table) {
    auto path = prefix + std::string{key.str()};
    if (auto* inner = node.as_table()) {
      if (inner->empty()) out.push_back({path, assignment::literal::table, "a table", origin(key.source())});
      flatten(*inner, path + ".", file, out);
    } else if (is_of_tables(node)) {
      std::size_t n = 0;
      for (const auto& element : *node.as_array()) {
        const auto one = path + "[" + std::to_string(n++) + "]";
        out.push_back({one, assignment::literal::element, "a table", origin(element.source())});
        flatten(*element.as_table(), one + ".", file, out);
      }
    } else {
      out.push_back(read_value(std::move(path), node, origin(key.source())));
    }
  }
}

// The parser quotes a number that does not fit whole; it may be a secret without its quotes.
std::string sentence_of(const toml::parse_error& e) {
  std::string text{e.description()};
  const auto from = text.find(": '"), to = text.rfind('\'');
  const bool is_number = text.find("' is not representable") != text.npos || text.find("' could not be") != text.npos;
  return is_number && from < to ? text.replace(from, to + 1 - from, ": the number") : text;
}

std::size_t line_of(const assignment& a) {
  std::size_t line = 0;
  const auto digits = std::string_view{a.origin}.substr(a.origin.rfind(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), line);
  return line;
}

}  // namespace

std::vector<assignment> read_toml(const std::string& name, std::string_view text, std::vector<problem>& problems) {
  if (text.size() > max_configuration_bytes) {
    problems.push_back({name, "the file has more than 256 KiB: this is no configuration"});
    return {};
  }
  if (auto line = key_scan{text}.line_with_deep_key()) {
    problems.push_back({name + ":" + std::to_string(line), "a key with more than 32 dots: nested too deep"});
    return {};
  }
  std::vector<assignment> out;
  try {
    flatten(toml::parse(text, std::string_view{name}), "", name, out);
  } catch (const toml::parse_error& e) {
    const auto& at = e.source().begin;
    const auto place = name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    problems.push_back({place, sentence_of(e)});
    return {};
  }
  // Tables come sorted by key; people read a file from the top.
  std::stable_sort(out.begin(), out.end(), [](const assignment& a, const assignment& b) { return line_of(a) < line_of(b); });
  return out;
}

}  // namespace banyan
