#include <banyan/supervision/supervisor.hpp>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace banyan {

// What outlives an incarnation of the supervisor: the specification, and where the children are.
struct supervisor_factory::crew {
  explicit crew(supervisor_options o) : options{std::move(o)}, addresses(options.children.size()) {}

  address at(std::size_t child) const {
    std::lock_guard lock{mutex};
    return addresses[child];
  }
  void set(std::size_t child, address a) {
    std::lock_guard lock{mutex};
    addresses[child] = std::move(a);
  }

  const supervisor_options options;
  mutable std::mutex mutex;
  std::vector<address> addresses;
};

namespace {

std::vector<child_policy> policies(const std::vector<child_spec>& children) {
  std::vector<child_policy> all;
  for (const auto& c : children) all.push_back({c.name, c.type, c.shutdown});
  return all;
}

class supervisor final : public actor {
 public:
  explicit supervisor(std::shared_ptr<supervisor_factory::crew> c)
      : crew_{std::move(c)}, strategy_{crew_->options.policy, policies(crew_->options.children)}, orders_(strategy_.size()) {}

  behavior make_behavior() override {
    return behavior{}
        .on<child_started>([this](const child_started& m) {
          if (auto i = find(m.child); i != nobody) carry_out(strategy_.started(i, now()));
        })
        .on<child_failed>([this](const child_failed& m) {
          auto i = find(m.child);
          if (i == nobody) return;
          cause_ = m.cause;
          carry_out(strategy_.exited(i, exit_reason::failed, now()));
        })
        .on<child_halted>([this](const child_halted& m) {
          if (auto i = find(m.child); i != nobody) carry_out(strategy_.ended(i, now()));
        })
        .on<child_stopped>([this](const child_stopped& m) { note_stopped(m); })
        .on<wait_over>([this](const wait_over& m) { carry_out(strategy_.wait_over(m.token, now())); })
        .on<overdue>([this](const overdue& m) {
          if (m.order == orders_[m.child]) carry_out(strategy_.overdue(m.child, now()));
        })
        .on_letter<await_children>([this](letter_ptr& l) {
          if (strategy_.is_up())
            answer<done>(*l);
          else
            waiting_.push_back(std::move(l));
        });
  }

  void started() override {
    self().started_later();
    std::vector<bool> alive;
    for (std::size_t i = 0; i < strategy_.size(); ++i) {
      auto a = crew_->at(i);
      if (a) indices_.emplace(a, i);
      alive.push_back(static_cast<bool>(a));
    }
    carry_out(strategy_.begin(alive, now()));
  }

  void asked_to_end(ending how) override { carry_out(strategy_.shut_down(how == ending::stop, now())); }

 private:
  struct wait_over {
    std::size_t token;
  };
  struct overdue {
    std::size_t child;
    std::uint64_t order;
  };
  static constexpr std::size_t nobody = ~std::size_t{0};

  moment now() { return {self().steady(), self().random()}; }

  std::size_t find(const address& child) const {
    auto i = indices_.find(child);
    return i == indices_.end() ? nobody : i->second;
  }

  void note_stopped(const child_stopped& m) {
    auto i = find(m.child);
    if (i == nobody) return;
    if (!m.gone) {
      carry_out(strategy_.exited(i, exit_reason::normal, now()));
      return;
    }
    forget(i);
    carry_out(strategy_.ended(i, now()));
  }

  address forget(std::size_t child) {
    auto a = crew_->at(child);
    indices_.erase(a);
    crew_->set(child, {});
    return a;
  }

  void start(std::size_t child) {
    if (auto a = crew_->at(child)) {
      restart_actor(a);
      return;
    }
    const auto& spec = crew_->options.children[child];
    auto a = self().spawn(spec.make, {.name = spec.name, .supervisor = self().me(), .stash_limit = spec.stash_limit, .outlives_restart = true});
    indices_.emplace(a, child);
    crew_->set(child, std::move(a));
  }

  void limit(std::size_t child, nanoseconds time) { self().after(time, overdue{child, ++orders_[child]}); }

  void carry_out(const child_actions& actions) {
    for (const auto& a : actions) {
      switch (a.what) {
        case child_action::start:
          ++orders_[a.child];  // a time limit of an earlier order is void
          start(a.child);
          break;
        case child_action::halt:
          halt_actor(crew_->at(a.child));
          limit(a.child, a.time);
          break;
        case child_action::stop:
          self().stop_child(crew_->at(a.child));
          limit(a.child, a.time);
          break;
        case child_action::abandon:
          self().abandon_child(forget(a.child));
          break;
        case child_action::drop:
          self().stop_child(forget(a.child));
          break;
        case child_action::wait:
          self().after(a.time, wait_over{a.child});
          break;
        case child_action::up:
          self().has_started();
          for (auto& l : waiting_) answer<done>(*l);
          waiting_.clear();
          break;
        case child_action::escalate:
          if (crew_->options.escalated) crew_->options.escalated(cause_);
          self().stop();
          break;
        case child_action::down:
          self().end();
          break;
      }
    }
  }

  std::shared_ptr<supervisor_factory::crew> crew_;
  strategy strategy_;
  std::vector<std::uint64_t> orders_;                // counts, to tell the time limits of the latest from older ones
  std::unordered_map<address, std::size_t> indices_;
  std::vector<letter_ptr> waiting_;
  error cause_;
};

}  // namespace

result<supervisor_factory> supervisor_factory::make(supervisor_options options) {
  auto wrong = check(options.policy, policies(options.children));
  for (const auto& c : options.children)
    if (!c.make) wrong.push_back("the child " + c.name + " has no factory");
  if (wrong.empty()) return supervisor_factory{std::make_shared<crew>(std::move(options))};
  std::string all;
  for (const auto& w : wrong) all += (all.empty() ? "" : "; ") + w;
  return error{code::invalid_argument, std::move(all)};
}

std::unique_ptr<actor> supervisor_factory::operator()() const { return std::make_unique<supervisor>(crew_); }

address supervisor_factory::child(std::string_view name) const {
  const auto& all = crew_->options.children;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return crew_->at(i);
  return {};
}

}  // namespace banyan
