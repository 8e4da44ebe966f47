// `serve`: one node, for real. Opens the engines, starts the plan, then the admin port, then the edge; runs until
// SIGINT, SIGTERM or SIGHUP (unless it was ignored at start, as under nohup); then stops taking requests, finishes
// those under way within the drain time, stops the actors, and flushes. A second signal ends it at once.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <iosfwd>

namespace banyan {

// Returns the exit code: 0 after an orderly stop, 1 when it could not start (the reason on `err`).
int serve(const application& app, const node_settings& settings, std::ostream& out, std::ostream& err);

}  // namespace banyan
