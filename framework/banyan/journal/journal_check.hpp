// What a pattern looks for in a stored journal before a program is started on it: `check --journal`. Offered by an
// item of the plan (place::offers), as sagas do, which look for those that this program could not continue.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/journal/journal.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banyan {

struct journal_check {
  // What does not fit, as sentences. It reads and waits for the answers; not from an actor.
  std::function<result<std::vector<std::string>>(journal&)> run;
};

}  // namespace banyan
