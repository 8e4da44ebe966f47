// An actor that writes down what it handles, and crashes on demand.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace banyan::test {

struct number {
  int n;
  bool bad = false;
};
struct count {
  using reply = int;
};
struct tick {
  int n;
};
struct boom {};

using journal = std::vector<int>;

struct recorder : actor {
  explicit recorder(journal* seen) : seen_{seen} {}
  behavior make_behavior() override {
    return behavior{}
        .on<number>([this](const number& n) {
          seen_->push_back(n.n);
          ++handled_;
          if (n.bad) throw std::runtime_error{"bad " + std::to_string(n.n)};
        })
        .on<count>([this](const count&) { return handled_; })
        .on<boom>([](const boom&) { throw 42; });
  }
  journal* seen_;
  int handled_ = 0;
};

inline spawn_options slow_restart() {
  constexpr std::chrono::milliseconds always{100};
  return {.restart = {.first = always, .min = always, .max = always, .jitter = 0}};
}

}  // namespace banyan::test
