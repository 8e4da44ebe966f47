// A second process that answers for the first: each of the two, if it is killed (even by SIGKILL), leaves the other to clear up. For the
// main process of a program that dies with its supervisor the kernel's word is enough (PR_SET_PDEATHSIG); for what that program has started
// itself there is none.
//
// The caller becomes the keeper: its process id is the one that is known and signalled. It forks, runs `work` in the
// child, hands on SIGTERM, SIGINT, SIGHUP (unless it was ignored at start) and SIGQUIT, and returns what `work`
// returned. When it is the child that dies, the keeper kills all that was below it; when it is the keeper, the child
// gets SIGQUIT.
#pragma once

#include <functional>

namespace banyan {

// Returns in both processes, with the same code; 128 + n when signal n killed the child. Call it before any thread has been started.
int keep(const std::function<int()>& work);

}  // namespace banyan
