#include <banyan/runtime/node.hpp>

#include <banyan/service/handles.hpp>
#include <banyan/sharding/shard.hpp>
#include <banyan/sharding/shard_map.hpp>

#include <atomic>

namespace banyan {

namespace {

// A worker answers the operations of one `handles`.
class worker final : public actor {
 public:
  worker(const handler_spec& spec, const service_scope& scope) : spec_{spec}, scope_{scope} {}
  behavior make_behavior() override {
    behavior b;
    spec_.install(b, self(), scope_);
    return b;
  }

 private:
  const handler_spec& spec_;
  const service_scope& scope_;
};

// One of several equal actors, in turn.
std::function<address(letter&)> in_turn(std::vector<address> among) {
  return [among = std::move(among), next = std::make_shared<std::atomic<std::size_t>>(0)](letter&) {
    return among[next->fetch_add(1, std::memory_order_relaxed) % among.size()];
  };
}

// Where a subscription keeps its checkpoint: a store's name has no dots.
std::string checkpoint_name(const subscription_spec& spec) {
  std::string name = "subscription";
  for (auto part : {&spec.topic, &spec.group}) {
    name += "__";
    for (char c : *part) name += c == '.' ? '_' : c;
  }
  return name;
}

}  // namespace

result<std::unique_ptr<node>> node::start(const application& app, actor_system& system, engines with) {
  std::unique_ptr<node> n{new node{app, system, std::move(with)}};
  if (auto ok = n->open(); !ok) return ok.error();
  return n;
}

node::~node() = default;

result<done> node::open() {
  for (auto& p : app_.services) prepare_scope(p);
  // Queries refer to views of any service, so all views come first.
  for (auto& p : app_.services)
    if (auto ok = start_entities(p); !ok) return ok;
  for (auto& p : app_.services)
    if (auto ok = start_views(p); !ok) return ok;
  for (auto& p : app_.services)
    if (auto ok = start_queries(p); !ok) return ok;
  for (auto& p : app_.services) start_handlers(p);
  for (auto& p : app_.services)
    if (auto ok = start_subscriptions(p); !ok) return ok;
  return done{};
}

void node::prepare_scope(const plan& p) {
  auto scope = std::make_unique<service_scope>();
  scope->service = p.service();
  scope->directory = &directory_;
  for (auto& [item, link] : p.all<link_spec>()) scope->links.emplace(link->to, *link);
  scopes_[p.service()] = std::move(scope);
}

result<done> node::start_entities(const plan& p) {
  auto shards = p.all<shard_spec>();
  for (auto& [item, entities] : p.all<entity_spec>()) {
    const shard_spec* routing = nullptr;
    for (auto& [shard_item, s] : shards)
      if (s->aggregate == entities->aggregate.name) routing = s;
    if (!routing) return error{code::invalid_argument, p.service() + ": " + entities->aggregate.name + " is event_sourced but not sharded: nothing says which entity a command is for"};
    std::vector<address> actors;
    for (int i = 0; i < routing->shards; ++i)
      actors.push_back(system_.spawn([routing, entities = entities, j = with_.journal] { return std::make_unique<shard>(*routing, *entities, *j); }));
    for (auto& c : entities->aggregate.commands)
      directory_.add(c.request, {p.service(), {}, [routing, actors](letter& l) {
                                   return actors[shard_of(routing->place(l), static_cast<std::uint32_t>(actors.size()))];
                                 }});
  }
  return done{};
}

result<done> node::start_views(const plan& p) {
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
    view.projection = system_.spawn(
        [spec = spec, j = with_.journal, s = view.store.get(), progress = view.progress] { return std::make_unique<projection_actor>(*spec, *j, *s, progress); },
        {.name = p.service() + "/projection/" + spec->view});
    views_.push_back({spec->view, view.progress});
  }
  return done{};
}

result<done> node::start_queries(const plan& p) {
  for (auto& [item, spec] : p.all<query_spec>()) {
    auto found = running_views_.find(spec->view);
    if (found == running_views_.end()) return error{code::invalid_argument, p.service() + ": query_side<" + spec->view + "> has no projection<" + spec->view + ">"};
    auto& view = found->second;
    std::vector<address> actors;
    for (int i = 0; i < spec->replicas; ++i)
      actors.push_back(system_.spawn(
          [spec = spec, s = view.store.get(), projection = view.projection, progress = view.progress] {
            return std::make_unique<query_actor>(*spec, *s, projection, progress);
          },
          {.name = p.service() + "/query/" + spec->view + "/" + std::to_string(i)}));
    for (auto& q : spec->queries) directory_.add(q.request, {p.service(), {}, in_turn(actors)});
  }
  return done{};
}

void node::start_handlers(const plan& p) {
  const auto& scope = *scopes_.at(p.service());
  for (auto& [item, spec] : p.all<handler_spec>()) {
    std::vector<address> actors;
    for (int i = 0; i < spec->workers; ++i)
      actors.push_back(system_.spawn([spec = spec, &scope] { return std::make_unique<worker>(*spec, scope); },
                                     {.name = p.service() + "/handles/" + spec->operation + "/" + std::to_string(i)}));
    directory_.add(spec->request, {p.service(), {}, in_turn(std::move(actors))});
  }
}

result<done> node::start_subscriptions(const plan& p) {
  const auto& scope = *scopes_.at(p.service());
  for (auto& [item, spec] : p.all<subscription_spec>()) {
    auto store = with_.open_view({checkpoint_name(*spec), 1, 1});
    if (!store) return store.error();
    auto progress = std::make_shared<subscription_progress>();
    system_.spawn([spec = spec, &scope, j = with_.journal, s = store->get(), progress] { return std::make_unique<subscription>(*spec, scope, *j, *s, progress); },
                  {.name = p.service() + "/subscribes/" + spec->topic});
    subscriptions_.push_back({spec->topic, spec->group, progress});
    checkpoints_.push_back(std::move(*store));
  }
  return done{};
}

std::vector<health_line> node::readiness(position max_lag) const {
  std::vector<health_line> lines;
  for (auto& v : views_) {
    auto lag = v.progress->head.load() - v.progress->applied.load();
    auto parked = v.progress->parked.load();
    if (lag > max_lag)
      lines.push_back({"projection " + v.view, health_state::waiting, std::to_string(lag) + " events behind"});
    else if (parked > 0)
      lines.push_back({"projection " + v.view, health_state::degraded, std::to_string(parked) + " streams held back by an event that does not decode"});
    else
      lines.push_back({"projection " + v.view, health_state::ready, lag == 0 ? "up to date" : std::to_string(lag) + " events behind"});
  }
  return lines;
}

}  // namespace banyan
