#include <banyan/supervision/pool.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <tests/framework/actor/stepped.hpp>
#include <tests/framework/supervision/otp/part.hpp>
#include <tests/framework/supervision/otp/worlds.hpp>

#include <algorithm>
#include <functional>
#include <optional>

namespace banyan::test::otp {

namespace {

using namespace std::chrono_literals;

std::string text_of(const exit_reason& why) {
  switch (why.kind) {
    case exit_reason::normal:
      return "normal";
    case exit_reason::shutdown:
      return why.because.empty() ? "shutdown" : "{shutdown," + why.because + "}";
    case exit_reason::failed:
      return "failed";
  }
  return "?";
}

class actor_world final : public world {
 public:
  ~actor_world() override {
    stage_.is_over = true;
    if (root_) stop_actor(root_);
    s_.advance(1min);  // those left behind end too
  }

 protected:
  void start(const node& root) override {
    script_ = &root;
    auto make = prepare(root);
    if (!make) {
      failed(root.name);
      return;
    }
    above_ = s_.system.spawn(
        [this] { return std::make_unique<onlooker>([this] { root_started(); }, [this](const exit_reason& why) { root_ended(why); }); });
    root_ = s_.system.spawn(make, {.name = root.name, .supervisor = above_});
    rest();
  }

  std::vector<std::string> happen(const std::vector<words>& together) override {
    std::vector<std::function<std::string()>> asked;
    std::map<std::string, address> at;  // finding one may take a question: before anything happens
    for (const auto& w : together)
      if (w[0] == "exit" || w[0] == "terminate") at[w[1]] = where(w[1]);
    for (const auto& w : together) {
      if (w[0] == "exit")
        s_.send(at[w[1]], leave{w[2]});
      else if (w[0] == "pass")
        s_.advance(parse_time(w[1]));
      else if (w[0] == "shutdown")
        stop_actor(root_);
      else if (w[0] == "start")
        asked.push_back(start_one(w));
      else if (w[0] == "terminate" && owner(w[1]).is_pool)
        asked.push_back(ask(owner(w[1]), terminate_member{at[w[1]]}));
      else if (w[0] == "terminate")
        asked.push_back(ask(owner(w[1]), terminate_child{w[1]}));
      else if (w[0] == "restart")
        asked.push_back(ask(owner(w[1]), restart_child{w[1]}));
      else if (w[0] == "delete")
        asked.push_back(ask(owner(w[1]), delete_child{w[1]}));
    }
    rest(together[0][0] == "shutdown");
    std::vector<std::string> answers;
    for (auto& a : asked) answers.push_back(a());
    return answers;
  }

  std::string state() override { return root_ ? state(*script_, root_) : script_->name + " ended"; }

 private:
  struct group {
    std::string name;
    bool is_pool = false;
    std::optional<supervisor_factory> tree = {};
  };

  void root_started() {
    started(script_->name);
    is_up_ = true;
  }
  void root_ended(const exit_reason& why) {
    if (!root_) return;  // it is told twice of one that stopped itself: when it is down, and when it is gone
    if (std::exchange(is_up_, false))
      stopped(script_->name, text_of(why));
    else
      failed(script_->name);
    stop_actor(std::exchange(root_, {}));
  }

  // What makes it, or nothing when its specification is refused.
  actor_factory prepare(const node& n) {
    auto& g = groups_.emplace(n.name, group{n.name, n.is_pool()}).first->second;
    supervision_hooks hooks{.event = [this, &n](const child_event& news) { learn(n, news); }};
    if (n.is_pool()) {
      template_ = n.children.at(0);
      return *pool_factory::make({.policy = n.policy(), .hooks = hooks});
    }
    supervisor_options o{.policy = n.policy(), .children = {}, .hooks = hooks};
    for (const auto& c : n.children) {
      owners_[c.name] = n.name;
      o.children.push_back(spec(c, c.is_supervisor() ? prepare(c) : make_part(c, false)));
    }
    auto made = supervisor_factory::make(std::move(o));
    if (!made) return {};
    g.tree = *made;
    return *made;
  }

  static child_spec spec(const node& n, actor_factory make) {
    return {.name = n.name, .make = std::move(make), .type = n.type, .shutdown = n.shutdown, .significant = n.significant};
  }
  actor_factory make_part(const node& n, bool pooled) {
    return [this, n, pooled] { return std::make_unique<part>(stage_, n, pooled); };
  }

  // Parts write down their own lives; what nested supervisors do, and who is given up, is known to the one above.
  void learn(const node& above, const child_event& n) {
    const std::string who{n.child};
    if (n.kind == child_event::abandoned) {
      stage_.parts.at(who)->left_behind();
      return;
    }
    auto c = std::find_if(above.children.begin(), above.children.end(), [&](const node& x) { return x.name == who && x.is_supervisor(); });
    if (c == above.children.end() || stage_.is_over) return;
    if (n.kind == child_event::started) {
      started(who);
      nested_up_[who] = true;
    } else if (std::exchange(nested_up_[who], false)) {
      stopped(who, text_of(n.why));
    } else {
      failed(who);
    }
  }

  std::function<std::string()> start_one(const words& w) {
    auto n = parse_node({w.begin() + 2, w.end()});
    auto& g = groups_.at(w[1]);
    owners_[n.name] = g.name;
    if (!g.is_pool) return ask(g, start_child{spec(n, make_part(n, false))}, "already_started");
    n.type = template_.type;
    n.shutdown = template_.shutdown;
    n.significant = template_.significant;
    return ask(g, start_child{spec(n, make_part(n, true))}, "already_started");
  }

  template <class M>
  std::function<std::string()> ask(const group& g, M question, const std::string& running = "running") {
    const auto to = where(g.name);
    if (!to) return [] { return std::string{"gone"}; };
    stepped::answer_slot<typename M::reply> slot;
    s_.system.ask(to, std::move(question), 1h, slot.slot());
    return [slot, running]() mutable -> std::string {
      if (!slot.is_there()) return "no answer";
      if ((*slot).has_value()) return "ok";
      const auto& e = (*slot).error();
      if (e.code == code::not_found) return "not_found";
      if (e.code == code::conflict && e.reason == "running") return running;
      if (e.code == code::conflict && e.reason == "restarting") return running == "running" ? "restarting" : "already_present";
      if (e.code == code::conflict) return "already_present";
      return e.code == code::unavailable && e.reason.empty() ? "gone" : "refused";
    };
  }

  group& owner(const std::string& child) { return groups_.at(owners_.at(child)); }

  address where(const std::string& name) {
    if (name == script_->name) return root_;
    auto& above = owner(name);
    if (!above.is_pool) return above.tree->child(name);
    auto all = s_.ask(where(above.name), list_children{});
    for (const auto& c : **all)
      if (c.name == name) return c.who;
    return {};
  }

  // Time passes only while something is being done.
  void rest(bool until_it_ends = false) {
    for (int step = 0; step < 10'000; ++step) {
      s_.run();
      if (!root_ || (!until_it_ends && is_up_ && !is_busy(*script_, root_))) return;
      s_.advance(1ms);
    }
    throw std::runtime_error{"it does not come to rest"};
  }

  std::vector<child_status> children_of(const address& supervisor) {
    auto all = s_.ask(supervisor, list_children{});
    if (!all.is_there() || !(*all).has_value()) return {};
    return **all;
  }

  const node* find(const node& n, const std::string& child) {
    auto c = std::find_if(n.children.begin(), n.children.end(), [&](const node& x) { return x.name == child; });
    return c == n.children.end() || !c->is_supervisor() ? nullptr : &*c;
  }

  bool is_busy(const node& n, const address& at) {
    for (const auto& c : children_of(at)) {
      if (c.state != child_state::running && c.state != child_state::idle) return true;
      const auto* nested = find(n, c.name);
      if (nested && c.state == child_state::running && is_busy(*nested, c.who)) return true;
    }
    return false;
  }

  std::string state(const node& n, const address& at) {
    std::vector<std::string> all;
    for (const auto& c : children_of(at)) {
      const auto* nested = find(n, c.name);
      all.push_back(c.state != child_state::running ? c.name + " down" : nested ? state(*nested, c.who) : c.name + " up");
    }
    if (n.is_pool()) std::sort(all.begin(), all.end());
    std::string text;
    for (const auto& c : all) text += (text.empty() ? "" : " ") + c;
    return n.name + "(" + text + ")";
  }

  stage stage_{*this};
  stepped s_;
  const node* script_ = nullptr;
  node template_;  // of the pool's children
  address above_, root_;
  bool is_up_ = false;
  std::map<std::string, group> groups_;
  std::map<std::string, std::string> owners_;  // child -> supervisor
  std::map<std::string, bool> nested_up_;
};

}  // namespace

std::unique_ptr<world> make_actor_world() { return std::make_unique<actor_world>(); }

}  // namespace banyan::test::otp
