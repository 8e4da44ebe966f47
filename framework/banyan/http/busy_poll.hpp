// Polling before waiting; internal to http/. A thread that waits in the kernel for the next request is woken late: on
// a virtual machine that costs more than a short request itself. So an I/O thread that has just had work asks for more
// again and again for a short while, as the schedulers of Go and Tokio do, and only then waits. In between it offers its
// core to other threads.
#pragma once

#include <chrono>
#include <thread>

namespace banyan {

// Runs `context` as its run() does: until it is stopped or out of work. `limit`: how long it polls before each wait;
// zero: not at all. `now` is a monotonic clock. An exception of a handler leaves this function.
template <class Context, class Now>
void run_with_busy_poll(Context& context, std::chrono::nanoseconds limit, Now now) {
  while (!context.stopped()) {
    if (context.poll() > 0) continue;
    bool found = false;
    for (const auto since = now(); !found && !context.stopped() && now() - since < limit; found = context.poll() > 0)
      std::this_thread::yield();
    if (!found) context.run_one();
  }
}

}  // namespace banyan
