// Structured logs: a sentence for people, fields for programs.
//
//   log_info("order placed", {{"order", id}, {"lines", 3}});
//   const logger log{"orders"};                                             // lines name the service
//   log.of(context.trace).warning("payment is slow", {{"took", elapsed}});  // ... and the request's trace
//
//   2026-01-02T03:04:05.678Z info    orders: order placed order=536365 lines=3 trace=4bf92f3577b34da6a3ce929d0e0e4736
//   {"time":"2026-01-02T03:04:05.678Z","level":"info","service":"orders","message":"order placed","order":"536365","lines":3,"trace":..}
//
// For what an operator acts on or a developer searches for. Count with metrics.hpp; never log a secret, a payload or
// a whole header. The message is constant text, variable data goes into fields, so that equal events have equal
// messages.
//
// A line below the level costs one load and compare. Thread-safe; lines are never interleaved. Logging never waits
// for the reader of standard error: a background thread writes the lines (background_writer.hpp); those without room
// are dropped, counted and reported.
// Untrusted data can not forge a line: control characters are escaped or replaced, values cut at 1,024 bytes,
// messages at 4,096.
#pragma once

#include <banyan/core/time.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace banyan {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };
enum class log_format : std::uint8_t { text, json };

// A string (not copied: valid during the call), a number, a bool, or a time span.
class log_value {
 public:
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  log_value(const T& text) : value_{std::string_view{text}} {}
  log_value(bool b) : value_{b} {}
  template <std::integral N>
    requires(!std::same_as<N, bool>)
  log_value(N n) {
    if constexpr (std::is_signed_v<N>) value_ = static_cast<std::int64_t>(n);
    else value_ = static_cast<std::uint64_t>(n);
  }
  template <std::floating_point N>
  log_value(N n) : value_{static_cast<double>(n)} {}
  log_value(timespan t) : value_{to_string(t)} {}
  template <class R, class P>
  log_value(std::chrono::duration<R, P> d) : log_value{timespan{d}} {}
  // Types with a to_string of their own: ids, money, enumerators, errors.
  template <class T>
    requires(!std::is_arithmetic_v<T> && requires(const T& x) { std::string{to_string(x)}; })
  log_value(const T& x) : value_{std::string{to_string(x)}} {}

  const auto& get() const { return value_; }

 private:
  std::variant<std::string_view, std::string, std::int64_t, std::uint64_t, double, bool> value_;
};

struct log_field {
  std::string_view key;
  log_value value;
};
using log_fields = std::initializer_list<log_field>;

namespace detail {
inline std::atomic<log_level> log_threshold{log_level::info};
}

inline bool logs(log_level l) { return l >= detail::log_threshold.load(std::memory_order_relaxed); }

class logger {
 public:
  logger() = default;
  explicit logger(std::string service) : service_{std::move(service)} {}
  // A logger for one request; without a valid traceparent (W3C Trace Context) lines have no trace id.
  logger of(std::string_view traceparent) const;

  void log(log_level l, std::string_view message, log_fields fields = {}) const {
    if (logs(l) && l != log_level::off) write(l, message, fields);
  }
  void trace(std::string_view message, log_fields fields = {}) const { log(log_level::trace, message, fields); }
  void debug(std::string_view message, log_fields fields = {}) const { log(log_level::debug, message, fields); }
  void info(std::string_view message, log_fields fields = {}) const { log(log_level::info, message, fields); }
  void warning(std::string_view message, log_fields fields = {}) const { log(log_level::warning, message, fields); }
  void error(std::string_view message, log_fields fields = {}) const { log(log_level::error, message, fields); }

 private:
  void write(log_level l, std::string_view message, log_fields fields) const;
  std::string service_, trace_;
};

// For code outside of services.
inline void log_debug(std::string_view message, log_fields fields = {}) { logger{}.debug(message, fields); }
inline void log_info(std::string_view message, log_fields fields = {}) { logger{}.info(message, fields); }
inline void log_warning(std::string_view message, log_fields fields = {}) { logger{}.warning(message, fields); }
inline void log_error(std::string_view message, log_fields fields = {}) { logger{}.error(message, fields); }

// The log's configuration. Defaults until the first call: info, text, standard error, system clock. May be changed
// at any time.
struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::text;
  std::ostream* to = nullptr;          // nullptr: standard error, in the background. Must live until the next call
  const clock* time = nullptr;         // nullptr: system_clock(). Must live until the next call
  bool color = false;                  // colours in text format, see log_line.hpp
};
void configure_logging(const log_settings& settings);

// Why lines do not reach standard error at present: "Broken pipe", "nobody reads it, 312 lines were dropped".
std::optional<std::string> log_trouble();

std::string_view to_string(log_level l);
std::string_view to_string(log_format f);
result<log_level> parse_log_level(std::string_view text);     // "warning"
result<log_format> parse_log_format(std::string_view text);   // "json"

}  // namespace banyan
