// What is promised to a message while supervised actors crash, are suspended, ended, abandoned and restarted, and their supervisors too:
//
//   - it is handled at most once, and what one sender sent to one address is begun in the order in which it was sent;
//   - nothing is skipped: an address that is gone for good has lost only the last of what was sent to it;
//   - a request is answered exactly once. `not_applied`: no handler has begun on it. `unknown`: one has, and crashed or was interrupted;
//     it is not tried again. A one-way message that a crash interrupted, or whose actor ended for good before its turn, has nobody to tell.
//
// Handlers write down when they begin and when they have had their effect; the askers, what they were answered.
#pragma once

#include <banyan/actor/control.hpp>
#include <banyan/supervision/pool.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test::message_storm {

using namespace std::chrono_literals;

enum class crash_plan : std::uint8_t { well, crash_at_once, crash_before_effect, crash_after_effect };

struct job {
  int sender, number;
  crash_plan how;
};
struct slow_job : job {};  // in a coroutine that waits before and after its effect
struct question : job {
  using reply = int;
};
struct slow_question : job {
  using reply = int;
};

class ledger {
 public:
  struct entry {
    bool is_request;
    int begun = 0, effects = 0;
    std::vector<result<int>> answers = {};
  };
  struct line {  // from one sender to one address
    std::vector<entry> sent;
    std::vector<int> begun;
  };

  int send(const address& to, int sender, bool is_request) {
    std::lock_guard lock{mutex_};
    auto& l = lines_[{to.id(), sender}];
    l.sent.push_back({is_request});
    return static_cast<int>(l.sent.size()) - 1;
  }
  void begin(const address& who, const job& j) {
    std::lock_guard lock{mutex_};
    auto& l = lines_.at({who.id(), j.sender});
    ++l.sent.at(j.number).begun;
    l.begun.push_back(j.number);
  }
  void effect(const address& who, const job& j) {
    std::lock_guard lock{mutex_};
    ++lines_.at({who.id(), j.sender}).sent.at(j.number).effects;
  }
  void answer(const address& who, int sender, int number, result<int> r) {
    std::lock_guard lock{mutex_};
    lines_.at({who.id(), sender}).sent.at(number).answers.push_back(std::move(r));
  }

  // What it shows, when all is over.
  void check(bool may_refuse) {
    std::lock_guard lock{mutex_};
    for (auto& [of, l] : lines_) {
      REQUIRE(std::is_sorted(l.begun.begin(), l.begun.end()));
      if (!may_refuse && !l.begun.empty()) REQUIRE(l.begun.back() == static_cast<int>(l.begun.size()) - 1);
      for (auto& e : l.sent) {
        REQUIRE(e.begun <= 1);
        REQUIRE(e.effects <= e.begun);
        REQUIRE(e.answers.size() == (e.is_request ? 1 : 0));
        if (!e.is_request) continue;
        auto& a = e.answers[0];
        if (a)
          REQUIRE(e.effects == 1);
        else
          REQUIRE(e.begun == (a.error().outcome == outcome::not_applied ? 0 : 1));
        ++(a ? done_ : a.error().outcome == outcome::unknown ? unknown_ : not_applied_);
      }
    }
  }
  int done_ = 0, unknown_ = 0, not_applied_ = 0;

 private:
  std::mutex mutex_;
  std::map<std::pair<std::uint64_t, int>, line> lines_;
};

struct finish {};

// Takes its time to end.
struct lingering : actor {
  void asked_to_end(ending) override { self().after(5ms, finish{}); }
  behavior make_behavior() override {
    return behavior{}.on<finish>([this](const finish&) { self().end(); });
  }
};

struct worker : lingering {
  worker(ledger* l, bool lingers) : ledger_{l}, lingers_{lingers} {}
  void started() override {
    if (self().random().next() % 8 == 0) throw std::runtime_error{"can not start"};
    if (lingers_) self().spawn([] { return std::make_unique<lingering>(); });
  }
  void asked_to_end(ending how) override { lingers_ ? lingering::asked_to_end(how) : self().end(); }
  behavior make_behavior() override {
    return lingering::make_behavior()
        .on<job>([this](const job& j) { work(j); })
        .on<question>([this](const question& q) { return work(q); })
        .on<slow_job>([this](const slow_job& j) { return work_slowly(j); })
        .on<slow_question>([this](const slow_question& q) { return work_slowly(q); });
  }
  int work(const job& j) {
    ledger_->begin(self().me(), j);
    crash_if(j.how == crash_plan::crash_at_once || j.how == crash_plan::crash_before_effect);
    ledger_->effect(self().me(), j);
    crash_if(j.how == crash_plan::crash_after_effect);
    return j.number;
  }
  task<result<int>> work_slowly(job j) {
    ledger_->begin(self().me(), j);
    crash_if(j.how == crash_plan::crash_at_once);
    co_await self().sleep(3ms);
    crash_if(j.how == crash_plan::crash_before_effect);
    ledger_->effect(self().me(), j);
    co_await self().sleep(3ms);
    crash_if(j.how == crash_plan::crash_after_effect);
    co_return j.number;
  }
  static void crash_if(bool it_does) {
    if (it_does) throw std::runtime_error{"crash"};
  }
  ledger* ledger_;
  bool lingers_;
};

struct errand {
  address to;
  crash_plan how;
  bool is_request, is_slow;
};
struct await_answers {
  using reply = done;
};

struct sender : actor {
  sender(ledger* l, int me) : ledger_{l}, me_{me} {}
  behavior make_behavior() override {
    return behavior{}.on<errand>([this](const errand& e) { carry_out(e); }).on_message<await_answers>([this](message_ptr& l) {
      waiting_ = std::move(l);
      tell_if_all_are_there();
    });
  }
  void carry_out(const errand& e) {
    const job j{me_, ledger_->send(e.to, me_, e.is_request), e.how};
    if (e.is_request)
      self().run(e.is_slow ? ask<slow_question>(e.to, j) : ask<question>(e.to, j));
    else if (e.is_slow)
      self().send(e.to, slow_job{j});
    else
      self().send(e.to, j);
  }
  template <class Q>
  task<void> ask(address to, job j) {
    ++open_;
    result<int> r = co_await self().template ask<Q>(to, 1000h, j);
    ledger_->answer(to, me_, j.number, std::move(r));
    --open_;
    tell_if_all_are_there();
  }
  void tell_if_all_are_there() {
    if (open_ == 0 && waiting_) answer<done>(*std::exchange(waiting_, {}));
  }
  ledger* ledger_;
  int me_, open_ = 0;
  message_ptr waiting_;
};

// A tree of supervisors of all kinds, those who send to its workers, and what happens to both.
struct storm {
  storm(actor_system& s, std::uint64_t seed) : random{seed}, system{s}, may_refuse{random.below(4) == 0} {
    for (int i = 0; i < 3; ++i) senders.push_back(system.spawn([=, this] { return std::make_unique<sender>(&seen, i); }));
    auto tree = group(0);
    tree.policy.backoff = quick;  // it never gives up, or there would be nothing to see
    tree.policy.limit = {};
    auto make = *supervisor_factory::make(std::move(tree));
    keep(make);
    root = system.spawn(make, {.name = "root", .restart = quick});
  }

  child_spec spec(const std::string& name) {
    const bool lingers = random.below(3) == 0;
    child_spec c{.name = name, .make = [this, lingers] { return std::make_unique<worker>(&seen, lingers); }};
    if (auto r = random.below(6); r < 3) c.type = static_cast<restart_type>(r);
    c.shutdown = lingers && random.below(2) == 0 ? timespan{2ms} : timespan{1min};  // the former is abandoned
    c.stash_limit = may_refuse ? 3 : 1'000'000;
    return c;
  }
  supervisor_options group(int depth) {
    supervisor_options o;
    o.policy.strategy = static_cast<restart>(random.below(3));
    if (random.below(2) == 0) {
      o.policy.backoff = quick;
    } else {
      o.policy.backoff = no_backoff;
      o.policy.limit = intensity{.restarts = static_cast<int>(random.below(5)), .within = 50ms};
    }
    const auto n = 2 + random.below(3);
    for (std::uint64_t i = 0; i < n; ++i) {
      const auto name = names[i];
      const auto kind = depth < 2 ? random.below(4) : 0;
      if (kind == 3) {
        auto below = *supervisor_factory::make(group(depth + 1));
        keep(below);
        o.children.push_back({.name = name, .make = below, .shutdown = wait_forever});
      } else if (kind == 2) {
        o.children.push_back({.name = name, .make = *pool_factory::make({.policy = o.policy}), .shutdown = wait_forever});
      } else {
        o.children.push_back(spec(name));
      }
    }
    return o;
  }
  void keep(const supervisor_factory& f) {
    for (auto name : names) places.push_back([f, name] { return f.child(name); });
  }

  // Workers, supervisors and pools alike: who does not know a message says so.
  address anybody() {
    if (!known.empty() && random.below(3) == 0) return known[random.below(known.size())];
    auto who = places[random.below(places.size())]();
    if (who && std::find(known.begin(), known.end(), who) == known.end()) known.push_back(who);
    return who;
  }

  template <class M>
  void ask(const address& who, M m) {
    ++asked;
    system.ask(who, std::move(m), 1000h, [this](auto r) {
      ++answered;
      if constexpr (std::is_same_v<decltype(r), result<address>>) {
        if (!r) return;
        std::lock_guard lock{mutex};
        started.push_back(*r);
      }
    });
  }

  void something_happens() {
    {
      std::lock_guard lock{mutex};
      known.insert(known.end(), started.begin(), started.end());
      started.clear();
    }
    const auto who = anybody();
    if (!who) return;
    const std::string name = names[random.below(names.size())];
    switch (auto what = random.below(100)) {
      default: {
        const auto how = random.below(4) ? crash_plan::well : static_cast<crash_plan>(random.below(4));
        system.send(senders[random.below(senders.size())], errand{who, how, random.below(2) == 0, random.below(4) == 0});
        break;
      }
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        ask(who, start_child{spec(name)});
        break;
      case 6:
      case 7:
        ask(who, terminate_child{name});
        break;
      case 8:
      case 9:
      case 10:
        ask(who, restart_child{name});
        break;
      case 11:
        ask(who, delete_child{name});
        break;
      case 12:
      case 13:
        ask(who, terminate_member{anybody()});
        break;
      case 14:
        ask(who, list_children{});
        break;
      case 15:
        stop_actor(who);
        break;
      case 16:
        suspend_actor(who);
        break;
      case 17:
      case 18:
        post_work(what == 17 ? root : who, [](actor_host&) { throw std::runtime_error{"crash"}; });
        break;
    }
  }

  const backoff_policy quick{.first = 0ms, .min = 1ms, .max = 8ms};
  const std::vector<const char*> names{"a", "b", "c", "d"};
  counting_random random;
  ledger seen;
  actor_system& system;
  const bool may_refuse;
  std::vector<address> senders, known, started;
  std::vector<std::function<address()>> places;
  address root;
  std::mutex mutex;
  std::atomic<int> asked{0}, answered{0};
};

}  // namespace banyan::test::message_storm
