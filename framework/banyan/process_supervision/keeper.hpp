// A keeper process beside the supervisor: if either of the two is killed (even by SIGKILL), the other cleans up. For
// a program's main process PR_SET_PDEATHSIG would do; processes that a program has started itself have no such
// protection.
//
// The caller becomes the keeper and keeps its process id. It forks, runs `work` in the child, forwards SIGTERM,
// SIGINT, SIGHUP (unless ignored at start) and SIGQUIT, and returns the result of `work`. When the child dies, the
// keeper kills all processes below it; when the keeper dies, the child gets SIGQUIT.
#pragma once

#include <functional>

namespace banyan {

// Returns in both processes with the same code; 128 + n when signal n killed the child. Call it before any thread is
// started.
int keep(const std::function<int()>& work);

}  // namespace banyan
