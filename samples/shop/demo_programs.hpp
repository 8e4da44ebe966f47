// The programs of the demo, each a process of its own on loopback: the shop, and the acquirer that it pays through.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace shop {

// A program that prints the addresses that it serves on its first line. Killed, and waited for, when it goes out of
// scope; it also ends with this process. Throws std::runtime_error when it does not start within 20 s.
class demo_program {
 public:
  // `path`: of the program file. `environment`: "NAME=value".
  demo_program(std::string path, std::vector<std::string> arguments, std::vector<std::string> environment = {});
  ~demo_program();
  demo_program(const demo_program&) = delete;
  demo_program& operator=(const demo_program&) = delete;

  const std::string& url() const { return urls_.at(0); }
  const std::string& operations_url() const { return urls_.at(1); }
  // Its exit status; one that does not end within 30 s is killed.
  int stop(int signal);

 private:
  void read_addresses();
  pid_t pid_ = -1;
  int from_ = -1;
  std::vector<std::string> urls_;
};

// A port of 127.0.0.1 that nobody listens on now.
std::uint16_t free_port();
// The file of another program that was built beside this one.
std::string program_beside(const std::string& name);

}  // namespace shop
