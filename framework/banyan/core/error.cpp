#include <banyan/core/error.hpp>

namespace banyan {

std::string_view to_string(code c) { return boost::describe::enum_to_string(c, "internal"); }

std::string_view to_string(outcome o) { return boost::describe::enum_to_string(o, "unknown"); }

std::string to_string(const error& e) {
  std::string text{to_string(e.code)};
  if (!e.reason.empty()) text += " (" + e.reason + ")";
  if (!e.field.empty() && !e.message.starts_with(e.field)) text += " at " + e.field;
  if (!e.message.empty()) text += ": " + e.message;
  return text;
}

bool is_retryable(code c) { return c == code::deadline_exceeded || c == code::unavailable || c == code::exhausted; }

}  // namespace banyan
