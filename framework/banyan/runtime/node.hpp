// A running application on one node: the plan interpreted. It opens what the plan needs (views, subscriptions), starts the actors that each
// pattern stands for, and fills the directory of who answers what. Engines, clock and scheduler are handed in, so the same node runs for
// real (`banyan::run`) and in simulation.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/cqrs/projection_actor.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/event_sourcing/journal.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/subscription.hpp>
#include <banyan/service/context.hpp>
#include <banyan/service/directory.hpp>
#include <banyan/sharding/sharded.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

// What a node stands on.
struct engines {
  banyan::journal* journal = nullptr;
  uuid incarnation;   // of the journal
  std::function<result<std::unique_ptr<view_store>>(const view_options&)> open_view;
};

class node {
 public:
  // `app` must outlive the node. Errors: unavailable or corrupt, naming what could not be opened.
  static result<std::unique_ptr<node>> start(const application& app, actor_system& system, engines with);
  ~node();

  const banyan::directory& directory() const { return directory_; }
  actor_system& system() const { return system_; }
  const uuid& journal_incarnation() const { return with_.incarnation; }

  struct view_state {
    std::string view;
    std::shared_ptr<view_progress> progress;
  };
  struct subscription_state {
    std::string topic, group;
    std::shared_ptr<subscription_progress> progress;
  };
  const std::vector<view_state>& views() const { return views_; }
  const std::vector<subscription_state>& subscriptions() const { return subscriptions_; }
  // A line per projection: waiting while it is more than `max_lag` events behind the journal's head, degraded while it holds streams back.
  std::vector<health_line> readiness(position max_lag) const;

 private:
  struct running_view {
    std::unique_ptr<view_store> store;
    address projection;
    std::shared_ptr<view_progress> progress;
  };
  node(const application& app, actor_system& system, engines with) : app_{app}, system_{system}, with_{std::move(with)} {}
  result<done> open();
  void prepare_scope(const plan& p);
  result<done> start_entities(const plan& p);
  result<done> start_views(const plan& p);
  result<done> start_queries(const plan& p);
  void start_handlers(const plan& p);
  result<done> start_subscriptions(const plan& p);

  const application& app_;
  actor_system& system_;
  engines with_;
  banyan::directory directory_;
  std::map<std::string, std::unique_ptr<service_scope>> scopes_;
  std::map<std::string, running_view> running_views_;
  std::vector<std::unique_ptr<view_store>> checkpoints_;
  std::vector<std::unique_ptr<shard_spec>> default_shards_;
  std::vector<view_state> views_;
  std::vector<subscription_state> subscriptions_;
};

}  // namespace banyan
