// Actors that write down when they start and when they end, and a supervisor's specification made of them.
#pragma once

#include <banyan/supervision/supervisor.hpp>

#include <tests/framework/actor/stepped.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test {

using diary = std::vector<std::string>;

struct crash {};
struct quit {
  exit_reason why = {};
};
struct note {
  int n;
};
struct incarnation {
  using reply = int;
};

// Writes down when it starts ("+a") and when its state goes ("-a").
struct part : actor {
  part(std::string name, diary* d, int* start_failures, bool lingers)
      : name_{std::move(name)}, diary_{d}, start_failures_{start_failures}, lingers_{lingers} {}
  ~part() override { diary_->push_back("-" + name_); }
  void started() override {
    if (start_failures_ && *start_failures_ > 0) {
      --*start_failures_;
      throw std::runtime_error{"can not start " + name_};
    }
    diary_->push_back("+" + name_);
  }
  void asked_to_end(ending) override {
    if (!lingers_) self().end();
  }
  behavior make_behavior() override {
    return behavior{}
        .on<crash>([](const crash&) { throw std::runtime_error{"crash"}; })
        .on<quit>([this](const quit& q) { self().stop(q.why); })
        .on<note>([this](const note& n) { diary_->push_back(name_ + std::to_string(n.n)); })
        .on<incarnation>([this](const incarnation&) { return static_cast<int>(self().incarnation()); });
  }
  std::string name_;
  diary* diary_;
  int* start_failures_;
  bool lingers_;
};

struct fixture {
  diary seen;
  int b_fails_to_start = 0;
  int escalations = 0;
  stepped s;

  child_spec spec(const std::string& name, restart_type type = restart_type::permanent, bool lingers = false) {
    auto* failures = name == "b" ? &b_fails_to_start : nullptr;
    return {.name = name, .make = [=, this] { return std::make_unique<part>(name, &seen, failures, lingers); }, .type = type};
  }
  supervisor_options group(restart strategy, const std::string& names) {
    supervisor_options o;
    o.policy.strategy = strategy;
    for (char c : names) o.children.push_back(spec(std::string(1, c)));
    o.hooks.escalated = [this](const error&) { ++escalations; };
    return o;
  }
  supervisor_options otp_group(restart strategy, const std::string& names, int restarts) {
    auto o = group(strategy, names);
    o.policy.backoff = no_backoff;
    o.policy.limit = intensity{.restarts = restarts, .within = std::chrono::seconds{5}};
    return o;
  }
  diary take() {
    s.run();
    return std::exchange(seen, {});
  }
};

}  // namespace banyan::test
