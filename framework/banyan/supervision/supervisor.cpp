#include <banyan/supervision/driver.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace banyan {

// Data that outlives an incarnation of the supervisor: the specification, and the children's addresses.
struct supervisor_factory::state {
  explicit state(supervisor_options o) : options{std::move(o)} {}

  struct place {
    address who;
    bool is_kept = false, runs = false;
  };
  place at(std::string_view name) const {
    std::lock_guard lock{mutex};
    auto i = places.find(name);
    return i == places.end() ? place{} : i->second;
  }
  void set(const address& by, const std::string& name, place p) {
    std::lock_guard lock{mutex};
    if (by.id() != owner) return;  // an abandoned child that has been replaced
    if (p.who)
      places.insert_or_assign(name, std::move(p));
    else
      places.erase(name);
  }
  // A new incarnation: children added to the previous one have ended with it. Another actor: all children have ended
  // with the previous one.
  void take_over(const address& by) {
    std::lock_guard lock{mutex};
    const bool is_new = std::exchange(owner, by.id()) != by.id();
    std::erase_if(places, [&](const auto& p) { return is_new || !p.second.is_kept; });
  }

  // Waits until another start is complete: two first starts must not overlap.
  bool begins(const void* who) {
    std::lock_guard lock{mutex};
    if (starting && starting != who) return false;
    starting = who;
    return true;
  }
  void has_begun(const void* who) {
    std::lock_guard lock{mutex};
    if (starting == who) starting = nullptr;
  }

  const supervisor_options options;

 private:
  mutable std::mutex mutex;
  const void* starting = nullptr;
  std::map<std::string, place, std::less<>> places;
  std::uint64_t owner = 0;  // id of the supervisor that owns the children
};

namespace {

std::vector<child_policy> policies(const std::vector<child_spec>& children) {
  std::vector<child_policy> all;
  for (const auto& c : children) all.push_back(detail::policy_of(c));
  return all;
}

class supervisor final : public detail::driver<strategy> {
 public:
  explicit supervisor(std::shared_ptr<supervisor_factory::state> c)
      : driver{strategy{c->options.policy, policies(c->options.children)}, c->options.hooks}, state_{std::move(c)} {}

  ~supervisor() override { state_->has_begun(this); }

  behavior make_behavior() override {
    return driver::make_behavior()
        .on_message<start_child>([this](message_ptr& m) { start_new(m, state_->options.policy); })
        .on_message<terminate_child>([this](message_ptr& m) {
          auto name = m->as<terminate_child>().name;
          carry_out(core_.terminate(question(std::move(m), false), std::move(name), now()));
        })
        .on_message<restart_child>([this](message_ptr& m) {
          auto name = m->as<restart_child>().name;
          carry_out(core_.restart(question(std::move(m), true), std::move(name), now()));
        })
        .on_message<delete_child>([this](message_ptr& m) {
          auto name = m->as<delete_child>().name;
          carry_out(core_.remove(question(std::move(m), false), std::move(name), now()));
        });
  }

  void started() override {
    if (!state_->begins(this)) throw std::logic_error{"the supervisor " + self().name() + " contains itself"};
    self().started_later();
    state_->take_over(self().me());
    std::vector<bool> alive;
    for (const auto& c : state_->options.children) {
      auto place = state_->at(c.name);
      alive.push_back(place.runs);
      place_child(alive.size() - 1, c, std::move(place.who), true);
    }
    carry_out(core_.begin(alive, now()));
  }

 private:
  void up() override { state_->has_begun(this); }
  void changed(const place& p) override { state_->set(self().me(), p.spec.name, {p.who, p.is_kept, p.runs}); }

  std::shared_ptr<supervisor_factory::state> state_;
};

}  // namespace

result<supervisor_factory> supervisor_factory::make(supervisor_options options) {
  auto wrong = check(options.policy, policies(options.children));
  for (const auto& c : options.children)
    if (!c.make) wrong.push_back("the child " + c.name + " has no factory");
  if (wrong.empty()) return supervisor_factory{std::make_shared<state>(std::move(options))};
  return detail::invalid(wrong);
}

std::unique_ptr<actor> supervisor_factory::operator()() const { return std::make_unique<supervisor>(state_); }

address supervisor_factory::child(std::string_view name) const { return state_->at(name).who; }

}  // namespace banyan
