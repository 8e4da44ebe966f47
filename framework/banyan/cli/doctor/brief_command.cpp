#include "brief_command.hpp"

#include <banyan/process_supervision/descriptor.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace banyan::doctor {
namespace {

struct pipe_ends {
  descriptor read, write;
};
std::optional<pipe_ends> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return std::nullopt;
  return pipe_ends{descriptor{fds[0]}, descriptor{fds[1]}};
}

int left_until(monotonic deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - system_clock().steady()).count();
  return static_cast<int>(std::max<std::int64_t>(0, left));
}

// All output until the end; empty when the deadline comes first.
std::optional<std::string> read_until(int fd, monotonic deadline) {
  std::string all;
  std::array<char, 4096> piece{};
  for (;;) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wait, 1, left_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    const auto n = ::read(fd, piece.data(), piece.size());
    if (n == 0) return all;
    if (n > 0) all.append(piece.data(), static_cast<std::size_t>(n));
    else if (errno != EINTR) return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> run_briefly(const std::vector<std::string>& command, monotonic deadline,
                                       std::string_view input) {
  auto in = make_pipe(), out = make_pipe();
  if (!in || !out) return std::nullopt;
  // A pipe takes this much without a reader.
  if (::write(in->write.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) return std::nullopt;
  in->write.close();

  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  if (::posix_spawn_file_actions_init(&actions) != 0) return std::nullopt;
  (void)::posix_spawn_file_actions_adddup2(&actions, in->read.get(), STDIN_FILENO);
  (void)::posix_spawn_file_actions_adddup2(&actions, out->write.get(), STDOUT_FILENO);
  (void)::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, words.front(), &actions, nullptr, words.data(), environ);
  (void)::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::nullopt;
  out->write.close();

  auto said = read_until(out->read.get(), deadline);
  if (!said) (void)::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? said : std::nullopt;
}

std::string find_on_path(const std::string& command) {
  const auto runs = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (command.find('/') != command.npos) return runs(command) ? command : std::string{};
  const auto* variable = std::getenv("PATH");
  std::string_view folders{variable ? variable : "/bin:/usr/bin"};
  while (!folders.empty()) {
    const auto folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
    const auto path = std::string{folder.empty() ? "." : folder} + "/" + command;
    if (runs(path)) return path;
  }
  return {};
}

}  // namespace banyan::doctor
