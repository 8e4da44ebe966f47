// The command `serve`: runs a node (serving.hpp) until SIGINT, SIGTERM, or the SIGHUP of a terminal that closes. Then
// it becomes not ready, goes on serving for `drain_lead` (until load balancers have noticed), accepts no
// new connections, answers every request that was sent, within the drain time-out, stops the actors, and flushes. A
// second SIGINT or SIGTERM ends the process at once.
//
// SIGHUP, as the process was at its start: with a controlling terminal it stops the node; without one (systemd,
// `banyan supervise`, setsid) it reloads the configuration (reload.hpp); ignored (nohup), it stays ignored.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/reload.hpp>

#include <iosfwd>

namespace banyan {

// Returns the exit code: 0 after an orderly stop, 1 when it could not start (reason on `err`). `read`: the application
// and its settings as they would be configured now.
int serve(const application& app, const node_settings& settings, read_configuration read, std::ostream& out,
          std::ostream& err);

}  // namespace banyan
