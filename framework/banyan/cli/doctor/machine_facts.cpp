#include "facts.hpp"

#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/process_setup.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

namespace banyan::doctor {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

std::string first_word_of(const std::filesystem::path& file) {
  const auto text = content_of(file);
  return text.substr(0, text.find_first_of(" \n"));
}

// The whole number that a file of the kernel begins with; none: no file, or a word such as "max".
std::optional<std::uint64_t> number_of(const std::filesystem::path& file) {
  const auto text = first_word_of(file);
  std::uint64_t n = 0;
  const auto* end = text.data() + text.size();
  const auto [behind, failure] = std::from_chars(text.data(), end, n);
  return failure == std::errc{} && behind == end ? std::optional{n} : std::nullopt;
}

// The folders of this process's control group (version 2) and of those above it.
std::vector<std::filesystem::path> control_groups() {
  const auto line = content_of("/proc/self/cgroup");
  const auto at = line.find("0::/");
  if (at == line.npos) return {};
  const std::filesystem::path root{"/sys/fs/cgroup"};
  auto group = root / line.substr(at + 4, line.find('\n', at) - at - 4);
  std::vector<std::filesystem::path> all;
  for (; group != root && group.has_relative_path(); group = group.parent_path()) all.push_back(group);
  all.push_back(root);
  return all;
}

template <class T>
void keep_least(std::optional<T>& least, std::optional<T> other) {
  if (other && (!least || *other < *least)) least = other;
}

std::uint64_t kibibytes_in(const std::string& text, const std::string& name) {
  const auto at = text.find(name + ":");
  if (at == text.npos) return 0;
  std::uint64_t n = 0;
  std::istringstream{text.substr(at + name.size() + 1)} >> n;
  return n;
}

// "shop, process 4711": the process that has the socket of this inode open, as far as this user may look.
std::string owner_of(std::uint64_t inode) {
  const auto socket = "socket:[" + std::to_string(inode) + "]";
  std::error_code unseen;
  for (const auto& process : std::filesystem::directory_iterator{"/proc", unseen}) {
    const auto id = process.path().filename().string();
    if (id.find_first_not_of("0123456789") != id.npos) continue;
    std::filesystem::directory_iterator open{process.path() / "fd", unseen};
    if (unseen) continue;
    for (; open != std::filesystem::directory_iterator{}; open.increment(unseen))
      if (std::filesystem::read_symlink(open->path(), unseen) == socket)
        return first_word_of(process.path() / "comm") + ", process " + id;
  }
  return {};
}

}  // namespace

open_files_facts look_at_open_files() {
  const auto limit = original_open_files();
  return {limit.rlim_cur, limit.rlim_max};
}

inotify_facts look_at_inotify() {
  return {number_of("/proc/sys/fs/inotify/max_user_instances"), number_of("/proc/sys/fs/inotify/max_user_watches")};
}

backlog_facts look_at_backlog() { return {number_of("/proc/sys/net/core/somaxconn")}; }

port_facts look_at_port(std::string setting, std::string_view address) {
  port_facts found{std::move(setting), parse_listen_address(address).value().port};
  const descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;  // as a node does: connections that have ended do not hold the port
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(found.port);
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    found.trouble = errno;
  if (found.trouble != EADDRINUSE) return found;
  for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"})
    if (const auto inode = listener_in(content_of(table), found.port)) found.owner = owner_of(*inode);
  return found;
}

clock_facts look_at_clock() {
  clock_facts found;
  found.source = first_word_of("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  timex state{};
  if (const int answered = ::adjtimex(&state); answered >= 0)
    found.synchronised = answered != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  timespec since_boot{};
  found.has_boottime = ::clock_gettime(CLOCK_BOOTTIME, &since_boot) == 0;
  found.now = system_clock().now();
  struct stat self {};
  if (::stat("/proc/self/exe", &self) == 0)
    found.built = instant{std::chrono::duration_cast<instant::duration>(std::chrono::seconds{self.st_mtim.tv_sec})};
  return found;
}

memory_facts look_at_memory() {
  const auto text = content_of("/proc/meminfo");
  memory_facts found{kibibytes_in(text, "MemTotal") * 1024, kibibytes_in(text, "MemAvailable") * 1024, {}};
  for (const auto& group : control_groups()) keep_least(found.limit, number_of(group / "memory.max"));
  return found;
}

cores_facts look_at_cores() {
  cores_facts found;
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) found.usable = CPU_COUNT(&set);
  for (const auto& group : control_groups()) keep_least(found.quota, quota_in(content_of(group / "cpu.max")));
  return found;
}

}  // namespace banyan::doctor
