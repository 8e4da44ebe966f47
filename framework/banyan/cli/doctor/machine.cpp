#include "machine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace banyan::doctor {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

// As http/server.cpp counts with `max_connections = 0`.
std::uint64_t connections_within(std::uint64_t files) {
  return std::min<std::uint64_t>(4096, files - std::min<std::uint64_t>(256, files / 2));
}

std::string limit_text(std::uint64_t n) { return n == ~std::uint64_t{0} ? "unlimited" : std::to_string(n); }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto from = line.find_first_not_of(" \t\n");
    if (from == line.npos) break;
    line.remove_prefix(from);
    const auto end = std::min(line.find_first_of(" \t\n"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

template <class T>
std::optional<T> number_in_text(std::string_view text, int base = 10) {
  T n{};
  const auto* end = text.data() + text.size();
  const auto [behind, failure] = std::from_chars(text.data(), end, n, base);
  return failure == std::errc{} && behind == end ? std::optional{n} : std::nullopt;
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array units{"MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes) / static_cast<double>(mebibyte);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), amount < 10 ? "%.1f %s" : "%.0f %s", amount, units.at(unit));
  return text.data();
}

finding judge(const open_files_facts& f) {
  // A node raises the soft limit to the hard one by itself.
  const auto connections = connections_within(f.hard);
  const auto value = limit_text(f.soft) + " soft, " + limit_text(f.hard) + " hard: a node takes " +
                     std::to_string(connections) + " connections";
  const std::string advice =
      "Raise the hard limit: ulimit -Hn, LimitNOFILE= of systemd, limits.open_files of a supervised program";
  if (f.hard < 256) return {"open files", severity::error, value, advice};
  if (connections < 4096) return {"open files", severity::warning, value, advice};
  return {"open files", severity::ok, value};
}

finding judge(const inotify_facts& f) {
  if (!f.instances || !f.watches) return {"inotify", severity::ok, "not told by this kernel; a node does not need it"};
  const auto value = std::to_string(*f.instances) + " instances, " + std::to_string(*f.watches) + " watches for a user";
  if (*f.instances >= 128 && *f.watches >= 8192) return {"inotify", severity::ok, value};
  return {"inotify", severity::warning, value,
          "A node needs none, but `banyan run --watch` and editors do, for each folder of a source tree: " +
              raised_inotify(f)};
}

std::string raised_inotify(const inotify_facts& wanted) {
  return "sysctl fs.inotify.max_user_instances=" +
         std::to_string(std::max<std::uint64_t>(128, wanted.instances.value_or(0))) +
         " fs.inotify.max_user_watches=" + std::to_string(std::max<std::uint64_t>(65'536, wanted.watches.value_or(0)));
}

finding judge(const backlog_facts& f) {
  if (!f.somaxconn) return {"listen backlog", severity::ok, "not told by this kernel"};
  const auto value = std::to_string(*f.somaxconn) + " connections (net.core.somaxconn)";
  if (*f.somaxconn >= 1024) return {"listen backlog", severity::ok, value};
  return {"listen backlog", severity::warning, value,
          "Connections beyond it that come at once wait for a second or more: sysctl net.core.somaxconn=4096"};
}

finding judge(const port_facts& f) {
  const auto name = "port " + std::to_string(f.port);
  if (f.trouble == 0) return {name, severity::ok, "free (default of " + f.setting + ")"};
  if (f.trouble == EADDRINUSE)
    return {name, severity::warning, "taken by " + (f.owner.empty() ? "another program" : f.owner),
            "End it, or give a node another one: --set " + f.setting + "=127.0.0.1:0 lets the system choose"};
  return {name, severity::warning, std::string{"can not be opened: "} + std::strerror(f.trouble),
          "Give a node another one: --set " + f.setting + "=127.0.0.1:PORT"};
}

std::optional<std::uint64_t> listener_in(std::string_view table, std::uint16_t port) {
  // "sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode ..."; see proc_net_tcp.
  constexpr std::size_t local = 1, state = 3, inode = 9;
  constexpr std::string_view listens = "0A";
  while (!table.empty()) {
    const auto line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    const auto words = words_of(line);
    if (words.size() <= inode || words[state] != listens) continue;
    const auto number = words[local].substr(std::min(words[local].rfind(':') + 1, words[local].size()));
    if (number_in_text<std::uint16_t>(number, 16) == port) return number_in_text<std::uint64_t>(words[inode]);
  }
  return std::nullopt;
}

std::vector<finding> judge(const clock_facts& f) {
  std::vector<finding> all;
  constexpr std::array slow{"hpet", "acpi_pm", "jiffies", "refined-jiffies"};
  if (f.source.empty())
    all.push_back({"clock source", severity::ok, "not told by this kernel"});
  else if (std::ranges::find(slow, f.source) != slow.end())
    all.push_back({"clock source", severity::warning, f.source,
                   "Reading the time is a slow system call with it: see available_clocksource in "
                   "/sys/devices/system/clocksource/clocksource0"});
  else
    all.push_back({"clock source", severity::ok, f.source});

  if (!f.synchronised)
    all.push_back({"NTP", severity::warning, "the kernel does not tell whether the clock is synchronised",
                   "See on the host: timedatectl, or chronyc tracking"});
  else if (!*f.synchronised)
    all.push_back({"NTP", severity::warning, "the clock is not synchronised",
                   "apt install chrony: events are stored with the time of this clock"});
  else
    all.push_back({"NTP", severity::ok, "the clock is synchronised"});

  if (!f.has_boottime)
    all.push_back({"boot time clock", severity::warning, "CLOCK_BOOTTIME does not work",
                   "Nothing of a node reads it yet; the kernel is old, or this is a sandbox that lacks more"});
  else
    all.push_back({"boot time clock", severity::ok, "works"});

  const auto now = to_rfc3339_ms(f.now);
  const auto day = std::chrono::hours{24};
  if (f.now + day < f.built)
    all.push_back({"wall clock", severity::error, now + ", before this program was built", "Set the clock"});
  else if (f.now > f.built + 365 * 50 * day)
    all.push_back({"wall clock", severity::error, now + ", fifty years after this program was built", "Set the clock"});
  else
    all.push_back({"wall clock", severity::ok, now});
  return all;
}

finding judge(const memory_facts& f) {
  const auto usable = f.limit ? std::min(*f.limit, f.total) : f.total;
  auto value = bytes_text(f.total) + ", " + bytes_text(f.available) + " available";
  if (f.limit) value += "; limit of the control group " + bytes_text(*f.limit);
  if (usable < 128 * mebibyte) return {"memory", severity::error, value, "A node needs 128 MiB, to build Banyan 2 GiB"};
  if (usable < 512 * mebibyte)
    return {"memory", severity::warning, value,
            "A node buffers up to 256 MiB of requests and answers: lower max_buffered_bytes, or raise the limit"};
  if (f.available < 128 * mebibyte)
    return {"memory", severity::warning, value, "Little is left: end something before a node is started"};
  return {"memory", severity::ok, value};
}

finding judge(const cores_facts& f) {
  auto value = std::to_string(f.usable) + (f.usable == 1 ? " core" : " cores");
  if (!f.quota || *f.quota >= f.usable) {
    if (f.usable > 1) return {"cores", severity::ok, value};
    return {"cores", severity::warning, value, "A node runs on one, but its disk and its actors wait for each other"};
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", *f.quota);
  const auto threads = std::to_string(std::max(2, static_cast<int>(std::ceil(*f.quota))));
  return {"cores", severity::warning, value + ", time for " + text.data() + " of them (cpu.max)",
          "A node starts a thread for each core that it sees, and is then paused: --set threads=" + threads};
}

std::optional<double> quota_in(std::string_view cpu_max) {
  const auto words = words_of(cpu_max);
  if (words.size() != 2) return std::nullopt;
  const auto time = number_in_text<std::uint64_t>(words[0]), period = number_in_text<std::uint64_t>(words[1]);
  if (!time || !period || *period == 0) return std::nullopt;
  return static_cast<double>(*time) / static_cast<double>(*period);
}

}  // namespace banyan::doctor
