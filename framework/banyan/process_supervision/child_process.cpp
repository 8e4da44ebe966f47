#include <banyan/process_supervision/child_process.hpp>

#include <banyan/process_supervision/process_limits.hpp>
#include <banyan/process_supervision/process_setup.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ranges>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banyan {
namespace {

enum class step : int { start, directory, limit, run };

struct failure {
  step at;
  int number;
  const char* limit = nullptr;  // its key; a literal, at the same address in both processes
};

std::string sentence(const failure& f, const program_spec& spec) {
  const auto why = std::string{": "} + std::strerror(f.number);
  switch (f.at) {
    case step::start:
      return "cannot start a process" + why;
    case step::directory:
      return "cannot enter the directory " + spec.directory + why;
    case step::limit:
      return std::string{"cannot set "} + f.limit + why;
    case step::run:
      return "cannot run " + spec.command.front() + why;
  }
  return why;
}

// Duplicates to a number above 2, also when 0 to 2 are free: the child puts its own descriptors there.
descriptor out_of_the_way(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return descriptor{fd};
  const descriptor low{fd};
  return descriptor{::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
}

std::array<descriptor, 2> pipe_of(int flags) {
  std::array<int, 2> ends{-1, -1};
  (void)::pipe2(ends.data(), flags);
  return {out_of_the_way(ends[0]), out_of_the_way(ends[1])};
}

// Moves `from` to descriptor `at`. dup2(2) onto itself would keep close-on-exec set.
bool place(int from, int at) { return ::dup2(from, at) == at && ::fcntl(at, F_SETFD, 0) == 0; }

// Of repeated names the last is used; WATCHDOG_PID is known only in the child.
std::vector<char*> environment_block(std::vector<std::string>& entries) {
  const auto has_watchdog = [](const std::string& e) { return e.starts_with("WATCHDOG_USEC="); };
  if (std::any_of(entries.begin(), entries.end(), has_watchdog)) entries.push_back("WATCHDOG_PID=" + std::to_string(::getpid()));
  std::vector<char*> block;
  for (auto& entry : std::views::reverse(entries)) {
    const auto name = std::string_view{entry}.substr(0, entry.find('=') + 1);
    if (std::none_of(block.begin(), block.end(), [&](const char* e) { return std::string_view{e}.starts_with(name); }))
      block.push_back(entry.data());
  }
  block.push_back(nullptr);
  return block;
}

// Runs in the new process until exec; returns only on failure.
failure become(const program_spec& spec, std::vector<std::string>& environment, int output, pid_t parent) {
  const auto fails = [](step at, const char* limit = nullptr) { return failure{at, errno, limit}; };
  // The order matters: a parent that has ended already would not send the signal.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent || ::setsid() < 0) return fails(step::start);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || !place(nothing, 0) || !place(output, 1) || !place(output, 2)) return fails(step::start);
  ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);

  // Ignored signals stay ignored over exec. SIGHUP is left so: an ignored one (nohup) was meant for the programs.
  for (int n = 1; n < NSIG; ++n)  // two of them give EINVAL
    if (n != SIGHUP || !is_ignored(SIGHUP)) ::signal(n, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  if (!spec.directory.empty() && ::chdir(spec.directory.c_str()) != 0) return fails(step::directory);
  const auto limits = process_limits(spec.limits);
  const auto open_files = original_open_files();  // programs that use select(2) fail with more
  if (!spec.limits.open_files && ::setrlimit(RLIMIT_NOFILE, &open_files) != 0) return fails(step::limit, "limits.open_files");
  auto block = environment_block(environment);
  std::vector<char*> words;
  for (const auto& word : spec.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  environ = block.data();  // execvp uses its PATH
  for (const auto& l : limits) {  // last: the code above must not be limited
    const rlimit both{.rlim_cur = l.most, .rlim_max = l.most};
    if (::setrlimit(l.resource, &both) != 0) return fails(step::limit, l.key);
  }
  ::execvp(words.front(), words.data());
  return fails(step::run);
}

}  // namespace

result<child_process> start_process(const program_spec& spec, std::vector<std::string> environment) {
  auto [output, its_output] = pipe_of(O_CLOEXEC);
  auto [verdict, its_verdict] = pipe_of(O_CLOEXEC);  // closed by a successful exec
  const auto parent = ::getpid();
  const auto child = output && verdict ? ::fork() : -1;
  if (child < 0) return error{code::unavailable, sentence({step::start, errno}, spec)};
  if (child == 0) {
    const auto f = become(spec, environment, its_output.get(), parent);
    (void)!::write(its_verdict.get(), &f, sizeof f);
    ::_exit(127);
  }
  its_output.close();
  its_verdict.close();
  failure f{};
  ssize_t n = 0;
  while ((n = ::read(verdict.get(), &f, sizeof f)) < 0 && errno == EINTR) {
  }
  if (n > 0) {
    ::waitpid(child, nullptr, 0);
    const bool is_final = f.at == step::limit && f.number == EPERM;
    return error{is_final ? code::forbidden : code::unavailable, sentence(f, spec)};
  }
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);  // only our end: each end of a pipe has flags of its own
  return child_process{child, std::move(output)};
}

}  // namespace banyan
