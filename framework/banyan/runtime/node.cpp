#include <banyan/runtime/node.hpp>

#include <banyan/cqrs/query_actor.hpp>
#include <banyan/pub_sub/topics.hpp>
#include <banyan/runtime/node_metrics.hpp>
#include <banyan/runtime/pattern_needs.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/shard.hpp>
#include <banyan/sharding/shard_map.hpp>

#include <atomic>

namespace banyan {

namespace {

constexpr auto replay_limit = std::chrono::minutes{5};
constexpr auto reset_limit = std::chrono::minutes{1};

// A worker answers the operations of one `handles`.
class worker final : public actor {
 public:
  worker(const handler_spec& spec, const service_scope& scope) : spec_{spec}, scope_{scope} {}
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    behavior b;
    spec_.install(b, self(), scope_);
    return b;
  }

 private:
  const handler_spec& spec_;
  const service_scope& scope_;
};

using actors = std::vector<std::shared_ptr<actor_ref>>;

// One of several equal actors, in turn.
std::function<address(message&)> round_robin(actors among) {
  return [among = std::move(among), next = std::make_shared<std::atomic<std::size_t>>(0)](message&) {
    return among[next->fetch_add(1, std::memory_order_relaxed) % among.size()]->now();
  };
}

void follow_entities(metrics_registry& m, const std::string& aggregate, std::shared_ptr<const entity_census> census) {
  m.before_reading([census = std::move(census), active = m.gauge("banyan_entities_active", "Entities in memory.", {{"aggregate", aggregate}})] {
    active.set(static_cast<double>(census->active()));
  });
}

}  // namespace

result<std::unique_ptr<node>> node::start(const application& app, actor_system& system, engines with) {
  std::unique_ptr<node> n{new node{app, system, std::move(with)}};
  if (auto ok = n->open(); !ok) {
    system.shutdown();  // the actors that run already refer to the node
    return ok.error();
  }
  follow(n->metrics_, *n);
  return n;
}

node::~node() = default;

result<done> node::open() {
  if (auto unmet = check_needs(app_); !unmet.empty()) {
    std::string all;
    for (auto& u : unmet) all += (all.empty() ? "" : "; ") + u.where + ": " + u.sentence;
    return error{code::invalid_argument, all};
  }
  resolve_topics(app_);
  for (auto& p : app_.services) prepare_scope(p);
  std::vector<service_parts> services(app_.services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    auto& p = app_.services[i];
    for (auto& [item, spec] : p.all<supervisor_spec>()) {
      services[i].policy = spec->policy;
      services[i].shutdown = spec->shutdown;
      services[i].stash_limit = static_cast<std::size_t>(spec->stash_limit);
    }
    add_entities(p, services[i]);
    if (auto ok = add_views(p, services[i]); !ok) return ok;
    add_handlers(p, services[i]);
    if (auto ok = add_subscriptions(p, services[i]); !ok) return ok;
  }
  // A query side may read the view of another service, so all views come first.
  for (std::size_t i = 0; i < services.size(); ++i) add_queries(app_.services[i], services[i]);

  for (std::size_t i = 0; i < services.size(); ++i) {
    auto tree = start_tree(app_.services[i].service(), services[i], std::move(services[i].serving));
    if (!tree) return tree.error();
    for (auto& connect : services[i].connect) connect();
  }
  for (std::size_t i = 0; i < services.size(); ++i) {
    auto tree = start_tree(app_.services[i].service() + "/background", services[i], std::move(services[i].background));
    if (!tree) return tree.error();
  }
  return done{};
}

std::shared_ptr<actor_ref> node::service_parts::add(std::string name, actor_factory make) {
  auto at = std::make_shared<actor_ref>();
  where.emplace(name, at);
  serving.push_back({.name = std::move(name), .make = std::move(make)});
  return at;
}

std::shared_ptr<actor_ref> node::service_parts::add_background(std::string name, actor_factory make) {
  auto at = std::make_shared<actor_ref>();
  where.emplace(name, at);
  background.push_back({.name = std::move(name), .make = std::move(make)});
  return at;
}

result<done> node::start_tree(const std::string& name, const service_parts& parts, std::vector<child_spec> children) {
  if (children.empty()) return done{};
  for (auto& c : children) {
    c.shutdown = parts.shutdown;
    c.stash_limit = parts.stash_limit;
  }
  auto hooks = watch_children(name, children, parts.where, metrics_, [this, name](const error& cause) { gave_up(name, cause); });
  crash_loops_->follow(hooks, name, system_);
  auto tree = supervisor_factory::make({.policy = parts.policy, .children = std::move(children), .hooks = std::move(hooks)});
  if (!tree) return tree.error();
  auto top = system_.spawn(*tree, {.name = name});
  auto up = with_.await_children ? with_.await_children(system_, top) : system_.ask_and_wait(top, await_children{}, std::chrono::seconds{30});
  if (!up) return error{code::unavailable, "service " + name + " did not start: " + up.error().message};
  return done{};
}

void node::prepare_scope(const plan& p) {
  auto scope = std::make_unique<service_scope>();
  scope->service = p.service();
  scope->directory = &directory_;
  for (auto& [item, link] : p.all<link_spec>()) scope->links.emplace(link->to, *link);
  scopes_[p.service()] = std::move(scope);
}

void node::add_entities(const plan& p, service_parts& parts) {
  auto shards = p.all<shard_spec>();
  for (auto& [item, entities] : p.all<entity_spec>()) {
    const shard_spec* routing = nullptr;
    for (auto& [shard_item, s] : shards)
      if (s->aggregate == entities->aggregate.name) routing = s;
    auto meters = command_meters::of(metrics_, entities->aggregate.name);
    auto census = std::make_shared<entity_census>();
    follow_entities(metrics_, entities->aggregate.name, census);
    const auto make = [routing, entities = entities, j = with_.journal, meters, census, unreadable = unreadable_] {
      return std::make_unique<shard>(*routing, *entities, *j, meters, census, unreadable);
    };
    actors shards_of_it;
    for (int i = 0; i < routing->shards; ++i)
      shards_of_it.push_back(parts.add("shard." + routing->aggregate + "." + std::to_string(i), make));
    parts.connect.push_back([this, service = p.service(), routing, entities = entities, all = std::move(shards_of_it)] {
      for (auto& c : entities->aggregate.commands)
        directory_.add(c.request, {service, {}, [routing, all](message& l) {
                                     // A command without a key goes to any shard, which refuses it.
                                     auto place = routing->place_of(l);
                                     return all[place ? shard_of(*place, static_cast<std::uint32_t>(all.size())) : 0]->now();
                                   }});
    });
  }
}

result<done> node::add_views(const plan& p, service_parts& parts) {
  for (auto& [item, spec] : p.all<projection_spec>()) {
    int readers = 1;
    for (auto& q : app_.services)
      for (auto& [query_item, side] : q.all<query_spec>())
        if (side->view == spec->view) readers = side->replicas;
    auto store = with_.open_view({spec->view, spec->version, readers});
    if (!store) return store.error();
    auto& view = running_views_[spec->view];
    view.store = std::move(*store);
    view.progress = std::make_shared<view_progress>();
    views_.push_back({spec->view, view.progress, view.store.get()});
    view.projection =
        parts.add("projection." + spec->view, [spec = spec, j = with_.journal, s = view.store.get(), progress = view.progress] {
          return std::make_unique<projection_actor>(*spec, *j, *s, progress);
        });
  }
  return done{};
}

void node::add_queries(const plan& p, service_parts& parts) {
  for (auto& [item, spec] : p.all<query_spec>()) {
    auto& view = running_views_.at(spec->view);
    auto meters = query_meters::of(metrics_, spec->view);
    actors replicas;
    for (int i = 0; i < spec->replicas; ++i)
      replicas.push_back(parts.add("query." + spec->view + "." + std::to_string(i), [spec = spec, &view, meters] {
        return std::make_unique<query_actor>(*spec, *view.store, *view.projection, view.progress, meters);
      }));
    parts.connect.push_back([this, service = p.service(), spec = spec, replicas = std::move(replicas)] {
      for (auto& q : spec->queries) directory_.add(q.request, {service, {}, round_robin(replicas)});
    });
  }
}

void node::add_handlers(const plan& p, service_parts& parts) {
  const auto& scope = *scopes_.at(p.service());
  for (auto& [item, spec] : p.all<handler_spec>()) {
    actors workers;
    for (int i = 0; i < spec->workers; ++i)
      workers.push_back(parts.add("handles." + spec->operation + "." + std::to_string(i),
                                  [spec = spec, &scope] { return std::make_unique<worker>(*spec, scope); }));
    parts.connect.push_back([this, service = p.service(), spec = spec, workers = std::move(workers)] {
      directory_.add(spec->request, {service, {}, round_robin(workers)});
    });
  }
}

result<done> node::add_subscriptions(const plan& p, service_parts& parts) {
  const auto& scope = *scopes_.at(p.service());
  for (auto& [item, spec] : p.all<subscription_spec>()) {
    // What a subscription has dealt with can not be told from the journal: its store is never deleted.
    auto store = with_.open_view({.name = store_name_of(*spec), .version = 1, .readers = 1, .rebuildable = false});
    if (!store) return store.error();
    auto progress = std::make_shared<subscription_progress>();
    auto actor = parts.add_background("subscribes." + item->name(),
                                      [spec = spec, &scope, j = with_.journal, s = store->get(), progress, lane = quarantine_] {
                                        return std::make_unique<subscription>(*spec, scope, *j, *s, progress, lane);
                                      });
    subscriptions_.push_back({spec->topic, spec->group, progress, std::move(actor), store->get()});
    checkpoints_.push_back(std::move(*store));
  }
  return done{};
}

void node::replay_parked(const std::string& view, std::string stream, completion<replayed> done) const {
  auto found = running_views_.find(view);
  if (found == running_views_.end()) return done(error{code::not_found, "no view " + view + " on this node"}.at("view"));
  system_.ask(found->second.projection->now(), banyan::replay_parked{std::move(stream)}, replay_limit, std::move(done));
}

const node::subscription_state* node::find_subscription(const std::string& topic, const std::string& group) const {
  for (const auto& s : subscriptions_)
    if (s.topic == topic && s.group == group) return &s;
  return nullptr;
}

void node::replay_dead_letter(const std::string& topic, const std::string& group, banyan::replay_dead_letter which,
                              completion<delivered_again> done) const {
  const auto* s = find_subscription(topic, group);
  if (!s) return done(error{code::not_found, "no subscription of group " + group + " to topic " + topic + " on this node"}.at("subscription"));
  system_.ask(s->actor->now(), std::move(which), replay_limit, std::move(done));
}

void node::reset_subscription(const std::string& topic, const std::string& group, subscription_start from, completion<position> done) const {
  const auto* s = find_subscription(topic, group);
  if (!s) return done(error{code::not_found, "no subscription of group " + group + " to topic " + topic + " on this node"}.at("subscription"));
  system_.ask(s->actor->now(), banyan::reset_subscription{from}, reset_limit, std::move(done));
}

}  // namespace banyan
