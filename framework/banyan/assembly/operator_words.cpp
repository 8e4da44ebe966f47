#include <banyan/assembly/operator_words.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace banyan {

namespace {

// What is no unreserved character of RFC 3986 is percent-encoded.
std::string encoded(const std::string& text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += {'%', hex[u >> 4], hex[u & 15]};
  }
  return out;
}

// With each {name} replaced.
std::string filled(std::string_view form, const operator_arguments& with) {
  std::string out;
  for (;;) {
    const auto open = form.find('{');
    out += form.substr(0, open);
    if (open == form.npos) return out;
    const auto close = form.find('}', open);
    out += encoded(with.text(form.substr(open + 1, close - open - 1)));
    form.remove_prefix(close + 1);
  }
}

}  // namespace

operator_argument operators_token() {
  return {.name = "--token",
          .help = "The operator's token (or BANYAN_OPERATOR_TOKEN, or operator_token of the configuration)",
          .type = "TOKEN"};
}

const std::string& operator_arguments::text(std::string_view name) const {
  static const std::string none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

std::int64_t operator_arguments::number(std::string_view name) const {
  std::int64_t n = 0;
  const auto& digits = text(name);
  std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return n;
}

show_answer show_object(std::string label) {
  return
      [label = std::move(label)](const operator_arguments& with, const std::string& answer) -> result<operator_text> {
        const auto content = parse_json(answer);
        if (!content) return content.error();
        if (!content->is_object()) return error{code::corrupt, "its answer is no JSON object"};
        return operator_text{(with.as_json() ? "" : label) + answer + "\n"};
      };
}

std::string operator_target(std::string_view path, const operator_arguments& with) {
  const auto query = path.find('?');
  auto target = filled(path.substr(0, query), with);
  if (query == path.npos) return target;
  char before = '?';
  for (auto rest = path.substr(query + 1); !rest.empty();) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto parameter = filled(rest.substr(0, end), with);
    if (!parameter.ends_with('=')) target += std::exchange(before, '&') + parameter;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return target;
}

std::string operator_table(std::vector<std::vector<std::string>> rows) {
  for (auto& r : rows)
    for (auto& cell : r) cell = printable(std::move(cell));
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const auto& r : rows)
    for (std::size_t i = 0; i < r.size(); ++i) width[i] = std::max(width[i], r[i].size());
  std::string out;
  for (auto& r : rows) {
    for (std::size_t i = 0; i + 1 < r.size(); ++i) {
      r[i].resize(width[i] + 2, ' ');
      out += r[i];
    }
    out += r.back() + '\n';
  }
  return out;
}

}  // namespace banyan
