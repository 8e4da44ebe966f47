// The children of the scripts, as actors: a part starts and ends as its script says, and tells of it.
#pragma once

#include <banyan/actor/actor.hpp>

#include <tests/framework/supervision/otp/script.hpp>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace banyan::test::otp {

class part;

// What the parts of one world have in common.
struct stage {
  world& told;
  std::map<std::string, part*> parts = {};  // that are up
  bool is_over = false;
};

// To a part: end, as a script says.
struct leave {
  std::string reason;
};
struct finish {};

class part final : public actor {
 public:
  part(stage& s, node spec, bool pooled) : stage_{s}, spec_{std::move(spec)}, pooled_{pooled} {}
  ~part() override {
    if (is_up_ && !stage_.is_over) stage_.told.stopped(spec_.name, why_, pooled_);
    if (auto i = stage_.parts.find(spec_.name); i != stage_.parts.end() && i->second == this) stage_.parts.erase(i);
  }

  void started() override {
    if (stage_.told.next_start_fails(spec_)) {
      stage_.told.failed(spec_.name);
      throw std::runtime_error{"can not start"};
    }
    stage_.parts[spec_.name] = this;
    stage_.told.started(spec_.name);
    is_up_ = true;
  }
  void asked_to_end(ending) override {
    why_ = "shutdown";
    if (spec_.ends_after.count() > 0)
      self().after(spec_.ends_after, finish{});
    else
      self().end();
  }
  behavior make_behavior() override {
    return behavior{}.on<leave>([this](const leave& l) { go(l.reason); }).on<finish>([this](const finish&) { self().end(); });
  }
  // In OTP it would have been killed.
  void left_behind() {
    stage_.told.stopped(spec_.name, "killed", pooled_);
    is_up_ = false;
  }

 private:
  void go(const std::string& reason) {
    why_ = reason == "kill" ? "killed" : reason;
    if (reason == "normal")
      self().stop();
    else if (reason.rfind("{shutdown,", 0) == 0)
      self().stop({exit_reason::shutdown, reason.substr(10, reason.size() - 11)});
    else if (reason == "shutdown")
      self().stop(exit_reason::shutdown);
    else
      throw std::runtime_error{reason};
  }

  stage& stage_;
  node spec_;
  bool pooled_, is_up_ = false;
  std::string why_;
};

// Stands above the topmost supervisor.
class onlooker final : public actor {
 public:
  onlooker(std::function<void()> started, std::function<void(const exit_reason&)> ended)
      : started_{std::move(started)}, ended_{std::move(ended)} {}
  behavior make_behavior() override {
    return behavior{}.on<child_started>([this](const child_started&) { started_(); }).on<child_stopped>([this](const child_stopped& s) {
      ended_(s.why);
    });
  }

 private:
  std::function<void()> started_;
  std::function<void(const exit_reason&)> ended_;
};

}  // namespace banyan::test::otp
