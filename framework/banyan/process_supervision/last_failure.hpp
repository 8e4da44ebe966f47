// Why a supervisor gave up, as text for the operator.
#pragma once

#include <banyan/supervision/policy.hpp>

#include <deque>
#include <string>

namespace banyan {

struct last_failure {
  std::string program, summary;  // "exited with code 3 after 12ms"
  std::size_t runs = 0;
  bool is_final = false;  // permanent: no further restart
  bool has_run = true;    // false: it could not be started
  std::deque<std::string> lines = {};  // its last output
};

// "gives up on shop: it exited with code 3 after 12ms; it was run 11 times, allowed are 10 restarts within 1min"
std::string to_sentence(const last_failure& f, const supervision_policy& policy);

// The same with its last lines.
std::string to_text(const last_failure& f, const supervision_policy& policy);

}  // namespace banyan
