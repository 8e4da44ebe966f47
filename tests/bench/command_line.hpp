// The command line that all benchmarks share: `--rounds N`, `--json FILE`, `--help`, and options of their own. What is not known, or is no
// number within its bounds, is refused with exit code 2 before anything runs.
//
//   bench::command_line line{"bench_messages", "Messages per second beside raw CAF", 7};
//   int requests = 100'000;
//   line.number("--requests", requests, "messages per turn", 64);
//   if (auto code = line.parse(argc, argv)) return *code;
#pragma once

#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banyan::bench {

class command_line {
 public:
  command_line(std::string program, std::string about, int rounds);
  ~command_line();

  void number(std::string option, int& target, std::string help, int least = 1, int most = std::numeric_limits<int>::max());
  void seconds(std::string option, double& target, std::string help);
  void numbers(std::string option, std::vector<int>& target, std::string help);  // "1,8,64"
  void folder(std::string option, std::string& target, std::string help);
  void names(std::string option, std::vector<std::string>& target, std::vector<std::string> known, std::string help);

  // An exit code when the program is to end now: 0 after --help, 2 for wrong usage.
  std::optional<int> parse(int argc, char** argv);

  int rounds() const { return rounds_; }
  // Has the figures written to the file of --json, if one was asked for. False, with a sentence on standard error, when it can not be written.
  bool write_json(const std::function<void(std::ostream&)>& figures) const;

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
  int rounds_;
  std::string json_;
};

}  // namespace banyan::bench
