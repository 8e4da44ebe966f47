// The program `acquirer` as a process of a test, and what it prints.
#pragma once

#include <banyan/process_supervision/descriptor.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace acquirer::test {

class the_program {
 public:
  // `before`: what is done in its process before it becomes the program.
  explicit the_program(std::vector<std::string> arguments, const std::function<void()>& before = {}) {
    int out[2], err[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is cut short leaves nothing running
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      if (before) before();
      arguments.insert(arguments.begin(), ACQUIRER_PROGRAM);
      std::vector<char*> argv;
      for (auto& a : arguments) argv.push_back(a.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(98);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = banyan::descriptor{out[0]};
    err_ = banyan::descriptor{err[0]};
  }
  ~the_program() {
    if (process_ > 0) kill_and_wait();
  }

  // The first line, and the port that it names.
  std::string first_line() {
    std::string line;
    for (char c = 0; ::read(out_.get(), &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  std::uint16_t port() {
    const auto line = first_line();
    const std::string words = "acquirer listens on http://127.0.0.1:";
    if (!line.starts_with(words)) FAIL("it says \"" << line << "\" and " << errors());
    return static_cast<std::uint16_t>(std::stoi(line.substr(words.size())));
  }

  pid_t id() const { return process_; }
  void signal(int s) const { ::kill(process_, s); }
  void kill_and_wait() {
    signal(SIGKILL);
    ::waitpid(std::exchange(process_, -1), nullptr, 0);
  }
  // Waits for its end: the exit code, or 128 + the signal.
  int end() {
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string output() { return all_of(out_.get()); }  // after its end
  std::string errors() { return all_of(err_.get()); }

 private:
  static std::string all_of(int fd) {
    std::string all;
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(fd, bytes, sizeof bytes)) > 0;) all.append(bytes, static_cast<std::size_t>(n));
    return all;
  }

  pid_t process_ = -1;
  banyan::descriptor out_, err_;
};

}  // namespace acquirer::test
