// The faults of a running acquirer: the settings in force, which can be changed at any time, how often each subject was
// asked, and what was injected so far. Thread-safe.
#pragma once

#include <services/acquirer/fault_plan.hpp>

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace acquirer {

struct injected_faults {
  std::uint64_t latency = 0, outage = 0, outage_reset = 0, error = 0, reset_before = 0, reset_after = 0,
                lose_answer = 0, bad_json = 0, slow_body = 0, wrong_currency = 0, duplicate_callback = 0,
                late_callback = 0;
};
BOOST_DESCRIBE_STRUCT(injected_faults, (),
                      (latency, outage, outage_reset, error, reset_before, reset_after, lose_answer, bad_json,
                       slow_body, wrong_currency, duplicate_callback, late_callback))

// The document of `GET /faults`.
struct fault_report {
  std::uint64_t seed = 0;
  fault_settings faults;
  injected_faults injected;  // since the start
};
BOOST_DESCRIBE_STRUCT(fault_report, (), (seed, faults, injected))

class fault_injector {
 public:
  fault_injector(fault_settings settings, std::uint64_t seed) : settings_{settings}, seed_{seed} {}

  // Draws and counts what happens to the next request of this subject.
  fault_decision next(std::string_view subject);
  // Draws what happens to the callback of an event.
  callback_decision for_callback(std::string_view event_id);
  // Counts what is known later: that an event was recorded for the first time, that an answer had an amount.
  void count(const callback_decision& d);
  void count_wrong_currency();

  fault_report report() const;
  // See merge_faults. A member `seed` besides the faults replaces the seed, and attempts are counted from 0 again.
  banyan::result<void> change(boost::json::value changes);
  void clear();

 private:
  std::uint64_t attempts_before(std::string_view subject);

  mutable std::mutex lock_;
  fault_settings settings_;
  std::uint64_t seed_;
  injected_faults injected_;
  // By the hash of the subject. The oldest are forgotten beyond a limit, and begin again with attempt 0.
  std::unordered_map<std::uint64_t, std::uint32_t> asked_;
  std::deque<std::uint64_t> order_;
};

}  // namespace acquirer
