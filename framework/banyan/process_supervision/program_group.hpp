// The specification of a group of supervised programs, `banyan supervise FILE`, as a value. Strategy, restart types,
// back-off and intensity are those of actors (supervision/policy.hpp). An exit code of 0 is a normal end.
//
//   strategy = "rest_for_one"                                   # one_for_one (default), one_for_all
//   backoff = { min = "50ms", max = "10s" }                     # also first, jitter, quiet; "none": at once, 5 in 10 s
//   intensity = { restarts = 20, within = "1min" }              # more than this, and the supervisor gives up
//
//   [[program]]                                                 # started in this order, each when the last is ready
//   name = "shop"
//   command = ["build/release/bin/shop", "serve"]               # no shell; without a slash it is looked up in PATH
//   directory = "../.."                                         # relative to this file's folder (links resolved),
//                                                               # the default; `..` is resolved as by the kernel
//   takes_arguments = true                                      # see program_spec
//   environment = { BANYAN_DATA = "/var/lib/shop" }             # added to the supervisor's own
//   final_exit_code = 2                                         # no restart after this code: the group gives up
//   restart = "permanent"                                       # transient: only after a failure; temporary: never
//   ready = "notify"                                            # see `readiness`
//   ready_within = "1min"
//   ready_timeout = "5s"                                        # per attempt, if `ready` is a URL
//   heartbeat = "5s"                                            # this long without one (service_notifier.hpp) is a
//                                                               # hang; without this key no hang is noticed
//   stop_signal = "SIGTERM"                                     # to the main process; what it leaves is killed. Not
//                                                               # SIGHUP for a program of Banyan: it would reload
//   shutdown = "5s"                                             # then SIGKILL to all its processes
//   limits = { open_files = 4096, address_space = "2GiB", core = "0B", cpu = "1h" }
#pragma once

#include <banyan/configuration/sources.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/supervision/policy.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

// When a program counts as ready, so that the next one starts.
struct readiness {
  enum class kind : std::uint8_t {
    started,   // "none", the default: when it runs
    exited,    // "exit": when it has ended with code 0 (a migration); its default restart type is
               // then transient; temporary is allowed
    notified,  // "notify": when it sends READY=1
    answered,  // "http://127.0.0.1:8081/readyz": when it answers 2xx (header only, no redirects); plain HTTP,
               // loopback only: where that port has TLS, use "notify"
  };
  kind when = kind::started;
  std::string url = {};
  timespan within = std::chrono::minutes{1};   // beyond: it is ended and counts as failed
  timespan timeout = std::chrono::seconds{5};  // per attempt at the URL
};

// Limits per process, as in setrlimit(2).
struct resource_limits {
  std::optional<std::int64_t> open_files = {};
  std::optional<std::int64_t> address_space = {}, core = {};  // bytes
  std::optional<timespan> cpu = {};                           // whole seconds
};

struct program_spec {
  std::string name;
  std::vector<std::string> command;
  std::string directory = {};
  // The arguments after FILE on the command line are appended to its command. Because they may name files, it runs
  // in the directory of the caller, not in one of its own; its command is still relative to the file's folder. At
  // most one program of a group.
  bool takes_arguments = false;
  std::optional<int> final_exit_code = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
  restart_type restart = restart_type::permanent;
  readiness ready = {};
  std::optional<timespan> heartbeat = {};
  int stop_signal = SIGTERM;
  timespan shutdown = std::chrono::seconds{5};
  resource_limits limits = {};
  // Position in the file, for problems: "shop.toml:12: program[0].command".
  std::string command_place = {}, directory_place = {};
  std::map<std::string, std::string, std::less<>> limit_places = {};  // by key: "limits.open_files"
};

struct program_group {
  supervision_policy policy;
  std::vector<program_spec> programs;
};

// The programs as children of a strategy. The end of every process is waited for, also with a shutdown time of 0.
std::vector<child_policy> policies_of(const program_group& group);

// The programs' names, followed by `last`.
std::vector<std::string> names_of(const program_group& group, std::string last);

// Each mistake is a problem with its line and key; without problems the group can be started.
program_group read_program_group(const configuration_file& file, std::vector<problem>& problems);

// Whether the program is given a NOTIFY_SOCKET.
bool sends_notifications(const program_spec& p);

// The folder that relative paths of this file refer to: that of the real file when its path contains a symbolic
// link.
std::filesystem::path folder_of(const std::filesystem::path& file);

// Makes the group startable: resolves paths relative to `folder`, the file's, and appends the arguments. `..` is
// resolved as by the kernel, not textually. Errors: invalid_argument when no program takes the arguments.
result<void> resolve(program_group& group, const std::filesystem::path& folder, const std::vector<std::string>& arguments);

}  // namespace banyan
