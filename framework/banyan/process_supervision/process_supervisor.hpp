// Runs a group of programs: the second level of supervision. A process that hangs or crashes is ended and started
// again by the same rules as actors (supervision/strategy.hpp decides, this code carries out).
//
//   std::vector<problem> problems;
//   auto group = read_program_group(file, problems);
//   return keep([&] { return supervise(group, {.log = {.color = true}}); });       // keeper.hpp
//
// Programs start in order, each when the one before is ready, and stop in reverse order. SIGTERM, SIGINT or SIGHUP
// (unless ignored at start, as under nohup) stops all in order; a second SIGTERM or SIGINT, or SIGQUIT, kills all at
// once. An ended program is restarted only when none of its processes is left, so that no port and no lock is still
// held.
//
// Single-threaded, event-driven. Standard output has the lines of all programs and, under the name `supervise`, the
// supervisor's events. When nobody reads it for more than a second, lines are dropped (and counted) so that programs
// do not block.
#pragma once

#include <banyan/process_supervision/log_stream.hpp>
#include <banyan/process_supervision/program_group.hpp>
#include <banyan/process_supervision/service_notifier.hpp>

namespace banyan {

struct supervise_options {
  log_look log = {};
  int out = 1, err = 2;         // descriptors
  service_notifier above = {};  // the supervisor of this process, if any
  std::string sockets = {};  // private folder for NOTIFY_SOCKETs (notify_folder.hpp), if a program sends_notifications
};

// Returns the exit code: 0 when all ended as ordered or none is left to run; 1 when it gave up, with the reason on
// `err`; 128 + n when signal n demanded to kill everything. No process of the programs is left then.
int supervise(const program_group& group, const supervise_options& options);

}  // namespace banyan
