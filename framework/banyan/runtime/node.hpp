// A running application on one node: the plan interpreted. It opens what the plan needs (views, subscriptions), starts the actors that each
// pattern stands for under a supervisor per service, and fills the directory of who answers what. What follows the journal on its own account
// (subscriptions) starts last, under a second supervisor, when everybody can be reached. Engines, clock and scheduler are handed in, so the
// same node runs for real (`banyan::run`) and in simulation.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/cqrs/projection_actor.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/event_sourcing/journal.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/subscription.hpp>
#include <banyan/runtime/crash_loops.hpp>
#include <banyan/runtime/child_watcher.hpp>
#include <banyan/service/context.hpp>
#include <banyan/service/directory.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/supervision/supervised.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

// What a node stands on.
struct engines {
  banyan::journal* journal = nullptr;
  journal_history history;  // of the journal, as its info tells
  std::function<result<std::unique_ptr<view_store>>(const view_options&)> open_view;
  // Waits until a supervisor's children are up; a simulation steps its scheduler meanwhile. Default: blocks, for 30 s at most.
  std::function<result<done>(actor_system&, const address& supervisor)> await_children = {};
  process_end last_end = process_end::unknown;  // how the process before this one ended
};

class node {
 public:
  // `app` must outlive the node. Errors: unavailable or corrupt, naming what could not be opened.
  static result<std::unique_ptr<node>> start(const application& app, actor_system& system, engines with);
  ~node();

  const banyan::directory& directory() const { return directory_; }
  actor_system& system() const { return system_; }
  metrics_registry& metrics() { return metrics_; }  // all that is counted on this node
  const banyan::journal& journal() const { return *with_.journal; }
  banyan::journal& journal() { return *with_.journal; }
  const journal_history& history() const { return with_.history; }  // of the journal

  struct view_state {
    std::string view;
    std::shared_ptr<view_progress> progress;
    const view_store* store = nullptr;
  };
  struct subscription_state {
    std::string topic, group;
    std::shared_ptr<subscription_progress> progress;
    std::shared_ptr<actor_ref> actor = {};
    view_store* store = nullptr;  // of its checkpoint and dead letters; lives as long as the node
  };
  const std::vector<view_state>& views() const { return views_; }
  const std::vector<subscription_state>& subscriptions() const { return subscriptions_; }
  // The journal: degraded after an append that could not be stored, dead when its file is damaged. A service that gave up is dead, and so is
  // a subscription whose own file is damaged.
  std::vector<health_line> liveness() const;
  // The same; the clock, while it is behind the journal; and a line per projection: waiting while it is more than `max_lag` events behind
  // the journal's head, stalled or built anew, while it waits for its journal or its store (a full disk, a lock), or its view is damaged or
  // without an answer for some seconds; degraded while it holds streams back or is overloaded. Streams that entities can not read, from the
  // first command that is refused for it: degraded. A line per subscription with dead letters, and per part that crashes again and again:
  // degraded; and per subscription that waits for an operator: waiting.
  std::vector<health_line> readiness(position max_lag) const;
  // For an operator, when the defect that parked the stream is mended: see projection_actor.hpp. not_found when there is no such view here.
  void replay_parked(const std::string& view, std::string stream, completion<replayed> done) const;
  // The same for a dead letter: see subscription.hpp. not_found when there is no such subscription here.
  void replay_dead_letter(const std::string& topic, const std::string& group, banyan::replay_dead_letter which,
                          completion<delivered_again> done) const;
  const subscription_state* find_subscription(const std::string& topic, const std::string& group) const;  // null: there is none
  // For an operator: from where a subscription goes on, such as one whose checkpoint is of another history of the journal. It takes up
  // nothing more, stores this, and starts anew. Answers the position after which it begins. Errors: not_found, invalid_argument.
  void reset_subscription(const std::string& topic, const std::string& group, subscription_start from, completion<position> done) const;

 private:
  struct running_view {
    std::unique_ptr<view_store> store;
    std::shared_ptr<actor_ref> projection;
    std::shared_ptr<view_progress> progress;
  };
  // The actors of one service, collected before any is started.
  struct service_parts {
    supervision_policy policy;
    timespan shutdown = std::chrono::seconds{5};
    std::size_t stash_limit = 1000;
    std::vector<child_spec> serving, background;
    part_addresses where;                                // of those that are sent to
    std::vector<std::function<void()>> connect;          // run when `serving` is up: who answers what
    std::shared_ptr<actor_ref> add(std::string name, actor_factory make);  // to `serving`
    std::shared_ptr<actor_ref> add_background(std::string name, actor_factory make);
  };
  node(const application& app, actor_system& system, engines with)
      : app_{app}, system_{system}, with_{std::move(with)}, quarantine_{std::make_shared<quarantine_lane>(with_.last_end)} {}
  result<done> open();
  void prepare_scope(const plan& p);
  void add_entities(const plan& p, service_parts& parts);
  result<done> add_views(const plan& p, service_parts& parts);
  void add_queries(const plan& p, service_parts& parts);
  void add_handlers(const plan& p, service_parts& parts);
  result<done> add_subscriptions(const plan& p, service_parts& parts);
  result<done> start_tree(const std::string& name, const service_parts& parts, std::vector<child_spec> children);

  void gave_up(const std::string& tree, const error& cause);

  metrics_registry metrics_;  // the first member: the others count there
  const application& app_;
  actor_system& system_;
  engines with_;
  banyan::directory directory_;
  std::map<std::string, std::unique_ptr<service_scope>> scopes_;
  std::map<std::string, running_view> running_views_;
  std::vector<std::unique_ptr<view_store>> checkpoints_;
  std::vector<view_state> views_;
  std::vector<subscription_state> subscriptions_;
  std::shared_ptr<quarantine_lane> quarantine_;
  std::shared_ptr<unreadable_streams> unreadable_ = std::make_shared<unreadable_streams>();
  std::shared_ptr<crash_loops> crash_loops_ = std::make_shared<crash_loops>();
  health given_up_;  // trees of actors whose supervisor has ended
};

}  // namespace banyan
