// `banyan::run`: a program's main function.
//
//   int main(int argc, char** argv) {
//     return banyan::run(argc, argv, {"shop", {catalog::describe(), orders::describe()}});
//   }
//
// Commands: `serve` (the default), `describe`, `check`, `schema print|diff`, `events list|show|at`, `topology`,
// `options reload`, `dead-letters list|show|replay`, `parked list|replay`, `subscriptions list|reset`, `completion`,
// and those in `extra`. Prepares the process first (process_setup.hpp). Exit codes: 0 success, 1 failure (the reason on
// standard error; also when output could not be written, and when `check` found something), 2 wrong usage or
// configuration (a restart can not help), 130 interrupted.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banyan {

// The argument of an extra command.
struct program {
  const application& app;
  // The settings that `serve` would use, from the same sources: these files, or the default one, and the environment.
  // One error with all mistakes.
  result<node_settings> settings(const std::vector<std::string>& files = {}) const;
};

// An additional command of the program, called with its own arguments; argv[0] is its name.
struct extra_command {
  std::string name, help;
  std::function<int(int argc, char** argv, const program&)> run;
};

int run(int argc, char** argv, application app, std::vector<extra_command> extra = {});

}  // namespace banyan
