// Runs the acquirer until SIGTERM, SIGINT or SIGHUP: opens its book, serves, reports readiness and heartbeats to a
// supervisor, and ends in order: requests under way are answered, what was accepted is committed.
//
// The first line of standard output is "acquirer listens on http://127.0.0.1:PORT". A second signal ends it at once,
// which loses nothing that was answered.
#pragma once

#include <services/acquirer/options.hpp>

namespace acquirer {

int serve(const program_options& o);  // the exit code

}  // namespace acquirer
