// A process that writes for ever and tells each position that was acknowledged, until it is killed.
#pragma once

#include <banyan/journal/event.hpp>

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

namespace banyan::test {

// Runs `write_for_ever(descriptor)`, which writes each acknowledged position to the descriptor, in a process of its own,
// and kills that with SIGKILL after `heard` of them, wherever it is by then; without `heard` it kills itself. Returns
// the last acknowledged position, `before` when there was none.
template <class Write>
position run_until_killed(position before, std::optional<int> heard, Write write_for_ever) {
  auto acknowledged = before;
  const auto hear = [&](int from) { return ::read(from, &acknowledged, sizeof acknowledged) == sizeof acknowledged; };
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(pipe_ends[0]);
    write_for_ever(pipe_ends[1]);
    _exit(1);
  }
  close(pipe_ends[1]);
  if (heard) {
    for (int i = 0; i < *heard; ++i) REQUIRE(hear(pipe_ends[0]));
    REQUIRE(kill(child, SIGKILL) == 0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  while (hear(pipe_ends[0])) {
  }
  close(pipe_ends[0]);
  return acknowledged;
}

}  // namespace banyan::test
