// The text form of one log line. Pure.
#pragma once

#include <banyan/observability/log.hpp>

namespace banyan {

struct log_line {
  instant time;
  log_level level = log_level::info;
  std::string_view service, message, trace_id;   // service and trace_id may be empty
  log_fields fields;
};

// The line without its final line break; it contains none. In JSON a field with the name of one of the line's own
// members gets a "_" appended. With `color`, the level of a text line is coloured.
std::string to_line(const log_line& line, log_format format, bool color = false);

// The trace id, 32 hexadecimal digits, of "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; empty when
// malformed.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace banyan
