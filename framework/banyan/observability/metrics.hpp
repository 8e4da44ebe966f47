// Metrics: counters, gauges and histograms, read by Prometheus from /metrics.
//
//   metrics_registry metrics;
//   counter placed = metrics.counter("banyan_commands_total", "Commands decided.", {{"service", "orders"}, {"command", "place_order"}});
//   histogram took = metrics.histogram("banyan_command_seconds", "From command to durable answer.");
//   placed.add();
//   took.observe(elapsed);
//   std::string page = metrics.text();
//
// Get a handle once, at start, and keep it: counting is one relaxed atomic addition. Handles are cheap to copy and
// live as long as their registry; a default-constructed one counts nothing. Names follow Prometheus' conventions:
// base units, "_total" for counters, a prefix ("banyan_<pattern>_..."), labels with few values.
//
// No untrusted or unbounded values as labels (an order id, a URL): each value is a time series for ever. As a guard
// a family has at most 1,000 series; further ones share one whose labels are "other".
//
// A name or label that is invalid in Prometheus, and a family requested twice with different types or bounds, are
// defects of the program: they throw std::logic_error.
#pragma once

#include <banyan/core/time.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

namespace detail {

struct histogram_cell {
  explicit histogram_cell(std::vector<double> upper);
  std::vector<double> bounds;  // ascending upper bounds; larger values go into one more bucket
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts;  // bounds.size() + 1, not cumulative
  void observe(double x) noexcept;
  void observe(nanoseconds t) noexcept;
  double sum() const noexcept;

 private:
  std::atomic<double> sum_{0};                 // of plain values
  std::atomic<std::int64_t> sum_of_times_{0};  // in nanoseconds: adding integers is cheaper
  std::vector<std::int64_t> time_bounds_;      // `bounds` in nanoseconds, and the largest value
  std::array<std::uint16_t, 65> first_bucket_{};  // by the bit width of a time: the first one that it can be in
};

}  // namespace detail

// A monotonic counter.
class counter {
 public:
  counter() = default;
  explicit counter(std::atomic<std::uint64_t>& cell) : cell_{&cell} {}
  void add(std::uint64_t n = 1) const noexcept {
    if (cell_) cell_->fetch_add(n, std::memory_order_relaxed);
  }
  // Sets a count that is kept elsewhere; a lower value is ignored.
  void raise_to(std::uint64_t n) const noexcept;
  std::uint64_t value() const noexcept { return cell_ ? cell_->load(std::memory_order_relaxed) : 0; }

 private:
  std::atomic<std::uint64_t>* cell_ = nullptr;
};

// A value that goes up and down.
class gauge {
 public:
  gauge() = default;
  explicit gauge(std::atomic<double>& cell) : cell_{&cell} {}
  void set(double x) const noexcept {
    if (cell_) cell_->store(x, std::memory_order_relaxed);
  }
  void add(double x) const noexcept {
    if (cell_) cell_->fetch_add(x, std::memory_order_relaxed);
  }
  double value() const noexcept { return cell_ ? cell_->load(std::memory_order_relaxed) : 0; }

 private:
  std::atomic<double>* cell_ = nullptr;
};

// Counts of values per bucket. Times are in seconds.
class histogram {
 public:
  histogram() = default;
  explicit histogram(detail::histogram_cell& cell) : cell_{&cell} {}
  void observe(double x) const noexcept {
    if (cell_) cell_->observe(x);
  }
  void observe(timespan t) const noexcept {
    if (cell_) cell_->observe(t.count());
  }
  std::uint64_t count() const noexcept;

 private:
  detail::histogram_cell* cell_ = nullptr;
};

using metric_labels = std::vector<std::pair<std::string, std::string>>;

// 50 us to 10 s.
std::vector<double> default_bounds();

// A snapshot of all series of one name, for exporters.
enum class metric_kind : std::uint8_t { counter, gauge, histogram };
struct metric_point {
  metric_labels labels;
  std::uint64_t count = 0;             // counters
  double value = 0;                    // gauges: the level; histograms: the sum
  std::vector<std::uint64_t> buckets;  // histograms: one per bound and one above, not cumulative
};
struct metric_family {
  std::string name, help;
  metric_kind kind = metric_kind::counter;
  std::vector<double> bounds;  // histograms: ascending upper bounds
  std::vector<metric_point> points;
};

class metrics_registry {
 public:
  metrics_registry();
  ~metrics_registry();

  // Equal names and labels return the same series. The first help text is used.
  banyan::counter counter(std::string_view name, std::string_view help, metric_labels labels = {});
  banyan::gauge gauge(std::string_view name, std::string_view help, metric_labels labels = {});
  banyan::histogram histogram(std::string_view name, std::string_view help, metric_labels labels = {},
                              std::vector<double> bounds = default_bounds());

  // Called before each read(), to set gauges that are cheaper to read than to keep up to date (a queue's length).
  // Must not throw.
  void before_reading(std::function<void()> f);

  std::vector<metric_family> read() const;  // by name

  // Prometheus text format 0.0.4 of read(); see `media_type`.
  std::string text() const;
  static constexpr std::string_view media_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace banyan
