// `banyan::run`: all of a program's main.
//
//   int main(int argc, char** argv) {
//     return banyan::run(argc, argv, {"shop", {catalog::describe(), orders::describe()}});
//   }
//
// Gives the program: `serve` (the default), `describe`, `check`, `events list|show|at`, `topology`,
// `dead-letters list|show|replay`, `parked list|replay`; and what it adds itself as `extra`.
// Exit codes: 0 done, 1 failed (the reason on standard error), 2 wrong usage, 130 interrupted.
#pragma once

#include <banyan/plan/plan.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banyan {

// A further command of the program: called with its own arguments, argv[0] being its name.
struct extra_command {
  std::string name, help;
  std::function<int(int argc, char** argv)> run;
};

int run(int argc, char** argv, application app, std::vector<extra_command> extra = {});

}  // namespace banyan
