#include <banyan/observability/background_writer.hpp>
#include <banyan/observability/log_line.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/ostream_sink.h>

#include <array>
#include <memory>
#include <mutex>

#include <unistd.h>

namespace banyan {
namespace {

struct output {
  std::shared_ptr<spdlog::logger> to;
  log_format format = log_format::text;
  bool color = false;
  const clock* time = nullptr;
};

background_writer& standard_error() { return background_writer::of(STDERR_FILENO); }

class standard_error_sink final : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    standard_error().write({line.data(), line.size()});
  }
  void flush_() override {}
};

std::string dropped_line(std::uint64_t count, log_format format, bool color, const clock& time) {
  const auto* said = "lines were dropped: nobody took them in time";
  return to_line({time.now(), log_level::warning, "log", said, "", {{"lines", count}}}, format, color) + "\n";
}

std::shared_ptr<const output> open(const log_settings& s) {
  spdlog::sink_ptr sink;
  if (s.to) {
    sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(*s.to, true);
  } else {
    sink = std::make_shared<standard_error_sink>();
    const auto* time = s.time ? s.time : &system_clock();
    standard_error().tell_dropped_with([format = s.format, color = s.color, time](std::uint64_t count) {
      return dropped_line(count, format, color, *time);
    });
  }
  auto to = std::make_shared<spdlog::logger>("banyan", std::move(sink));
  to->set_pattern("%v");
  to->set_level(spdlog::level::trace);
  return std::make_shared<output>(output{std::move(to), s.format, s.color, s.time ? s.time : &system_clock()});
}

// A line uses the configuration it began with. Never destroyed: destructors of statics may log.
struct current {
  std::mutex lock;
  std::shared_ptr<const output> out = open({});
};
current& present() {
  static auto* c = new current;
  return *c;
}

constexpr std::array<std::string_view, 6> level_names{"trace", "debug", "info", "warning", "error", "off"};

}  // namespace

void configure_logging(const log_settings& settings) {
  auto fresh = open(settings);
  auto& c = present();
  const std::lock_guard guard{c.lock};
  c.out = std::move(fresh);
  detail::log_threshold = settings.level;
}

std::optional<std::string> log_trouble() { return standard_error().trouble(); }

logger logger::of(std::string_view traceparent) const {
  logger l{service_};
  l.trace_ = trace_id_of(traceparent);
  return l;
}

void logger::write(log_level l, std::string_view message, log_fields fields) const {
  std::shared_ptr<const output> out;
  {
    auto& c = present();
    const std::lock_guard guard{c.lock};
    out = c.out;
  }
  const auto line = to_line({out->time->now(), l, service_, message, trace_, fields}, out->format, out->color);
  out->to->log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
}

std::string_view to_string(log_level l) { return level_names.at(static_cast<std::size_t>(l)); }
std::string_view to_string(log_format f) { return f == log_format::json ? "json" : "text"; }

result<log_level> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == text) return static_cast<log_level>(i);
  return error{code::invalid_argument, "a log level is one of trace, debug, info, warning, error, off"};
}

result<log_format> parse_log_format(std::string_view text) {
  if (text == "json") return log_format::json;
  if (text == "text") return log_format::text;
  return error{code::invalid_argument, "a log format is text or json"};
}

}  // namespace banyan
