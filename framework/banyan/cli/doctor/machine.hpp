// What a node finds on this machine: limits, ports, clock, memory, cores. Pure: facts in, findings out;
// machine_facts.hpp gathers the facts.
#pragma once

#include "finding.hpp"

#include <banyan/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::doctor {

struct open_files_facts {
  std::uint64_t soft = 0, hard = 0;
};
finding judge(const open_files_facts& f);

struct inotify_facts {
  std::optional<std::uint64_t> instances, watches;  // fs.inotify.max_user_...; empty: this kernel does not tell
};
finding judge(const inotify_facts& f);
// The command that raises the limits to these, and at least to what is enough for a large source tree.
std::string raised_inotify(const inotify_facts& wanted);

struct backlog_facts {
  std::optional<std::uint64_t> somaxconn;  // net.core.somaxconn
};
finding judge(const backlog_facts& f);

struct port_facts {
  std::string setting;  // "listen"
  std::uint16_t port = 0;
  int trouble = 0;        // errno of bind; 0: the port is free
  std::string owner = {};  // "shop, process 4711"; empty: unknown
};
finding judge(const port_facts& f);

// The inode of the socket that listens at a port, in the text of /proc/net/tcp or tcp6.
std::optional<std::uint64_t> listener_in(std::string_view table, std::uint16_t port);

struct clock_facts {
  std::string source;                 // "tsc"; empty: unknown
  std::optional<bool> synchronised;   // by NTP; empty: the kernel does not tell
  bool has_boottime = true;           // CLOCK_BOOTTIME
  instant now, built;                 // the wall clock, and when this program was built
};
std::vector<finding> judge(const clock_facts& f);

struct memory_facts {
  std::uint64_t total = 0, available = 0;  // bytes
  std::optional<std::uint64_t> limit;      // of the control group
};
finding judge(const memory_facts& f);

struct cores_facts {
  int usable = 0;               // by affinity
  std::optional<double> quota;  // cores' worth of time for the control group
};
finding judge(const cores_facts& f);

// cpu.max of a control group: "200000 100000" -> 2.0; empty: no limit ("max 100000").
std::optional<double> quota_in(std::string_view cpu_max);

std::string bytes_text(std::uint64_t bytes);  // "512 MiB"

}  // namespace banyan::doctor
