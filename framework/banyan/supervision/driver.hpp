// The actor that runs a decision core: carries out its actions and reports their results to it. Base class of
// supervisor and pool; internal.
#pragma once

#include <banyan/supervision/child_spec.hpp>

#include <map>
#include <set>
#include <utility>

namespace banyan::detail {

inline child_policy policy_of(const child_spec& c) { return {c.name, c.type, c.shutdown, c.significant}; }

inline error invalid(const std::vector<std::string>& wrong) {
  std::string all;
  for (const auto& w : wrong) all += (all.empty() ? "" : "; ") + w;
  return {code::invalid_argument, std::move(all)};
}

template <class Core>
class driver : public actor {
 public:
  driver(Core core, const supervision_hooks& hooks) : core_{std::move(core)}, hooks_{hooks} {}

  behavior make_behavior() override {
    behavior b;
    b.add_handler<child_started>([this](const child_started& m) {
      auto n = find(m.child, m.order);
      if (n == nobody) return;
      notify({child_event::started, places_.at(n).spec.name, {}, m.child});
      carry_out(core_.started(n, now()));
    });
    b.add_handler<child_failed>([this](const child_failed& m) {
      cause_ = m.cause;
      left(find(m.child, m.order), {exit_reason::failed, m.cause.message});
    });
    b.add_handler<child_suspended>([this](const child_suspended& m) { ended(find(m.child, m.order), false); });
    b.add_handler<child_stopped>([this](const child_stopped& m) {
      if (m.gone)
        ended(find(m.child), true);
      else
        left(find(m.child, m.order), m.why);
    });
    b.add_handler<wait_over>([this](const wait_over& m) { carry_out(core_.wait_over(m.token, now())); });
    b.add_handler<limit_over>([this](const limit_over&) { end_limits(); });
    b.add_handler<list_children>([this](const list_children&) { return list(); });
    b.add_message_handler(type_of<await_children>(), [this](message_ptr& l) {
      if (core_.is_up())
        answer<done>(*l);
      else
        waiting_.push_back(std::move(l));
    });
    return b;
  }

  void asked_to_end(ending how) override { carry_out(core_.shut_down(how == ending::stop, now())); }

 protected:
  static constexpr std::size_t nobody = ~std::size_t{0};

  struct place {
    child_spec spec;
    address who;                         // null before its start and after its final end
    bool is_kept;                        // the address outlives an incarnation of this supervisor
    bool runs = false;                   // started and not ended
    monotonic limit = monotonic::max();  // time limit of its ordered end
    std::uint64_t order = 0;             // number of the latest order, to recognise stale reports
  };

  virtual void changed(const place&) {}
  virtual void up() {}

  moment now() { return {self().steady(), self().random()}; }

  // Call before the core knows the child.
  void place_child(std::size_t number, child_spec spec, address who, bool is_kept) {
    if (who) numbers_.emplace(who, number);
    // Its pending reports belong to an earlier incarnation of this supervisor.
    const auto order = who ? next_order() : 0;
    places_.insert_or_assign(number, place{.spec = std::move(spec), .who = std::move(who), .is_kept = is_kept, .order = order});
  }

  std::size_t find(const address& child) const {
    auto n = numbers_.find(child);
    return n == numbers_.end() ? nobody : n->second;
  }
  // The child's number, unless the report is stale (it refers to an older order).
  std::size_t find(const address& child, std::uint64_t order) const {
    const auto n = find(child);
    return n == nobody || places_.at(n).order != order ? nobody : n;
  }

  // Handles a start_child message. A child without a name is called `unnamed` in messages, or is an error.
  void start_new(message_ptr& l, const supervision_policy& policy, const std::string& unnamed = {}) {
    auto spec = std::move(l->as<start_child>().child);
    auto child = policy_of(spec);
    if (child.name.empty()) child.name = unnamed;
    auto wrong = check(policy, {child});
    if (!spec.make) wrong.push_back(child.name + " has no factory");
    if (!wrong.empty()) {
      l->fail(invalid(wrong));
      return;
    }
    const auto number = core_.next_child();
    place_child(number, std::move(spec), {}, false);
    carry_out(core_.add(question(std::move(l), true, number), std::move(child), now()));
  }

  // Keeps the request until the core answers it; the reply is the child's address, or `done`.
  std::size_t question(message_ptr l, bool wants_address, std::size_t added = nobody) {
    questions_.emplace(++tokens_, asked{std::move(l), wants_address, added});
    return tokens_;
  }

  void carry_out(const child_actions& actions) {
    for (const auto& a : actions) {
      switch (a.kind) {
        case child_action::start:
          start(a.child);
          break;
        case child_action::suspend:
          limit(a.child, a.time);
          suspend_actor(places_.at(a.child).who, places_.at(a.child).order = next_order());
          break;
        case child_action::stop:
          limit(a.child, a.time);
          places_.at(a.child).order = next_order();  // from now on only its end is of interest
          self().stop_child(places_.at(a.child).who);
          break;
        case child_action::abandon:
          notify({child_event::abandoned, places_.at(a.child).spec.name, exit_reason::shutdown});
          self().abandon_child(forget(a.child));
          forget_if_gone(a.child);
          break;
        case child_action::drop:
          if (places_.count(a.child)) self().stop_child(forget(a.child));
          forget_if_gone(a.child);
          break;
        case child_action::wait:
          self().after(a.time, wait_over{a.child});
          for (auto n : core_.waiting_for(a.child))
            if (auto p = places_.find(n); p != places_.end() && p->second.who) tell_restart_at(p->second.who, self().until(a.time));
          break;
        case child_action::up:
          up();
          self().has_started();
          for (auto& l : waiting_) answer<done>(*l);
          waiting_.clear();
          break;
        case child_action::answer:
          answer_question(a);
          break;
        case child_action::escalate:
          if (hooks_.escalated) hooks_.escalated(cause_);
          self().stop(a.verdict == verdict::failed ? exit_reason{exit_reason::failed, cause_.message} : exit_reason::shutdown);
          break;
        case child_action::auto_shutdown:
          self().stop(exit_reason::shutdown);
          break;
        case child_action::down:
          self().end();
          break;
      }
    }
  }

  Core core_;

 private:
  struct asked {
    message_ptr message;
    bool wants_address;
    std::size_t added;
  };
  struct wait_over {
    std::size_t token;
  };
  struct limit_over {};

  // Unique over all incarnations of this supervisor.
  std::uint64_t next_order() { return (std::uint64_t{self().incarnation()} << 32) + ++orders_; }

  void left(std::size_t n, const exit_reason& why) {
    if (n == nobody) return;
    auto& p = places_.at(n);
    notify({child_event::ended, p.spec.name, why});
    p.runs = false;
    lift_limit(n, p);
    changed(p);
    carry_out(core_.exited(n, why, now()));
  }

  void ended(std::size_t n, bool is_gone) {
    if (n == nobody) return;
    auto& p = places_.at(n);
    notify({child_event::ended, p.spec.name, exit_reason::shutdown});
    p.runs = false;
    lift_limit(n, p);
    changed(p);
    if (is_gone) forget(n);
    carry_out(core_.ended(n, now()));
    forget_if_gone(n);
  }

  std::vector<child_status> list() const {
    std::vector<child_status> all;
    for (auto n : core_.children()) {
      auto& p = places_.at(n);
      all.push_back({p.spec.name, core_.state_of(n), p.who, core_.restarts_of(n)});
    }
    return all;
  }

  void notify(const child_event& n) {
    if (hooks_.event) hooks_.event(n);
  }

  address forget(std::size_t number) {
    auto& p = places_.at(number);
    auto who = std::exchange(p.who, {});
    if (!who) return who;
    numbers_.erase(who);
    p.runs = false;
    lift_limit(number, p);
    changed(p);
    return who;
  }

  void forget_if_gone(std::size_t number) {
    if (core_.state_of(number) == child_state::gone) places_.erase(number);
  }

  void start(std::size_t number) {
    auto& p = places_.at(number);
    p.runs = true;
    if (p.who) {
      p.order = next_order();
      restart_actor(p.who, p.order);
    } else {
      p.order = 0;
      p.who = self().spawn(
          p.spec.make, {.name = p.spec.name, .supervisor = self().me(), .stash_limit = p.spec.stash_limit, .outlives_restart = p.is_kept});
      numbers_.emplace(p.who, number);
    }
    changed(p);
  }

  // --- shutdown times. One timer for all children: a timer per child would cost more than the rest of a group's
  // restart, and would stay in CAF's clock long after the child has ended.

  void limit(std::size_t number, nanoseconds time) {
    auto& p = places_.at(number);
    lift_limit(number, p);
    p.limit = self().until(time);
    if (p.limit == monotonic::max()) return;
    limits_.emplace(p.limit, number);
    wake_for_limits();
  }

  void lift_limit(std::size_t number, place& p) {
    if (p.limit != monotonic::max()) limits_.erase({std::exchange(p.limit, monotonic::max()), number});
  }

  void wake_for_limits() {
    if (limits_.empty() || limits_.begin()->first >= wakes_at_) return;
    wakes_at_ = limits_.begin()->first;
    self().after(wakes_at_ - self().steady(), limit_over{});
  }

  void end_limits() {
    const auto at = self().steady();
    if (at < wakes_at_) return;  // an older timer, replaced by an earlier one
    wakes_at_ = monotonic::max();
    while (!limits_.empty() && limits_.begin()->first <= at) {
      const auto number = limits_.begin()->second;
      lift_limit(number, places_.at(number));
      carry_out(core_.overdue(number, now()));
    }
    wake_for_limits();
  }

  void answer_question(const child_action& a) {
    auto entry = questions_.extract(a.token);
    if (entry.empty()) return;
    auto& q = entry.mapped();
    switch (a.verdict) {
      case verdict::done:
        answer_done(q, a.child);
        break;
      case verdict::unknown:
        q.message->fail({code::not_found, "no such child"});
        break;
      case verdict::running:
        q.message->fail(error{code::conflict, "the child runs"}.because("running"));
        break;
      case verdict::restarting:
        q.message->fail(error{code::conflict, "the child is being restarted"}.because("restarting"));
        break;
      case verdict::down:
        q.message->fail(error{code::conflict, "a child of this name is there, and down"}.because("down"));
        break;
      case verdict::failed:
        q.message->fail(error{code::unavailable, "the child could not start: " + cause_.message}.because("could_not_start"));
        break;
    }
    forget_if_gone(q.added);
  }

  void answer_done(asked& q, std::size_t child) {
    if (!q.wants_address)
      answer<done>(*q.message);
    else if (auto p = places_.find(child); p != places_.end() && p->second.who)
      answer<address>(*q.message, p->second.who);
    else
      q.message->fail({code::unavailable, "the child ended before it was up"});
  }

  const supervision_hooks& hooks_;  // owned by the factory, outlives this incarnation
  std::map<std::size_t, place> places_;
  std::map<address, std::size_t> numbers_;
  std::set<std::pair<monotonic, std::size_t>> limits_;  // limits of the children ordered to end, with their numbers
  monotonic wakes_at_ = monotonic::max();               // due time of the earliest timer
  std::map<std::size_t, asked> questions_;
  std::size_t tokens_ = 0;
  std::uint64_t orders_ = 0;
  std::vector<message_ptr> waiting_;
  error cause_;
};

}  // namespace banyan::detail
