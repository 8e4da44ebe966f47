// The log of a test, as text: at a level of its choice, always at the same time of day. Any thread may log while the
// test reads.
#pragma once

#include <banyan/observability/log.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace banyan::test {

class captured_log {
 public:
  explicit captured_log(log_level level, log_format format = log_format::text) { configure_logging({level, format, &out_, &time_}); }
  ~captured_log() { configure_logging({}); }
  captured_log(const captured_log&) = delete;

  std::string text() const { return lines_.text(); }
  bool has(std::string_view part) const { return text().find(part) != std::string::npos; }
  // Waits until some thread has logged this; false: nobody has within a minute.
  bool comes(std::string_view part) const { return lines_.comes(part); }

 private:
  class fixed_clock final : public clock {
   public:
    instant now() const override { return *parse_rfc3339("2026-01-02T03:04:05.678Z"); }
    monotonic steady() const override { return {}; }
  };
  // The sink's lock covers who writes; this one covers who reads meanwhile.
  class shared_text final : public std::streambuf {
   public:
    std::string text() const {
      const std::lock_guard lock{mutex_};
      return text_;
    }
    bool comes(std::string_view part) const {
      std::unique_lock lock{mutex_};
      return grew_.wait_for(lock, std::chrono::minutes{1}, [&] { return text_.find(part) != std::string::npos; });
    }

   protected:
    std::streamsize xsputn(const char* from, std::streamsize n) override {
      const std::lock_guard lock{mutex_};
      text_.append(from, static_cast<std::size_t>(n));
      grew_.notify_all();
      return n;
    }
    int_type overflow(int_type c) override {
      if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
      const char byte = traits_type::to_char_type(c);
      return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
    }

   private:
    mutable std::mutex mutex_;
    mutable std::condition_variable grew_;
    std::string text_;
  };
  shared_text lines_;
  std::ostream out_{&lines_};
  fixed_clock time_;
};

}  // namespace banyan::test
