// The command `serve`: runs a node (serving.hpp) until SIGINT, SIGTERM or SIGHUP (unless ignored at start, as under
// nohup). Then it becomes not ready, goes on serving for `drain_lead` (until load balancers have noticed), accepts no
// new connections, answers every request that was sent, within the drain time-out, stops the actors, and flushes. A
// second SIGINT or SIGTERM ends the process at once.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <iosfwd>

namespace banyan {

// Returns the exit code: 0 after an orderly stop, 1 when it could not start (reason on `err`).
int serve(const application& app, const node_settings& settings, std::ostream& out, std::ostream& err);

}  // namespace banyan
