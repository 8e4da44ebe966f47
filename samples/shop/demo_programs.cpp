#include <shop/demo_programs.hpp>

#include <filesystem>
#include <stdexcept>

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shop {

namespace {

using clock = std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& t : texts) all.push_back(t.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

demo_program::demo_program(std::string path, std::vector<std::string> arguments, std::vector<std::string> environment) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
  arguments.insert(arguments.begin(), path);
  for (char** e = environ; *e; ++e) environment.emplace_back(*e);
  auto given = pointers(arguments), with = pointers(environment);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a demo that is killed leaves nobody behind
    dup2(out[1], STDOUT_FILENO);
    execve(path.c_str(), given.data(), with.data());
    _exit(127);
  }
  close(out[1]);
  from_ = out[0];
  try {
    read_addresses();
  } catch (...) {
    stop(SIGKILL);
    close(from_);
    throw;
  }
}

demo_program::~demo_program() {
  if (pid_ > 0) stop(SIGKILL);
  if (from_ >= 0) close(from_);
}

int demo_program::stop(int signal) {
  kill(pid_, signal);
  int status = 0;
  const auto until = clock::now() + std::chrono::seconds{30};
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (clock::now() >= until) kill(pid_, SIGKILL);
    poll(nullptr, 0, 10);
  }
  pid_ = -1;
  return status;
}

void demo_program::read_addresses() {
  std::string text;
  const auto until = clock::now() + std::chrono::seconds{20};
  while (clock::now() < until && text.find('\n') == std::string::npos) {
    pollfd p{from_, POLLIN, 0};
    if (poll(&p, 1, 200) <= 0) continue;
    char buffer[512];
    const auto n = read(from_, buffer, sizeof buffer);
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  const auto line = text.substr(0, text.find('\n'));
  for (auto from = line.find("http://"); from != std::string::npos; from = line.find("http://", from + 1))
    urls_.push_back(line.substr(from, line.find_first_of(" ,)\n", from) - from));
  if (urls_.empty()) throw std::runtime_error{"the program did not start"};
}

std::uint16_t free_port() {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool bound = bind(s, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                     getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  close(s);
  if (!bound) throw std::runtime_error{"there is no free port on 127.0.0.1"};
  return ntohs(at.sin_port);
}

std::string program_beside(const std::string& name) {
  const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
  if (!std::filesystem::exists(beside))
    throw std::runtime_error{"there is no program " + name + " beside this one: build the target " + name};
  return beside.string();
}

}  // namespace shop
