// A real `banyan supervise`, run by a test: what it prints is waited for line by line, and that nothing is left of it is looked up in
// /proc.
#pragma once

#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/process_table.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace banyan {

// A [[program]] that misbehaves as told; `more` are further keys.
inline std::string program(const std::string& name, const std::vector<std::string>& words, const std::string& more = {}) {
  std::string command = "'" MISBEHAVING_PROGRAM "'";
  for (const auto& word : words) command += ", '" + word + "'";
  return "[[program]]\nname = '" + name + "'\ncommand = [" + command + "]\n" + more + "\n";
}

inline pid_t parent_of(pid_t process) {
  for (const auto& p : processes())
    if (p.id == process) return p.parent;
  return 0;
}

// Waits until it has ended; whoever is its parent. False: it has not within 20 s.
inline bool has_ended(pid_t process) {
  const descriptor at{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))};
  if (!at) return true;
  pollfd ended{.fd = at.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 20'000) > 0;
}

class supervised_group {
 public:
  // `before`: what is done in its process before it becomes `banyan`.
  explicit supervised_group(const std::string& text, std::vector<std::string> arguments = {}, const std::function<void()>& before = {}) {
    static int count = 0;
    mark_ = "banyan-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + ".";
    file_ = std::filesystem::temp_directory_path() / (mark_ + "toml");
    std::ofstream{file_} << text;
    int out[2], err[2];
    REQUIRE(::pipe(out) == 0);
    REQUIRE(::pipe(err) == 0);
    keeper_ = ::fork();
    if (keeper_ == 0) {
      ::setenv("BANYAN_TEST_MARK", mark_.c_str(), 1);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is cut short leaves nothing running
      ::setpgid(0, 0);
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      for (int fd : {out[0], out[1], err[0], err[1]}) ::close(fd);
      std::vector<std::string> words{BANYAN_PROGRAM, "supervise", file_.string()};
      words.insert(words.end(), arguments.begin(), arguments.end());
      std::vector<char*> argv;
      for (auto& w : words) argv.push_back(w.data());
      argv.push_back(nullptr);
      if (before) before();
      ::execv(argv[0], argv.data());
      ::_exit(98);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = descriptor{out[0]};
    err_ = descriptor{err[0]};
  }
  ~supervised_group() {
    if (keeper_ > 0) {
      ::kill(keeper_, SIGKILL);
      ::waitpid(keeper_, nullptr, 0);
    }
    for (auto p : left()) ::kill(p, SIGKILL);
    std::filesystem::remove(file_);
  }

  // The next line that contains this; all lines up to it are gone. Fails the test when it does not come.
  std::string line_with(const std::string& part) {
    for (;;) {
      if (const auto end = text_.find('\n', at_); end != text_.npos) {
        auto line = text_.substr(at_, end - at_);
        at_ = end + 1;
        if (line.find(part) != line.npos) return line;
      } else if (!read_more()) {
        constexpr std::size_t shown = 8000;
        const auto from = std::max(at_, text_.size() - std::min(text_.size(), shown));
        FAIL("no line with \"" << part << "\"; the log's end:\n" << text_.substr(from) << "\nerrors:\n" << errors_so_far());
      }
    }
  }
  // Both, in any order.
  void lines_with(const std::string& one, const std::string& other) {
    const auto from = at_;
    line_with(one);
    const auto behind_one = std::exchange(at_, from);
    line_with(other);
    at_ = std::max(at_, behind_one);
  }
  // Takes what comes, as nobody else reads, until this is so. Fails the test when that takes too long.
  void read_until(const std::function<bool()>& enough) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!enough()) {
      if (std::chrono::steady_clock::now() > limit) FAIL("it has not come true within a minute");
      REQUIRE(read_some());
    }
  }
  // What comes soon. False: there will be no more.
  bool read_some() {
    pollfd ready{.fd = out_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 10) <= 0 || read_more();
  }
  const std::string& text() const { return text_; }  // all that has come
  // Everything up to the end.
  std::string rest() {
    while (read_more()) {
    }
    return text_.substr(at_);
  }
  std::string errors() {
    std::string all;
    char bytes[1000];
    for (ssize_t n = 0; (n = ::read(err_.get(), bytes, sizeof bytes)) > 0;) all.append(bytes, static_cast<std::size_t>(n));
    return all;
  }

  std::string errors_so_far() {
    ::fcntl(err_.get(), F_SETFL, O_NONBLOCK);
    return errors();
  }

  // Waits until it runs; the id of its process.
  pid_t start_of(const std::string& name) {
    const std::string words = name + " starts as process ";
    const auto line = line_with(words);
    return std::stoi(line.substr(line.find(words) + words.size()));
  }

  void signal(int s) const { ::kill(keeper_, s); }
  pid_t keeper() const { return keeper_; }

  // The exit code, or 1000 + n after signal n.
  int end() {
    int status = 0;
    rest_ = rest();
    ::waitpid(std::exchange(keeper_, 0), &status, 0);
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  const std::string& last_text() const { return rest_; }

  // Processes of this group, by a mark in their environment that all inherit.
  std::vector<pid_t> left() const {
    std::vector<pid_t> all;
    for (const auto& p : processes())
      if (!p.ended && environment_holds(p.id, "BANYAN_TEST_MARK=" + mark_)) all.push_back(p.id);
    return all;
  }
  bool comes_to_nothing() const {
    for (auto all = left(); !all.empty(); all = left())
      if (!has_ended(all.front())) return false;
    return true;
  }

 private:
  bool read_more() {
    pollfd ready{.fd = out_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 20'000) <= 0) return false;
    char bytes[65536];
    const auto n = ::read(out_.get(), bytes, sizeof bytes);
    if (n <= 0) return false;
    text_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }

  std::string mark_, text_, rest_;
  std::size_t at_ = 0;  // of what has been looked at
  std::filesystem::path file_;
  pid_t keeper_ = 0;
  descriptor out_, err_;
};

}  // namespace banyan
