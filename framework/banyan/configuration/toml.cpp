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

// toml++ 3.3 frees tables recursively and limits nested values but not dotted keys: `a.a.a...` of 200 kB overflows the stack. Returns the
// first line with more dots than any honest path has, or 0.
std::size_t line_nested_too_deep(std::string_view text) {
  constexpr int most = 32;
  std::size_t line = 1;
  int dots = 0;
  char before = '\n';
  for (char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '.' && before != '.' && ++dots > most) {  // ".." is no path, but often a ruler in a comment
      return line;
    }
    before = c;
  }
  return 0;
}

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
  if (auto line = line_nested_too_deep(text)) {
    problems.push_back({name + ":" + std::to_string(line), "a line with more than 32 dots: nested too deep"});
    return {};
  }
  std::vector<assignment> out;
  try {
    flatten(toml::parse(text, std::string_view{name}), "", name, out);
  } catch (const toml::parse_error& e) {
    problems.push_back({name + ":" + std::to_string(e.source().begin.line), std::string{e.description()}});
    return {};
  }
  // Tables come sorted by key; people read a file from the top.
  std::stable_sort(out.begin(), out.end(), [](const assignment& a, const assignment& b) { return line_of(a) < line_of(b); });
  return out;
}

}  // namespace banyan
