// A group of programs that stand under one supervisor: the specification of `banyan supervise FILE`, as a value. Strategy, restart types,
// back-off and intensity are those of actors (supervision/policy.hpp), and mean the same; a program's end is normal when its exit code is
// 0.
//
//   strategy = "rest_for_one"                                   # one_for_one (default), one_for_all
//   backoff = { min = "50ms", max = "10s" }                     # also first, jitter, quiet; or "none": at once, 5 restarts in 10 s
//   intensity = { restarts = 20, within = "1min" }              # more than this, and the supervisor gives up
//
//   [[program]]                                                 # they start in this order, each when the one before is ready
//   name = "shop"
//   command = ["build/release/bin/shop", "serve"]               # no shell; without a slash it is looked up in PATH
//   directory = "../.."                                         # relative to the folder of the file itself (behind symbolic links), which
//                                                               # is the default; `..` behind a link is what the kernel takes it for
//   takes_arguments = true                                      # see program_spec
//   environment = { BANYAN_DATA = "/var/lib/shop" }             # added to the supervisor's own
//   final_exit_code = 2                                         # a start that ends so can not be mended by another: given up at once
//   restart = "permanent"                                       # transient: only when it failed; temporary: never
//   ready = "notify"                                            # see `readiness`
//   ready_within = "1min"
//   ready_timeout = "5s"                                        # of one attempt at a URL of readiness
//   heartbeat = "5s"                                            # this long without one (service_notifier.hpp) is a hang; without
//                                                               # one nobody can tell, not even of a program that was paused (SIGSTOP)
//   stop_signal = "SIGTERM"                                     # to the program itself; what it leaves behind is killed
//   shutdown = "5s"                                             # then SIGKILL, to all that it started
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

// When a program counts as up, so that the next one may start.
struct readiness {
  enum class kind : std::uint8_t {
    started,   // "none", the default: it runs
    exited,    // "exit": it has done its work and ended with code 0 (a migration); its restart type is then transient unless it says
               // temporary
    notified,  // "notify": it sends READY=1
    answered,  // "http://127.0.0.1:8081/readyz": the header of its answer says 2xx (of the body nothing is waited for; a
               // redirect is no 2xx); plain HTTP, the loopback interface only
  };
  kind when = kind::started;
  std::string url = {};
  timespan within = std::chrono::minutes{1};   // else it is ended, and has failed
  timespan timeout = std::chrono::seconds{5};  // of one attempt at the URL
};

// Of each process, as setrlimit(2) has them.
struct resource_limits {
  std::optional<std::int64_t> open_files = {};
  std::optional<std::int64_t> address_space = {}, core = {};  // bytes
  std::optional<timespan> cpu = {};                           // whole seconds
};

struct program_spec {
  std::string name;
  std::vector<std::string> command;
  std::string directory = {};
  // What follows FILE on the command line is added to its command. Arguments may name files, so it also runs where the command line was
  // typed, instead of in a directory of its own; its command is then relative to the file's folder. One program of a group at most.
  bool takes_arguments = false;
  std::optional<int> final_exit_code = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
  restart_type restart = restart_type::permanent;
  readiness ready = {};
  std::optional<timespan> heartbeat = {};
  int stop_signal = SIGTERM;
  timespan shutdown = std::chrono::seconds{5};
  resource_limits limits = {};
  // Where it is written, for problems: "shop.toml:12: program[0].command".
  std::string command_place = {}, directory_place = {};
  std::map<std::string, std::string, std::less<>> limit_places = {};  // by key, such as "limits.open_files"
};

struct program_group {
  supervision_policy policy;
  std::vector<program_spec> programs;
};

// The programs as children of a strategy. Nothing that runs is forgotten at once: also one that has no time to end is waited for.
std::vector<child_policy> policies_of(const program_group& group);

// Their names, and one more.
std::vector<std::string> names_of(const program_group& group, std::string last);

// Every mistake is a problem with its line and key; without one, the group can be started.
program_group read_program_group(const configuration_file& file, std::vector<problem>& problems);

// Whether it is given a NOTIFY_SOCKET.
bool sends_notifications(const program_spec& p);

// The folder that is meant by what is relative in this file: that of the file itself when its name, or a part of its
// path, is a symbolic link.
std::filesystem::path folder_of(const std::filesystem::path& file);

// Makes the group one that can be started: everything relative is said from `folder`, the file's, and the arguments
// are where they belong. A `..` is resolved as the kernel does, not in the text. Errors: invalid_argument when no
// program takes the arguments.
result<void> resolve(program_group& group, const std::filesystem::path& folder, const std::vector<std::string>& arguments);

}  // namespace banyan
