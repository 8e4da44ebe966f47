// The same crashes under Erlang/OTP's supervisor: erlang_supervision.erl, run as a child process that prints what it measured.
#pragma once

#include <tests/bench/latency.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>

namespace banyan::bench {

inline bool is_erlang_there() { return std::system("command -v escript >/dev/null 2>&1") == 0; }

// One measurement of the script by its name.
inline times erlangs_crashes(const std::string& what, int samples) {
  const auto command = "escript '" BANYAN_BENCH_ERLANG "' " + what + " " + std::to_string(samples);
  auto* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error{"cannot run " + command};
  std::string text;
  std::array<char, 4096> part;
  while (auto n = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), n);
  if (pclose(pipe) != 0) throw std::runtime_error{command + " failed: " + text};
  std::istringstream in{text};
  times all;
  for (double t; in >> t;) all.push_back(t);
  return all;
}

}  // namespace banyan::bench
