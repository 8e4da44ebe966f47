// `banyan::run`: all of a program's main.
//
//   int main(int argc, char** argv) {
//     return banyan::run(argc, argv, {"shop", {catalog::describe(), orders::describe()}});
//   }
//
// Gives the program: `serve` (the default), `describe`, `check`, `schema print|diff`, `events list|show|at`,
// `topology`, `dead-letters list|show|replay`, `parked list|replay`, `subscriptions list|reset`, `completion`; and what
// it adds itself as `extra`. The process is prepared first (process_setup.hpp). Exit codes: 0 done, 1 failed (the
// reason on standard error; also when what it printed could not be written), 2 wrong usage or configuration (another
// start can not mend it), 130 interrupted. `check` ends with 1 when it found something.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banyan {

// What a command of the program's own may know of it.
struct program {
  const application& app;
  // The settings that `serve` would have, from the same sources: the files named here or else the usual one, and the environment. All that
  // is wrong with them in one error.
  result<node_settings> settings(const std::vector<std::string>& files = {}) const;
};

// A further command of the program: called with its own arguments, argv[0] being its name.
struct extra_command {
  std::string name, help;
  std::function<int(int argc, char** argv, const program&)> run;
};

int run(int argc, char** argv, application app, std::vector<extra_command> extra = {});

}  // namespace banyan
