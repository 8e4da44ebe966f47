// Which faults happen to a request or a callback: decided by the seed and by what is asked alone, so that a run can be
// repeated whatever the order in which requests arrive.
//
//   fault_decision d = decide(settings, 7, "POST /charges order-1", 0);          // the first request of this subject
//
// A decision is drawn from a hash of seed, name of the fault, subject and attempt. The subject is the method, the path
// and the Idempotency-Key; the attempt counts how often the subject was asked before. The draws of two faults are
// independent, so that a change of one rate leaves the others' decisions as they are; and a subject that is hit at one
// rate is hit at every higher one. Pure.
#pragma once

#include <services/acquirer/fault_settings.hpp>

#include <cstdint>
#include <string_view>

namespace acquirer {

// What happens to the connection or the answer; the first in this order wins when several are drawn.
enum class request_fault : std::uint8_t {
  none,
  outage,        // 503, nothing is done
  outage_reset,  // reset, nothing is done
  error,         // 503, nothing is done
  reset_before,  // reset, nothing is done
  reset_after,   // reset, the work is done
  lose_answer,   // no answer, the work is done
  bad_json,
  slow_body,
};
BOOST_DESCRIBE_ENUM(request_fault, none, outage, outage_reset, error, reset_before, reset_after, lose_answer, bad_json,
                    slow_body)

struct fault_decision {
  request_fault fault = request_fault::none;
  timespan delay = {};          // before the answer
  timespan body_over = {};      // with slow_body
  bool wrong_currency = false;  // in addition to the fault; of use when an answer is sent
  friend bool operator==(const fault_decision&, const fault_decision&) = default;
};

struct callback_decision {
  bool duplicate = false;
  timespan late = {};
  friend bool operator==(const callback_decision&, const callback_decision&) = default;
};

fault_decision decide(const fault_settings& f, std::uint64_t seed, std::string_view subject, std::uint64_t attempt);
callback_decision decide_callback(const fault_settings& f, std::uint64_t seed, std::string_view event_id);

// Uniform in [0, 1): the draw of one fault.
double draw(std::uint64_t seed, std::string_view fault, std::string_view subject, std::uint64_t attempt);

// Whether the work of a request is done in spite of its fault.
bool is_done(request_fault f);

}  // namespace acquirer
