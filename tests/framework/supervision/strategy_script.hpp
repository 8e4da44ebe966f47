// Scripts for the pure core. A line is `event => actions`; children are single messages in their order of start.
#pragma once

#include <banyan/supervision/strategy.hpp>

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace banyan::test {

struct middle final : random_source {
  std::uint64_t next() override { return 1ull << 63; }  // half of the range: a jittered wait has its nominal length
};

struct counting final : random_source {
  explicit counting(std::uint64_t seed) : state{seed} {}
  std::uint64_t next() override {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state ^ (state >> 31)) * 0x9e3779b97f4a7c15ull;
  }
  std::uint64_t below(std::uint64_t n) { return (next() >> 20) % n; }
  std::uint64_t state;
};

inline supervision_policy otp(restart r, std::optional<intensity> limit = {}) {
  return {.strategy = r, .backoff = no_backoff, .limit = limit};
}
inline supervision_policy patient(restart r) { return {.strategy = r}; }

// "a b:temporary c:transient:significant d:0ms": the children of a script.
inline std::vector<child_policy> children_of(const std::string& text) {
  std::vector<child_policy> all;
  std::istringstream in{text};
  for (std::string word; in >> word;) {
    child_policy c{.name = word.substr(0, 1)};
    auto has = [&](const char* what) { return word.find(what) != std::string::npos; };
    if (has(":temporary")) c.type = restart_type::temporary;
    if (has(":transient")) c.type = restart_type::transient;
    if (has(":0ms")) c.shutdown = abandon_at_once;
    c.significant = has(":significant");
    all.push_back(c);
  }
  return all;
}

class script {
 public:
  script(supervision_policy policy, const std::string& children) : strategy_{policy, children_of(children)} {
    for (auto& c : children_of(children)) names_ += c.name;
  }

  // Runs the lines and compares; the message of a failure is the line with what was answered.
  void play(const std::string& text) {
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
      line.erase(0, line.find_first_not_of(' '));
      if (line.empty()) continue;
      auto arrow = line.find(" =>");
      auto event = line.substr(0, arrow);
      auto got = event + " =>" + tell(event);
      CHECK(got == line);
      if (got != line) return;
    }
  }

 private:
  std::string tell(const std::string& event) {
    std::istringstream in{event};
    std::string verb, who;
    in >> verb >> who;
    moment at{now_, random_};
    auto child = names_.find(who);
    if (verb == "begin") return show(strategy_.begin({}, at));
    if (verb == "again") return show(strategy_.begin(std::vector<bool>(names_.size(), true), at));
    if (verb == "up") return show(strategy_.started(child, at));
    if (verb == "fails") return show(strategy_.exited(child, exit_reason::failed, at));
    if (verb == "quits") return show(strategy_.exited(child, exit_reason::normal, at));
    if (verb == "ended") return show(strategy_.ended(child, at));
    if (verb == "late") return show(strategy_.overdue(child, at));
    if (verb == "waited") return show(strategy_.wait_over(std::stoul(who), at));
    if (verb == "stop") return show(strategy_.shut_down(true, at));
    if (verb == "suspend") return show(strategy_.shut_down(false, at));
    if (verb == "terminate") return show(strategy_.terminate(++asked_, who, at));
    if (verb == "restart") return show(strategy_.restart(++asked_, who, at));
    if (verb == "remove") return show(strategy_.remove(++asked_, who, at));
    if (verb == "add") {
      auto fresh = children_of(who).at(0);
      names_ += fresh.name;
      return show(strategy_.add(++asked_, fresh, at));
    }
    if (verb == "pass") {
      now_ += std::chrono::milliseconds{std::stoi(who)};
      return "";
    }
    if (verb == "boot") {
      std::string all = show(strategy_.begin({}, at));
      for (std::size_t i = 0; i < names_.size(); ++i) all += show(strategy_.started(i, at));
      return all;
    }
    return " no such event";
  }

  std::string show(const child_actions& actions) {
    static const char* const words[] = {"start", "suspend",   "stop",     "abandon",       "drop", "wait",
                                        "up",    "answer", "escalate", "auto_shutdown", "down"};
    static const char* const verdicts[] = {"done", "unknown", "running", "restarting", "down", "failed"};
    std::string text;
    for (auto& a : actions) {
      text += std::string{" "} + words[a.kind];
      if (a.kind == child_action::answer)
        text += " " + std::to_string(a.token) + " " + verdicts[static_cast<int>(a.verdict)];
      else if (a.kind == child_action::wait)
        text += " " + std::to_string(a.child) + " " + std::to_string(a.time / std::chrono::milliseconds{1}) + "ms";
      else if (a.kind < child_action::wait)
        text += std::string{" "} + names_[a.child];
    }
    return text;
  }

  strategy strategy_;
  std::string names_;
  std::size_t asked_ = 0;
  monotonic now_{std::chrono::hours{1}};
  middle random_;
};

}  // namespace banyan::test
