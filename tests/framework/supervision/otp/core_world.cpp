#include <tests/framework/supervision/otp/core_group.hpp>
#include <tests/framework/supervision/otp/worlds.hpp>

#include <algorithm>
#include <deque>
#include <functional>

namespace banyan::test::otp {

namespace {

struct no_chance final : random_source {
  std::uint64_t next() override { return 0; }
};

// What happens waits in one line, as messages do; an order is carried out where it stands.
class core_world final : public world {
 protected:
  void start(const node& root) override {
    script_ = &root;
    if (auto wrong = mistakes(root); !wrong.empty()) {
      failed(root.name);
      return;
    }
    top_ = std::make_unique<group>(root);
    begin(*top_);
    settle();
  }

  std::vector<std::string> happen(const std::vector<words>& together) override {
    std::vector<std::size_t> asked;
    for (const auto& w : together) {
      if (w[0] == "pass")
        now_ += parse_time(w[1]);
      else if (w[0] == "shutdown")
        news_.push_back([this] { carry_out(*top_, top_->shut_down(moment_())); });
      else if (w[0] == "exit")
        leave(w[1], w[2]);
      else
        asked.push_back(question(w));
    }
    settle();
    std::vector<std::string> said;
    for (auto token : asked) said.push_back(answers_.at(token));
    return said;
  }

  std::string state() override { return top_ ? state(*top_) : script_->name + " ended"; }

 private:
  static std::vector<std::string> mistakes(const node& n) {
    std::vector<child_policy> children;
    for (const auto& c : n.children) children.push_back(c.as_child());
    return check(n.policy(), children);
  }

  moment moment_() { return {now_, random_}; }

  void begin(group& g) { carry_out(g, g.pool ? g.pool->begin() : g.core->begin({}, moment_())); }

  void settle() {
    while (!news_.empty()) {
      auto next = std::move(news_.front());
      news_.pop_front();
      next();
    }
    if (top_ && top_->is_over) top_.reset();
    gone_.clear();
  }

  // Later, and only if that incarnation of the supervisor still is.
  template <class F>
  void tell(group& g, F event) {
    news_.push_back([this, &g, event] {
      if (!g.is_over) carry_out(g, g.with([&](auto& c) { return event(c, moment_()); }));
    });
  }

  void carry_out(group& g, const child_actions& actions) {
    for (const auto& a : actions) {
      const auto n = a.child;
      switch (a.kind) {
        case child_action::start:
          start_one(g, n);
          break;
        case child_action::suspend:
        case child_action::stop:
          end_one(g, n, a.time);
          break;
        case child_action::abandon:
          stopped(g.kids.at(n).spec.name, "killed", g.spec.is_pool());
          break;
        case child_action::up:
          started(g.spec.name);
          if (g.above) tell(*g.above, [p = g.place](auto& c, moment at) { return c.started(p, at); });
          break;
        case child_action::answer:
          answers_[a.token] = word_for(a);
          break;
        case child_action::escalate:
          over(g, a.verdict == verdict::failed ? exit_reason::failed : exit_reason::shutdown);
          break;
        case child_action::auto_shutdown:
          over(g, exit_reason::shutdown);
          break;
        case child_action::down:
          g.is_over = true;
          stopped(g.spec.name, "shutdown");
          if (g.above) tell(*g.above, [p = g.place](auto& c, moment at) { return c.ended(p, at); });
          break;
        case child_action::drop:
        case child_action::wait:
          break;
      }
    }
  }

  void over(group& g, exit_reason::kind_type why) {
    g.is_over = true;
    if (why == exit_reason::failed)
      failed(g.spec.name);
    else
      stopped(g.spec.name, "shutdown");
    if (g.above) tell(*g.above, [p = g.place, why](auto& c, moment at) { return c.exited(p, why, at); });
  }

  void start_one(group& g, std::size_t n) {
    auto& k = g.kids.at(n);
    if (k.spec.is_supervisor()) {
      if (k.below) gone_.push_back(std::move(k.below));
      k.below = std::make_unique<group>(k.spec, &g, n);
      begin(*k.below);
    } else if (next_start_fails(k.spec)) {
      failed(k.spec.name);
      tell(g, [n](auto& c, moment at) { return c.exited(n, exit_reason::failed, at); });
    } else {
      started(k.spec.name);
      tell(g, [n](auto& c, moment at) { return c.started(n, at); });
    }
  }

  void end_one(group& g, std::size_t n, nanoseconds time) {
    auto& k = g.kids.at(n);
    if (k.spec.is_supervisor()) {
      if (!k.below->is_over) carry_out(*k.below, k.below->shut_down(moment_()));
    } else if (dead_.erase(k.spec.name) > 0) {
      tell(g, [n](auto& c, moment at) { return c.ended(n, at); });
    } else if (k.spec.ends_after > time) {
      tell(g, [n](auto& c, moment at) { return c.overdue(n, at); });
    } else {
      stopped(k.spec.name, "shutdown", g.spec.is_pool());
      tell(g, [n](auto& c, moment at) { return c.ended(n, at); });
    }
  }

  void leave(const std::string& name, const std::string& reason) {
    auto& g = *owner(*top_, name);
    const auto n = g.number_of(name);
    stopped(name, reason == "kill" ? "killed" : reason, g.spec.is_pool());
    dead_.insert({name, true});
    const auto why = reason == "normal"                             ? exit_reason::normal
                     : reason.find("shutdown") != std::string::npos ? exit_reason::shutdown
                                                                    : exit_reason::failed;
    news_.push_back([this, &g, n, name, why] {
      dead_.erase(name);
      if (!g.is_over) carry_out(g, g.with([&](auto& c) { return c.exited(n, why, moment_()); }));
    });
  }

  std::size_t question(const words& w) {
    const auto token = ++tokens_;
    answers_[token] = "gone";
    auto* g = !top_ ? nullptr : w[0] == "start" ? find(*top_, w[1]) : owner(*top_, w[1]);
    if (!g) return token;
    if (w[0] != "start") {
      asked_about_[token] = "";
      news_.push_back([this, g, token, w] {
        if (g->is_over) return;
        if (!g->pool)
          carry_out(*g, w[0] == "terminate" ? g->core->terminate(token, w[1], moment_())
                        : w[0] == "restart" ? g->core->restart(token, w[1], moment_())
                                            : g->core->remove(token, w[1], moment_()));
        else if (w[0] == "terminate")
          carry_out(*g, g->pool->terminate(token, g->number_of(w[1]), moment_()));
        else
          answers_[token] = "refused";
      });
      return token;
    }
    asked_about_[token] = "start";
    auto n = parse_node({w.begin() + 2, w.end()});
    owners_[n.name] = g->spec.name;
    if (g->pool) {
      const auto& like = g->spec.children.at(0);
      n.type = like.type;
      n.shutdown = like.shutdown;
      n.significant = like.significant;
    }
    news_.push_back([this, g, token, n] {
      if (g->is_over) return;
      if (!check(g->spec.policy(), {n.as_child()}).empty()) {
        answers_[token] = "refused";
        return;
      }
      g->with([&](auto& c) {
        g->kids.insert_or_assign(c.next_child(), kid{n});
        carry_out(*g, c.add(token, n.as_child(), moment_()));
      });
    });
    return token;
  }

  std::string word_for(const child_action& a) {
    const bool is_start = asked_about_[a.token] == "start";
    switch (a.verdict) {
      case verdict::done:
        return "ok";
      case verdict::unknown:
        return "not_found";
      case verdict::running:
        return is_start ? "already_started" : "running";
      case verdict::restarting:
        return "restarting";
      case verdict::down:
        return "already_present";
      case verdict::failed:
        return "refused";
    }
    return "?";
  }

  group* find(group& g, const std::string& name) {
    if (g.spec.name == name) return &g;
    for (auto& [number, k] : g.kids)
      if (k.below && !k.below->is_over)
        if (auto* found = find(*k.below, name)) return found;
    return nullptr;
  }

  group* owner(group& g, const std::string& child) {
    if (auto o = owners_.find(child); o != owners_.end()) return find(g, o->second);
    for (const auto& c : g.spec.children)
      if (c.name == child) return &g;
    for (auto& [number, k] : g.kids)
      if (k.below && !k.below->is_over)
        if (auto* found = owner(*k.below, child)) return found;
    return nullptr;
  }

  std::string state(group& g) {
    std::vector<std::string> all;
    for (auto& [number, k] : g.kids) {
      const auto now = g.state_of(number);
      if (now == child_state::gone) continue;
      all.push_back(now != child_state::running ? k.spec.name + " down" : k.below ? state(*k.below) : k.spec.name + " up");
    }
    if (g.spec.is_pool()) std::sort(all.begin(), all.end());
    std::string text;
    for (const auto& c : all) text += (text.empty() ? "" : " ") + c;
    return g.spec.name + "(" + text + ")";
  }

  const node* script_ = nullptr;
  std::unique_ptr<group> top_;
  std::vector<std::unique_ptr<group>> gone_;  // earlier incarnations, of which news may still be under way
  std::deque<std::function<void()>> news_;
  std::map<std::string, bool> dead_;  // ended, and nobody knows yet
  std::map<std::size_t, std::string> answers_, asked_about_;
  std::map<std::string, std::string> owners_;
  std::size_t tokens_ = 0;
  monotonic now_{std::chrono::hours{1}};
  no_chance random_;
};

}  // namespace

std::unique_ptr<world> make_core_world() { return std::make_unique<core_world>(); }

}  // namespace banyan::test::otp
