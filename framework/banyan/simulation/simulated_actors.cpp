#include <banyan/simulation/simulated_actors.hpp>

#include <banyan/simulation/simulated_node.hpp>

#include <algorithm>

namespace banyan {

namespace {

// Stands for an actor of another node. It is an ordinary actor of its own node: a message sent straight to the other one would run there as
// if both were one system.
class proxy_actor final : public actor {
 public:
  proxy_actor(simulated_node& here, std::string node, std::string name, std::vector<copyable_message> kinds)
      : here_{here}, to_{std::move(node)}, name_{std::move(name)}, kinds_{std::move(kinds)} {}
  behavior make_behavior() override {
    return behavior{}.otherwise([this](message_ptr& m) {
      const auto kind = std::find_if(kinds_.begin(), kinds_.end(), [&](const copyable_message& k) { return k.type == m->type; });
      if (kind == kinds_.end())
        m->fail({code::unimplemented, std::string{m->type->name} + " is not among the messages that travel to " + name_ + " of " + to_});
      else
        here_.send_out(to_, name_, std::move(m), *kind);
    });
  }

 private:
  simulated_node& here_;
  const std::string to_, name_;
  const std::vector<copyable_message> kinds_;
};

}  // namespace

actor_system& simulated_actors::system() const { return node_.system(); }
banyan::journal& simulated_actors::journal() const { return node_.journal(); }

void simulated_actors::publish(std::string name, address a) { node_.publish(std::move(name), std::move(a)); }

address simulated_actors::proxy(std::string node, std::string name, std::vector<copyable_message> kinds) {
  auto shown = node + "/" + name;
  return system().spawn([this_node = &node_, node = std::move(node), name = std::move(name),
                         kinds = std::move(kinds)] { return std::make_unique<proxy_actor>(*this_node, node, name, kinds); },
                        {.name = std::move(shown)});
}

}  // namespace banyan
