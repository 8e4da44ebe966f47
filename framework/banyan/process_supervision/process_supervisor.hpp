// Runs a group of programs: the second level of supervision. Where actors that hang or a process that crashes can not be mended from
// within, their process is ended and started again, by the same rules as actors are (supervision/strategy.hpp decides, this carries out).
//
//   std::vector<problem> problems;
//   auto group = read_program_group(file, problems);
//   return keep([&] { return supervise(group, {.log = {.color = true}}); });       // keeper.hpp
//
// Programs start in order, each when the one before is ready, and stop in reverse order. SIGTERM, SIGINT or SIGHUP
// (unless it was ignored at start, as under nohup) ends all in good order; a second SIGTERM or SIGINT, or SIGQUIT,
// kills everything at once. A program that ends is looked after until nothing of it is left: only then it is started again, so that no
// port and no lock is still taken.
//
// One thread; it sleeps until something happens. Standard output carries the lines of all programs and, under the name `supervise`, what
// happens to them. When nobody reads it for more than a second, lines are lost (and counted) rather than programs stopped.
#pragma once

#include <banyan/process_supervision/log_stream.hpp>
#include <banyan/process_supervision/program_group.hpp>
#include <banyan/process_supervision/service_notifier.hpp>

namespace banyan {

struct supervise_options {
  log_look log = {};
  int out = 1, err = 2;         // descriptors
  service_notifier above = {};  // this group may itself be supervised
  std::string sockets = {};     // a private folder for NOTIFY_SOCKETs (notify_folder.hpp), when a program sends_notifications
};

// Returns the exit code: 0 when all ended as ordered, or when none is left to run; 1 when it gave up, with the reason on `err`;
// 128 + n when signal n said to kill everything. Nothing of the programs is left then.
int supervise(const program_group& group, const supervise_options& options);

}  // namespace banyan
