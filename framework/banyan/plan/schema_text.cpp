// A schema as text, a line per entry, message and member:
//
//   operation orders.checkout 1 by_key
//     request: record(checkout) 5f2c81d0a4b39e77
//       customer?: text
//       lines: list
//         of: record(line_request)
//           sku: text
#include <banyan/plan/schema.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace banyan {

namespace {

constexpr std::size_t max_lines = 100'000;
constexpr std::size_t max_depth = 64;

constexpr std::array<std::pair<std::string_view, shape_kind>, 12> kind_words{{
    {"null", shape_kind::null},
    {"boolean", shape_kind::boolean},
    {"text", shape_kind::text},
    {"any", shape_kind::any},
    {"optional", shape_kind::optional},
    {"list", shape_kind::list},
    {"map", shape_kind::map},
    {"enum", shape_kind::enumeration},
    {"variant", shape_kind::variant},
    {"record", shape_kind::record},
    {"again", shape_kind::again},
    {"number", shape_kind::number},
}};

std::string hex(std::uint64_t n) {
  std::array<char, 16> digits;
  auto [end, failed] = std::to_chars(digits.data(), digits.data() + digits.size(), n, 16);
  std::string text(digits.data(), end);
  return std::string(16 - text.size(), '0') + text;
}

std::string word_of(const shape& s) {
  if (s.kind == shape_kind::integer) return (s.is_signed ? "int" : "uint") + std::to_string(s.size);
  std::string word;
  for (const auto& [name, kind] : kind_words)
    if (kind == s.kind) word = name;
  switch (s.kind) {
    case shape_kind::text: return s.format.empty() ? word : word + "(" + s.format + ")";
    case shape_kind::enumeration:
    case shape_kind::record: return word + "(" + s.name + ")";
    case shape_kind::number:
    case shape_kind::again: return word + "(" + std::to_string(s.size) + ")";
    case shape_kind::list: return s.size ? word + "(" + std::to_string(s.size) + ")" : word;
    default: return word;
  }
}

void write_parts(std::string& out, const shape& s, std::size_t depth) {
  for (const auto& part : s.parts) {
    out += std::string(2 * depth, ' ') + (part.name.empty() ? "of" : part.name) + (part.required ? ": " : "?: ") +
           word_of(part.type) + '\n';
    write_parts(out, part.type, depth + 1);
  }
}

// One parsed line: "  name?: word(argument) rest".
struct line {
  std::size_t number = 0, depth = 0;
  std::string_view text;
};

error wrong(const line& l, const std::string& what) {
  return error{code::invalid_argument, "line " + std::to_string(l.number) + " " + what}.at("line " +
                                                                                           std::to_string(l.number));
}

std::optional<std::uint64_t> number_of(std::string_view text, int base = 10) {
  std::uint64_t n = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n, base);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return n;
}

// Removes and returns the part of `text` before the first `separator`, which is removed too.
std::string_view take_until(std::string_view& text, char separator) {
  const auto at = std::min(text.find(separator), text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

result<std::vector<line>> lines_of(std::string_view text) {
  std::vector<line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    line l{number, 0, take_until(text, '\n')};
    if (l.text.ends_with('\r')) l.text.remove_suffix(1);
    if (number > max_lines) return wrong(l, "is one too many");
    const auto first = l.text.find_first_not_of(' ');
    if (first == l.text.npos || l.text[first] == '#') continue;
    if (first % 2 != 0) return wrong(l, "is not indented by steps of two spaces");
    l.depth = first / 2;
    l.text.remove_prefix(first);
    if (l.depth > max_depth) return wrong(l, "is nested too deep");
    lines.push_back(l);
  }
  return lines;
}

class reader {
 public:
  explicit reader(std::vector<line> lines) : lines_{std::move(lines)} {}

  result<schema> read() {
    schema all;
    while (at_ < lines_.size()) {
      auto entry = read_entry();
      if (!entry) return entry.error();
      all.push_back(std::move(*entry));
    }
    return all;
  }

 private:
  result<schema_entry> read_entry() {
    const auto head = lines_[at_++];
    if (head.depth != 0) return wrong(head, "is indented, and there is nothing that it belongs to");
    auto rest = head.text;
    schema_entry e;
    const auto kind = take_until(rest, ' ');
    if (kind != "event" && kind != "operation") return wrong(head, "begins with neither event nor operation");
    e.kind = kind == "event" ? schema_entry::entry_kind::event : schema_entry::entry_kind::operation;
    e.name = take_until(rest, ' ');
    const auto version = number_of(take_until(rest, ' '));
    if (e.name.empty() || !version || *version == 0 || *version > 1'000'000)
      return wrong(head, "has no name and version");
    e.version = static_cast<int>(*version);
    if (auto ok = read_idempotency(e, rest, head); !ok) return ok.error();
    while (at_ < lines_.size() && lines_[at_].depth > 0) {
      auto m = read_message();
      if (!m) return m.error();
      e.messages.push_back(std::move(*m));
    }
    if (!has_its_messages(e)) return wrong(head, "is followed by other messages than it has");
    return e;
  }

  static result<void> read_idempotency(schema_entry& e, std::string_view rest, const line& head) {
    if (e.kind == schema_entry::entry_kind::event && rest.empty()) return {};
    for (const auto how : {idempotent::never, idempotent::by_key, idempotent::always})
      if (e.kind == schema_entry::entry_kind::operation && rest == to_string(how)) {
        e.how = how;
        return {};
      }
    return wrong(head, "ends with neither never, by_key nor always, or with more than an event has");
  }

  static bool has_its_messages(const schema_entry& e) {
    if (e.kind == schema_entry::entry_kind::event) return e.messages.size() == 1 && e.messages[0].role == "event";
    return e.messages.empty() ||
           (e.messages.size() == 2 && e.messages[0].role == "request" && e.messages[1].role == "reply");
  }

  result<schema_entry::message> read_message() {
    const auto head = lines_[at_];
    const auto space = head.text.rfind(' ');
    const auto hash = space == head.text.npos ? std::nullopt : number_of(head.text.substr(space + 1), 16);
    if (!hash) return wrong(head, "has no hash of its layout");
    lines_[at_].text = head.text.substr(0, space);
    auto part = read_part(1);
    if (!part) return part.error();
    if (layout_hash(part->type) != *hash) return wrong(head, "has a hash that does not fit the layout under it");
    return schema_entry::message{std::move(part->name), std::move(part->type)};
  }

  result<shape::part> read_part(std::size_t depth) {
    const auto head = lines_[at_++];
    if (head.depth != depth) return wrong(head, "is indented further than what it belongs to");
    const auto colon = head.text.find(": ");
    if (colon == head.text.npos || colon == 0) return wrong(head, "is not \"name: type\"");
    shape::part part{std::string{head.text.substr(0, colon)}, true, {}};
    if (part.name.ends_with('?')) {
      part.required = false;
      part.name.pop_back();
    }
    auto made = shape_of_word(head.text.substr(colon + 2), head);
    if (!made) return made.error();
    part.type = std::move(*made);
    while (at_ < lines_.size() && lines_[at_].depth > depth) {
      auto inner = read_part(depth + 1);
      if (!inner) return inner.error();
      part.type.parts.push_back(std::move(*inner));
    }
    if (auto ok = check_parts(part.type, head); !ok) return ok.error();
    return part;
  }

  static result<shape> shape_of_word(std::string_view text, const line& at) {
    auto word = text;
    std::string_view argument;
    if (const auto open = text.find('('); open != text.npos && text.ends_with(')')) {
      word = text.substr(0, open);
      argument = text.substr(open + 1, text.size() - open - 2);
    }
    for (const bool is_signed : {true, false}) {
      const std::string_view prefix = is_signed ? "int" : "uint";
      if (!word.starts_with(prefix)) continue;
      const auto bits = number_of(word.substr(prefix.size()));
      if (bits && (*bits == 8 || *bits == 16 || *bits == 32 || *bits == 64)) return shape::integer(*bits, is_signed);
    }
    for (const auto& [name, kind] : kind_words)
      if (name == word) return with_argument(kind, argument, at);
    return wrong(at, "has a type that is not known: " + std::string{text});
  }

  static result<shape> with_argument(shape_kind kind, std::string_view argument, const line& at) {
    shape s;
    s.kind = kind;
    switch (kind) {
      case shape_kind::text: s.format = argument; return s;
      case shape_kind::enumeration:
      case shape_kind::record: s.name = argument; return s;
      case shape_kind::list:
        if (argument.empty()) return s;
        [[fallthrough]];
      case shape_kind::number:
      case shape_kind::again: {
        const auto n = number_of(argument);
        if (!n || *n == 0) return wrong(at, "has a type without its number");
        s.size = static_cast<std::size_t>(*n);
        return s;
      }
      default: return s;
    }
  }

  // Checks the parts that readers of shapes depend on.
  static result<void> check_parts(shape& s, const line& at) {
    switch (s.kind) {
      case shape_kind::optional:
      case shape_kind::list:
      case shape_kind::map:
        if (s.parts.size() != 1 || s.parts[0].name != "of" || !s.parts[0].required)
          return wrong(at, "needs one line under it, \"of: type\"");
        s.parts[0].name.clear();
        return {};
      case shape_kind::enumeration:
      case shape_kind::variant:
      case shape_kind::record: return {};
      default:
        if (!s.parts.empty()) return wrong(at, "has lines under it, which its type has not");
        return {};
    }
  }

  std::vector<line> lines_;
  std::size_t at_ = 0;
};

}  // namespace

std::string to_text(const schema& s) {
  std::string out;
  for (const auto& e : s) {
    const bool is_event = e.kind == schema_entry::entry_kind::event;
    out += (is_event ? "event " : "operation ") + e.name + ' ' + std::to_string(e.version);
    if (!is_event) out += ' ' + std::string{to_string(e.how)};
    out += '\n';
    for (const auto& m : e.messages) {
      out += "  " + m.role + ": " + word_of(m.layout) + ' ' + hex(layout_hash(m.layout)) + '\n';
      write_parts(out, m.layout, 2);
    }
  }
  return out;
}

result<schema> parse_schema(std::string_view text) {
  auto lines = lines_of(text);
  if (!lines) return lines.error();
  return reader{std::move(*lines)}.read();
}

}  // namespace banyan
