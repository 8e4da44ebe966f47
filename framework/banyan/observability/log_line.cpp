#include <banyan/observability/log_line.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/observability/trace.hpp>

#include <algorithm>

namespace banyan {
namespace {

constexpr std::size_t longest_log_value = 1024, longest_message = 4096;

std::string cut(std::string_view text, std::size_t most) {
  return text.size() <= most ? std::string{text} : std::string{text.substr(0, most)} + "...";
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

// Unquoted when unambiguous, otherwise a JSON string.
void append_word(std::string& out, const std::string& text) {
  const auto is_plain = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\'; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) out += text;
  else append_json(out, text);
}

void append_value(std::string& out, const log_value& v, log_format format) {
  const auto append = [&]<class T>(const T& x) {
    if constexpr (!std::convertible_to<T, std::string_view>) append_json(out, x);
    else if (format == log_format::text) append_word(out, cut(x, longest_log_value));
    else append_json(out, cut(x, longest_log_value));
  };
  std::visit(append, v.get());
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  out += out.size() > 1 ? ",\"" : "\"";
  out += key;
  out += "\":";
  append_json(out, std::string{text});
}

std::string json_line(const log_line& line) {
  std::string out = "{";
  append_member(out, "time", to_rfc3339_ms(line.time));
  append_member(out, "level", to_string(line.level));
  append_member(out, "service", line.service);
  append_member(out, "message", cut(line.message, longest_message));
  for (const auto& field : line.fields) {
    constexpr std::string_view own[] = {"time", "level", "service", "message", "trace"};
    const bool taken = std::find(std::begin(own), std::end(own), field.key) != std::end(own);
    out += ',';
    append_json(out, std::string{field.key} + (taken ? "_" : ""));
    out += ':';
    append_value(out, field.value, log_format::json);
  }
  append_member(out, "trace", line.trace_id);
  return out += '}';
}

// Red, yellow, plain and faint.
std::string level_word(log_level level, bool color) {
  auto word = std::string{to_string(level)};
  word.resize(7, ' ');
  if (!color || level == log_level::info) return word;
  const auto* code = level == log_level::error ? "31" : level == log_level::warning ? "33" : "2";
  return "\x1b[" + std::string{code} + "m" + word + "\x1b[0m";
}

std::string text_line(const log_line& line, bool color) {
  std::string out;
  if (!line.service.empty()) out += std::string{line.service} + ": ";
  const auto message = cut(line.message, longest_message);
  if (std::none_of(message.begin(), message.end(), is_control)) out += message;
  else append_json(out, message);
  for (const auto& field : line.fields) {
    out += ' ';
    append_word(out, std::string{field.key});
    out += '=';
    append_value(out, field.value, log_format::text);
  }
  if (!line.trace_id.empty()) out += " trace=" + std::string{line.trace_id};
  return to_rfc3339_ms(line.time) + " " + level_word(line.level, color) + " " + printable(std::move(out));
}

}  // namespace

std::string to_line(const log_line& line, log_format format, bool color) {
  return format == log_format::json ? json_line(line) : text_line(line, color);
}

std::string_view trace_id_of(std::string_view traceparent) {
  return parse_traceparent(traceparent) ? traceparent.substr(3, 32) : std::string_view{};
}

}  // namespace banyan
