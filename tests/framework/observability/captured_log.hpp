// The log of a test, as text: at a level of its choice, always at the same time of day.
#pragma once

#include <banyan/observability/log.hpp>

#include <sstream>
#include <string>

namespace banyan::test {

class captured_log {
 public:
  explicit captured_log(log_level level, log_format format = log_format::text) { configure_logging({level, format, &out_, &time_}); }
  ~captured_log() { configure_logging({}); }
  captured_log(const captured_log&) = delete;

  std::string text() const { return out_.str(); }
  bool has(std::string_view part) const { return text().find(part) != std::string::npos; }

 private:
  class fixed_clock final : public clock {
   public:
    instant now() const override { return *parse_rfc3339("2026-01-02T03:04:05.678Z"); }
    monotonic steady() const override { return {}; }
  };
  std::ostringstream out_;
  fixed_clock time_;
};

}  // namespace banyan::test
