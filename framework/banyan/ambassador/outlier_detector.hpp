// Ejects endpoints that do worse than their peers, for a time: passive health checks.
//
//   outlier_detector detector{{}, now};
//   detector.set_members(records, now);               // shared_ptr<outlier_record>, one per endpoint
//   detector.record(*mine, attempt_result::failure, latency, now);
//   bool passed_over = mine->is_ejected(now);         // it is not to be chosen
//
// An endpoint is ejected
//   at once            after `consecutive` failures in a row
//   at an interval's   when its success rate is below the mean of all by more than `deviations` standard deviations, or
//   end                not above 1 - `failure_share`, or when its median latency is above `latency_factor` times the
//                      median of all; each only with enough calls, as given below.
//
// Not for failures that all share: `consecutive` and `failure_share` eject only where the mean success rate of the
// other members is higher by `peer_margin`: of the interval, or for `consecutive` of about the last calls of each. If
// the whole service fails, half of it ejected would help nobody, and the other half had the load of all when it works
// again.
//
// The n-th ejection lasts n * `ejection`, at most `ejection_max`; every interval in which an endpoint is neither
// ejected nor worse than its peers lowers n by one. Never more than `max_share` of the members are ejected at a time
// (one of three, none of one); if members leave so that more would be, those whose ejection ends first return. After
// an ejection an endpoint begins with empty counts.
//
// Rates and factors are those of Envoy's outlier detection and gRPC's A50; ejection by latency is an addition.
// Thread-safe: recording is a few relaxed atomic additions; whoever records first after an interval's end evaluates
// it.
#pragma once

#include <banyan/ambassador/latency_histogram.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe/enum.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace banyan {

struct outlier_options {
  int consecutive = 5;             // failures in a row; 0: off
  double deviations = 1.9;         // success rate below the mean, in standard deviations; 0: off
  double success_rate_margin = 0.05;  // ... and below it by this
  int success_rate_members = 5;    // ... with at least so many members of
  int success_rate_calls = 100;    // ... at least so many calls in the interval
  double failure_share = 0.85;     // failures of all calls in the interval, or more; 0: off
  int failure_share_calls = 50;    // ... with at least so many calls
  double peer_margin = 0.4;        // for both: the others' success rate above its own, at least; 0: not compared
  double latency_factor = 3.0;     // times the median of the members' median latencies, or more; 0: off
  timespan latency_margin = std::chrono::milliseconds{5};  // ... and more than it by this
  int latency_members = 2;         // ... with at least so many members of
  int latency_calls = 20;          // ... at least so many calls in the interval
  timespan interval = std::chrono::seconds{10};      // after which endpoints are compared
  timespan ejection = std::chrono::seconds{30};      // the first one; the n-th is n times as long ...
  timespan ejection_max = std::chrono::seconds{300}; // ... up to this
  double max_share = 0.5;          // of the members
  friend bool operator==(const outlier_options&, const outlier_options&) = default;
};

enum class attempt_result : std::uint8_t { success, failure, ignored };
enum class ejection_cause : std::uint8_t { none, consecutive_failures, success_rate, failure_share, latency };
BOOST_DESCRIBE_ENUM(ejection_cause, none, consecutive_failures, success_rate, failure_share, latency)

// What is known of one endpoint. Shared by the detector and the endpoint's state.
class outlier_record {
 public:
  explicit outlier_record(std::string name) : name_{std::move(name)} {}
  const std::string& name() const { return name_; }
  bool is_ejected(monotonic now) const {
    return now.time_since_epoch().count() < ejected_until_.load(std::memory_order_relaxed);
  }

 private:
  friend class outlier_detector;
  const std::string name_;
  bool was_ejected_since(std::int64_t then) const { return ejected_until_.load(std::memory_order_relaxed) > then; }
  void forget();  // the counts
  std::atomic<std::int64_t> ejected_until_{INT64_MIN};
  std::atomic<int> failures_in_row_{0};
  std::atomic<float> recent_success_{1};                   // moving average over about `consecutive` calls
  std::atomic<std::uint32_t> successes_{0}, failures_{0};  // in this interval
  latency_histogram latencies_;                            // in this interval
  int times_ = 0;                                          // n; under the detector's lock, as what follows
  ejection_cause cause_ = ejection_cause::none;            // of the last ejection
  double success_rate_ = 1;                                // of the last interval with calls
  nanoseconds median_{0};
};

struct outlier_state {
  std::string name;
  bool ejected = false;
  nanoseconds remaining{0};                        // of the ejection
  int times = 0;                                   // n: the next ejection is n + 1 times the base
  ejection_cause cause = ejection_cause::none;     // of the last ejection
  double success_rate = 1;                         // in the last interval with calls
  nanoseconds median_latency{0};
};

class outlier_detector {
 public:
  using records = std::vector<std::shared_ptr<outlier_record>>;
  outlier_detector(outlier_options options, monotonic now);

  void set_members(records members, monotonic now);
  void record(outlier_record& of, attempt_result how, nanoseconds latency, monotonic now);
  void evaluate(monotonic now);                   // ends the interval if its time is over, as record() does
  std::uint64_t ejections() const { return ejections_.load(std::memory_order_relaxed); }  // so far
  std::vector<outlier_state> states(monotonic now) const;

 private:
  struct finding;
  struct peers;
  void end_interval(monotonic now, std::int64_t began);
  void find_low_success(std::vector<finding>& all) const;
  void find_slow(std::vector<finding>& all) const;
  bool does_worse_now(const outlier_record& r, monotonic now) const;
  bool eject(outlier_record& r, ejection_cause why, monotonic now);
  bool is_member(const outlier_record& r) const;
  int ejected(monotonic now) const;
  int most_ejected() const;

  const outlier_options options_;
  std::atomic<std::int64_t> interval_ends_;
  std::atomic<std::uint64_t> ejections_{0};
  mutable std::mutex mutex_;
  records members_;
};

}  // namespace banyan
