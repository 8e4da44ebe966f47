// Why a supervisor gave up, in words for whoever has to mend it.
#pragma once

#include <banyan/supervision/policy.hpp>

#include <deque>
#include <string>

namespace banyan {

struct last_failure {
  std::string program, summary;  // "exited with code 3 after 12ms"
  std::size_t runs = 0;
  bool is_final = false;  // another start would not mend it
  bool has_run = true;    // then it is final by its exit code
  std::deque<std::string> lines = {};  // the last that it printed
};

// "gives up on shop: it exited with code 3 after 12ms; it was run 11 times, allowed are 10 restarts within 1min"
std::string to_sentence(const last_failure& f, const supervision_policy& policy);

// The same at length, with its last lines.
std::string to_text(const last_failure& f, const supervision_policy& policy);

}  // namespace banyan
