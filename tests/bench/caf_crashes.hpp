// The same crashes under a supervisor as one writes it with CAF alone: it monitors its children and spawns a new one for each that goes
// down.
#pragma once

#include <tests/bench/caf_traffic.hpp>
#include <tests/bench/latency.hpp>

#include <map>
#include <stdexcept>

namespace banyan::bench {

inline caf::behavior caf_crashing_child(caf::event_based_actor* self, const caf::actor& tell) {
  // Without it CAF writes to stderr at each crash.
  self->set_exception_handler([](std::exception_ptr&) -> caf::error { return caf::sec::runtime_error; });
  self->send(tell, caf_born{self});
  return {[](const ping& p) { return p.n; }, [](const caf_crash&) { throw std::runtime_error{"crash"}; }};
}

class caf_supervisor : public caf::event_based_actor {
 public:
  caf_supervisor(caf::actor_config& cfg, std::size_t children, bool one_for_all, caf::actor tell)
      : caf::event_based_actor{cfg}, children_{children}, one_for_all_{one_for_all}, tell_{std::move(tell)} {
    set_down_handler([this](const caf::down_msg& m) { went_down(m.source); });
  }
  caf::behavior make_behavior() override {
    for (std::size_t i = 0; i < children_.size(); ++i) start(i);
    return {[](const flush&) { return 0; }};  // CAF takes an actor without one for dead
  }
  void on_exit() override {
    for (auto& c : children_) send_exit(c, caf::exit_reason::user_shutdown);
  }

 private:
  void start(std::size_t i) {
    children_[i] = spawn<caf::monitored>(caf_crashing_child, tell_);
    numbers_.emplace(children_[i].address(), i);
  }
  void went_down(const caf::actor_addr& who) {
    auto n = numbers_.extract(who);
    if (n.empty()) return;
    if (!one_for_all_) {
      start(n.mapped());
      return;
    }
    if (!std::exchange(is_ending_all_, true))
      for (auto& [other, i] : numbers_) send_exit(children_[i], caf::exit_reason::user_shutdown);
    if (!numbers_.empty()) return;
    is_ending_all_ = false;
    for (std::size_t i = 0; i < children_.size(); ++i) start(i);
  }
  std::vector<caf::actor> children_;
  std::map<caf::actor_addr, std::size_t> numbers_;
  bool one_for_all_, is_ending_all_ = false;
  caf::actor tell_;
};

// Causes a crash, hears of those that were spawned anew, and asks the one.
class caf_observer : public caf::event_based_actor {
 public:
  caf_observer(caf::actor_config& cfg, std::size_t children, int samples, std::promise<times>* ended)
      : caf::event_based_actor{cfg}, missing_{children}, left_{samples}, ended_{ended} {}
  caf::behavior make_behavior() override {
    return {[this](const caf_born& b) {
      fresh_.push_back(b.who);
      if (--missing_ > 0) return;
      children_.swap(fresh_);
      if (!is_timing_)
        next();  // their first start
      else if (children_.size() > 1)
        sample_ends();
      else
        request(children_[0], caf::infinite, ping{1}).then([this](int) { sample_ends(); });
    }};
  }

 private:
  void next() {
    if (left_-- == 0) {
      ended_->set_value(std::move(times_));
      return;
    }
    fresh_.clear();
    missing_ = children_.size();
    is_timing_ = true;
    from_ = stopwatch::now();
    send(children_[static_cast<std::size_t>(left_) * 37 % children_.size()], caf_crash{});
  }
  void sample_ends() {
    times_.push_back(microseconds_since(from_));
    next();
  }
  std::vector<caf::actor> children_, fresh_;
  std::size_t missing_;
  int left_;
  bool is_timing_ = false;
  std::promise<times>* ended_;
  stopwatch::time_point from_;
  times times_;
};

inline times cafs_crashes(actor_system& system, bool one_for_all, std::size_t children, int samples) {
  auto& native = system.get_native().caf;
  std::promise<times> ended;
  auto observer = native.spawn<caf_observer>(children, samples, &ended);
  auto top = native.spawn<caf_supervisor>(children, one_for_all, observer);
  auto measured = ended.get_future().get();
  caf::anon_send_exit(top, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(observer, caf::exit_reason::kill);
  return measured;
}

}  // namespace banyan::bench
