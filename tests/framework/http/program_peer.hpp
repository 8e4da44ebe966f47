// A program that a test talks to by its standard streams: openssl's own server and client, curl. What it prints, on
// both streams, is waited for; it is ended with this object.
#pragma once

#include <tests/framework/http/raw_peer.hpp>

#include <csignal>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <vector>

extern char** environ;

namespace banyan::test {

class program_peer {
 public:
  explicit program_peer(std::vector<std::string> words) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw std::runtime_error{"no socket pair"};
    ours_.emplace(pair[0]);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t streams;
    ::posix_spawn_file_actions_init(&streams);
    for (const int stream : {0, 1, 2}) ::posix_spawn_file_actions_adddup2(&streams, pair[1], stream);
    const int failed = ::posix_spawnp(&process_, arguments[0], &streams, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&streams);
    ::close(pair[1]);
    if (failed != 0) throw std::runtime_error{"there is no program " + words[0]};
  }
  program_peer(const program_peer&) = delete;
  ~program_peer() { end(); }

  raw::socket& streams() { return *ours_; }  // its input, and what it prints
  // All that it prints until it ends.
  std::string rest() {
    auto said = ours_->read_all();
    end();
    return said;
  }
  void end() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
  std::optional<raw::socket> ours_;
};

// `openssl s_server` with these further arguments, on a port that the system chooses.
class openssl_server {
 public:
  explicit openssl_server(std::vector<std::string> more) : program_{words(std::move(more))} {
    program_.streams().read_through("ACCEPT 127.0.0.1:");
    port_ = static_cast<std::uint16_t>(std::stoi(program_.streams().read_through("\n")));
  }
  std::uint16_t port() const { return port_; }
  program_peer& program() { return program_; }

 private:
  static std::vector<std::string> words(std::vector<std::string> more) {
    more.insert(more.begin(), {"openssl", "s_server", "-accept", "127.0.0.1:0"});
    return more;
  }
  program_peer program_;
  std::uint16_t port_ = 0;
};

}  // namespace banyan::test
