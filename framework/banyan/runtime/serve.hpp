// `serve`: one node, for real (serving.hpp), until SIGINT, SIGTERM or SIGHUP (unless that was ignored at start, as under nohup). Then it is
// not ready any more, goes on for `drain_lead` (as long as load balancers take to see that), lets nobody new in, answers every request
// that was sent within the drain time, stops the actors, and flushes. A second SIGINT or SIGTERM ends it at once.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <iosfwd>

namespace banyan {

// Returns the exit code: 0 after an orderly stop, 1 when it could not start (the reason on `err`).
int serve(const application& app, const node_settings& settings, std::ostream& out, std::ostream& err);

}  // namespace banyan
