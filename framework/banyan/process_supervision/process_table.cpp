#include <banyan/process_supervision/process_table.hpp>

#include <banyan/process_supervision/descriptor.hpp>

#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banyan {
namespace {

// Not a stream: a process may end between open and read, and streams throw on that error.
std::string contents_of(const std::filesystem::path& file) {
  const descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  std::string all;
  std::array<char, 4096> bytes;
  for (;;) {
    const auto n = ::read(in.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return all;
    all.append(bytes.data(), static_cast<std::size_t>(n));
  }
}

// "12 (a name) of (any kind)) S 1 12 12 ..."
bool read_entry(const std::string& stat, process_entry& out) {
  const auto behind_name = stat.rfind(')');
  if (behind_name == stat.npos) return false;
  char state = 0;
  int group = 0;
  if (std::sscanf(stat.c_str(), "%d", &out.id) != 1) return false;
  if (std::sscanf(stat.c_str() + behind_name + 1, " %c %d %d %d", &state, &out.parent, &group, &out.session) != 4) return false;
  out.ended = state == 'Z' || state == 'X';
  return true;
}

}  // namespace

std::vector<process_entry> processes(const std::filesystem::path& table) {
  std::vector<process_entry> out;
  std::error_code gone;
  for (std::filesystem::directory_iterator folder{table, gone}, end; !gone && folder != end; folder.increment(gone)) {
    if (std::isdigit(static_cast<unsigned char>(folder->path().filename().native().front())) == 0) continue;
    process_entry p;
    if (read_entry(contents_of(folder->path() / "stat"), p)) out.push_back(p);
  }
  return out;
}

std::optional<process_entry> process_of(pid_t id) {
  process_entry p;
  return read_entry(contents_of("/proc/" + std::to_string(id) + "/stat"), p) ? std::optional{p} : std::nullopt;
}

bool environment_holds(pid_t process, std::string_view text) {
  return contents_of("/proc/" + std::to_string(process) + "/environ").find(text) != std::string::npos;
}

std::vector<pid_t> kill_children(const std::function<bool(const process_entry&)>& chosen) {
  std::vector<pid_t> killed;
  for (const auto& p : processes())
    if (p.parent == ::getpid() && !p.ended && chosen(p) && ::kill(p.id, SIGKILL) == 0) killed.push_back(p.id);
  return killed;
}

bool end_all_children(timespan limit) {
  const auto until = add_saturating(system_clock().steady(), limit);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (ended < 0 && errno == ECHILD) return true;
    if (system_clock().steady() > until) return false;
    kill_children([](const process_entry&) { return true; });
    const timespec a_moment{.tv_sec = 0, .tv_nsec = 10'000'000};
    ::sigtimedwait(&child, nullptr, &a_moment);
  }
}

}  // namespace banyan
