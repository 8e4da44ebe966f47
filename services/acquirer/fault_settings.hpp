// The acquirer's faults as settings: what can go wrong, how often and by how much. All are off by default.
//
//   fault_settings f;
//   auto merged = merge_faults(f, *parse_json(R"({"error_rate":0.1,"latency":{"mean":"80ms"}})"));   // whole or part
//   auto one = fault_assignment("latency.mean=80ms");            // of a command line, in the same form
//
// Rates are shares of requests, 0 to 1; durations are texts such as "80ms". Errors: invalid_argument, whose `field`
// is the path of the member that is unknown, of the wrong type or out of its range. Pure.
#pragma once

#include <banyan/core/json.hpp>

#include <string_view>

namespace acquirer {

using banyan::timespan;

struct latency_fault {
  timespan mean = {};    // added to the time of each answer ...
  timespan jitter = {};  // ... give or take up to this, uniformly
  friend bool operator==(const latency_fault&, const latency_fault&) = default;
};
BOOST_DESCRIBE_STRUCT(latency_fault, (), (mean, jitter))

// Something that happens to a share of cases and then takes this long.
struct delay_fault {
  double rate = 0;
  timespan by = {};
  friend bool operator==(const delay_fault&, const delay_fault&) = default;
};
BOOST_DESCRIBE_STRUCT(delay_fault, (), (rate, by))

enum class outage_mode : std::uint8_t {
  off,
  on,     // each request is answered 503, and nothing is done
  reset,  // each request's connection is reset, and nothing is done
};
BOOST_DESCRIBE_ENUM(outage_mode, off, on, reset)

struct fault_settings {
  latency_fault latency;
  outage_mode outage = outage_mode::off;
  double error_rate = 0;               // 503, and nothing is done
  double reset_rate = 0;               // connection reset; of these half before and half after the work was done
  double lose_answer_rate = 0;         // the work is done, the client gets no answer until it gives up
  double bad_json_rate = 0;            // the answer's JSON ends in the middle
  double wrong_currency_rate = 0;      // amounts of the answer are in a currency that nobody asked for
  delay_fault slow_body;               // the answer's body comes in pieces
  double duplicate_callback_rate = 0;  // a callback that was taken is sent once more
  delay_fault late_callback;           // a callback is first sent so much later
  friend bool operator==(const fault_settings&, const fault_settings&) = default;
};
BOOST_DESCRIBE_STRUCT(fault_settings, (),
                      (latency, outage, error_rate, reset_rate, lose_answer_rate, bad_json_rate, wrong_currency_rate,
                       slow_body, duplicate_callback_rate, late_callback))

// The longest duration of a fault, and so of a request.
inline constexpr std::chrono::minutes longest_fault{5};

// Replaces the members that `changes` has. `outage` may also be true or false.
banyan::result<fault_settings> merge_faults(const fault_settings& now, const boost::json::value& changes);

// "latency.mean=80ms", "error_rate=0.1" or "outage=reset" as the JSON object that `merge_faults` takes.
banyan::result<boost::json::value> fault_assignment(std::string_view text);

}  // namespace acquirer
