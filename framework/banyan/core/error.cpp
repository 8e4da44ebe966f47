#include <banyan/core/result.hpp>

#include <ostream>

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

std::ostream& operator<<(std::ostream& out, const error& e) { return out << to_string(e); }

std::ostream& operator<<(std::ostream& out, const result<void>& r) { return r ? detail::print_value(out) : out << r.error(); }

std::ostream& detail::print_value(std::ostream& out) { return out << "a value"; }

bool is_retryable(code c) { return c == code::deadline_exceeded || c == code::unavailable || c == code::exhausted; }

bool is_transient(const error& e) { return e.code == code::unavailable || e.code == code::exhausted; }

}  // namespace banyan
