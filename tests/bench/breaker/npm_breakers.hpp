// The circuit breakers of npm, run by node as a child process (node_breakers) that prints what it measured.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace banyan::bench {

// Installed into a temporary folder, which is removed with it.
class npm_breakers {
 public:
  npm_breakers() {
    auto folder = (std::filesystem::temp_directory_path() / "banyan-bench-breaker-XXXXXX").string();
    if (!mkdtemp(folder.data())) throw std::runtime_error{"cannot make a folder in " + folder};
    folder_ = folder;
    auto [code, text] = run("prepare '" + folder_ + "'");
    if (code != 0) missing_ = text.empty() ? "node_breakers ended with " + std::to_string(code) : text;
  }
  npm_breakers(const npm_breakers&) = delete;
  npm_breakers& operator=(const npm_breakers&) = delete;
  ~npm_breakers() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::string& missing() const { return missing_; }  // why there are none; empty when they are there

  // Nanoseconds per call by the name of what was measured.
  std::map<std::string, double> measure(int calls) const {
    auto [code, text] = run("measure '" + folder_ + "' " + std::to_string(calls));
    if (code != 0) throw std::runtime_error{"node_breakers failed: " + text};
    std::istringstream in{text};
    std::map<std::string, double> all;
    std::string name;
    for (double t; in >> name >> t;) all[name] = t;
    return all;
  }

 private:
  static std::pair<int, std::string> run(const std::string& arguments) {
    const auto command = "'" BANYAN_BENCH_NODE_BREAKERS "' " + arguments + " 2>&1";
    auto* pipe = popen(command.c_str(), "r");
    if (!pipe) throw std::runtime_error{"cannot run " + command};
    std::string text;
    std::array<char, 4096> part;
    while (auto n = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), n);
    const int code = pclose(pipe);
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return {code, text};
  }

  std::string folder_;
  std::string missing_;
};

}  // namespace banyan::bench
