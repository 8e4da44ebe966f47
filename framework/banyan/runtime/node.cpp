#include <banyan/runtime/node.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/plan/check_needs.hpp>
#include <banyan/runtime/child_watcher.hpp>
#include <banyan/runtime/node_metrics.hpp>
#include <banyan/supervision/supervised.hpp>
#include <banyan/supervision/supervisor.hpp>

namespace banyan {

node::node(const application& app, actor_system& system, engines with)
    : app_{app},
      system_{system},
      with_{std::move(with)},
      assembly_{app, system, metrics_, {with_.ports, with_.only, with_.last_end, with_.max_lag, with_.elsewhere}} {}
node::~node() = default;

result<std::unique_ptr<node>> node::start(const application& app, actor_system& system, engines with) {
  std::unique_ptr<node> n{new node{app, system, std::move(with)}};
  if (auto ok = n->open(); !ok) {
    system.shutdown();  // actors that run already refer to the node
    return ok.error();
  }
  return n;
}

result<done> node::open() {
  if (auto wrong = check_needs(app_); !wrong.empty()) {
    std::string all;
    for (const auto& w : wrong) all += (all.empty() ? "" : "; ") + w.where + ": " + w.sentence;
    return error{code::invalid_argument, all};
  }
  auto journal = with_.ports.open<banyan::journal>();
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  if (auto ok = assembly_.install(); !ok) return ok.error();
  const auto& services = assembly_.services();
  auto answering = assembly_.remote();
  answering.insert(answering.end(), services.begin(), services.end());
  for (const auto* service : answering) {
    auto& parts = assembly_.of(service->service());
    if (auto up = start_tree(*service, service->service(), std::move(parts.serving)); !up) return up;
    assembly_.connect(service->service());
  }
  for (const auto* service : services) {
    auto& parts = assembly_.of(service->service());
    if (auto up = start_tree(*service, service->service() + "/background", std::move(parts.background)); !up) return up;
  }
  count_actors(metrics_, system_);
  count_journal(metrics_, *journal_);
  return done{};
}

result<done> node::start_tree(const plan& service, const std::string& name, std::vector<child_spec> children) {
  if (children.empty()) return done{};
  supervisor_spec options;
  for (auto& [item, spec] : service.all<supervisor_spec>()) options = *spec;
  for (auto& c : children) {
    c.shutdown = options.shutdown;
    c.stash_limit = static_cast<std::size_t>(options.stash_limit);
  }
  const auto& where = assembly_.of(service.service()).where;
  auto hooks = watch_children(name, children, where, metrics_, [this, name](const error& cause) { gave_up(name, cause); });
  crash_loops_->follow(hooks, name, system_);
  auto tree = supervisor_factory::make({.policy = options.policy, .children = std::move(children), .hooks = std::move(hooks)});
  if (!tree) return tree.error();
  auto top = system_.spawn(*tree, {.name = name});
  auto up = with_.await_children ? with_.await_children(system_, top) : system_.ask_and_wait(top, await_children{}, std::chrono::seconds{30});
  if (!up) return error{code::unavailable, "service " + name + " did not start: " + up.error().message};
  return done{};
}

void node::gave_up(const std::string& tree, const error& cause) {
  logger{tree}.error("service gave up: its parts failed too often", {{"cause", cause}});
  given_up_.report("service " + tree, health_state::dead, "its parts failed too often: " + to_string(cause));
}

}  // namespace banyan
