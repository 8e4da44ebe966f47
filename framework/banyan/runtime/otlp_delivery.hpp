// The delivery of encoded batches to an OTLP collector: a bounded queue, one batch under way at a time, retries by
// the rules of OTLP/HTTP. Pure: time, randomness and answers are passed in (the shell is otlp_exporter.hpp).
//
//   delivery.add({otlp_signal::traces, body, spans.size()});
//   if (const auto* batch = delivery.next(now)) post(*batch);
//   auto told = delivery.answered(response, now, random);    // of that batch
//
// 429, 502, 503, 504, a lost connection and a time-out are retried: after Retry-After, else with exponential back-off
// and jitter, for at most `give_up_after`. Any other status is final, and the batch is dropped. A 2xx may reject a part
// of the batch ("partialSuccess"), which is counted and not sent again.
//
// When the queue holds `max_bytes`, the oldest waiting batch is dropped. Metrics are cumulative, so a batch of metrics
// replaces one that still waits.
#pragma once

#include <banyan/core/backoff.hpp>
#include <banyan/http/message.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

namespace banyan {

enum class otlp_signal : std::uint8_t { traces, metrics };
inline constexpr std::array<const char*, 2> otlp_signal_names{"traces", "metrics"};

struct otlp_batch {
  otlp_signal signal = otlp_signal::traces;
  std::string body;
  std::uint64_t items = 0;  // spans, or series
};

struct otlp_delivery_limits {
  std::size_t max_bytes = 16 * 1024 * 1024;
  timespan give_up_after = std::chrono::minutes{5};  // of a batch, from its first attempt
  timespan max_wait = std::chrono::minutes{2};       // a longer Retry-After is cut to this
  backoff_policy wait = {.first = std::chrono::milliseconds{500},
                         .min = std::chrono::seconds{1},
                         .max = std::chrono::seconds{30},
                         .quiet = std::chrono::minutes{5}};
};

// Items by signal, since the start.
struct otlp_counters {
  std::uint64_t exported = 0;
  std::uint64_t rejected = 0;  // by the collector: a final status, or a part of a batch
  std::uint64_t expired = 0;   // retried for too long, or not sent when the node stopped
  std::uint64_t displaced = 0; // the queue was full
};

class otlp_delivery {
 public:
  explicit otlp_delivery(otlp_delivery_limits limits = {}) : limits_{limits}, wait_{limits.wait} {}

  void add(otlp_batch batch);

  // The batch to send now, which is then under way until answered(); null: none.
  const otlp_batch* next(monotonic now);
  // The earliest time at which next() may return a batch; max: not before add() or answered().
  monotonic due() const;
  bool is_idle() const { return waiting_.empty(); }
  std::size_t waiting_bytes() const { return bytes_; }

  enum class verdict : std::uint8_t { delivered, partly, retried, dropped };
  struct told {
    verdict kind = verdict::delivered;
    std::string why;  // unless delivered
  };
  told answered(const result<http_response>& r, monotonic now, random_source& random);

  void drop_all();  // counted as expired

  const otlp_counters& counters(otlp_signal s) const { return counters_[static_cast<std::size_t>(s)]; }
  std::uint64_t failed_attempts() const { return failed_attempts_; }

 private:
  otlp_counters& of(const otlp_batch& b) { return counters_[static_cast<std::size_t>(b.signal)]; }
  void pop(std::size_t i);

  otlp_delivery_limits limits_;
  backoff wait_;
  std::deque<otlp_batch> waiting_;  // the first one is sent first
  std::size_t bytes_ = 0;
  bool under_way_ = false;          // the first one
  bool was_tried_ = false;          // likewise
  monotonic not_before_{};
  monotonic first_attempt_{};
  std::array<otlp_counters, 2> counters_;
  std::uint64_t failed_attempts_ = 0;
};

}  // namespace banyan
