#include <banyan/simulation/simulated_actors.hpp>

#include <banyan/simulation/simulated_node.hpp>

#include <algorithm>
#include <memory>

namespace banyan {

namespace {

// The proxy of an actor on another node: an ordinary actor of its own node. A message sent straight to the other
// actor would run there as if both were one system.
class proxy_actor final : public actor {
 public:
  proxy_actor(simulated_node& here, std::string node, std::string name,
              std::shared_ptr<const std::vector<operation>> travelling)
      : here_{here}, to_{std::move(node)}, name_{std::move(name)}, travelling_{std::move(travelling)} {}
  behavior make_behavior() override {
    return behavior{}.otherwise([this](message_ptr& m) {
      const auto* what = find(m->type);
      if (!what)
        m->fail({code::unimplemented, std::string{m->type->name} + " is not among the messages that travel to " + name_ + " of " + to_});
      else if (m->kind == message_kind::request)
        self().answer_by(std::move(m), [this, what](message& request) { return ask(*what, request); });
      else
        here_.post(to_, name_, *what, *m);
    });
  }

 private:
  const operation* find(const message_type* type) const {
    const auto found =
        std::find_if(travelling_->begin(), travelling_->end(), [&](const operation& o) { return o.request == type; });
    return found == travelling_->end() ? nullptr : &*found;
  }
  task<result<message_ptr>> ask(const operation& what, message& request) {
    std::unique_ptr<transport::attempt> under_way;  // destroyed with this task, which gives up the call
    auto start = [&](completion<remote_answer> done) {
      under_way = here_.call(to_, name_, what, request, request.deadline, std::move(done));
    };
    auto answer = co_await self().wait_for<remote_answer>(request.deadline - self().steady(), start);
    if (!answer) co_return answer.error();
    co_return std::move(answer->value);
  }

  simulated_node& here_;
  const std::string to_, name_;
  const std::shared_ptr<const std::vector<operation>> travelling_;
};

}  // namespace

actor_system& simulated_actors::system() const { return node_.system(); }
banyan::journal& simulated_actors::journal() const { return node_.journal(); }

void simulated_actors::publish(std::string name, address a) { node_.publish(std::move(name), std::move(a)); }

address simulated_actors::proxy(std::string node, std::string name, std::vector<operation> travelling) {
  auto shown = node + "/" + name;
  auto known = node_.keep(std::move(travelling));
  return system().spawn([this_node = &node_, node = std::move(node), name = std::move(name),
                         known] { return std::make_unique<proxy_actor>(*this_node, node, name, known); },
                        {.name = std::move(shown)});
}

}  // namespace banyan
