// Installs a kind of sagas into its service: the shards that host its actors, and the operation that starts it.
#include <banyan/assembly/assembly.hpp>
#include <banyan/cqrs/running_view.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_check.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/plan/schema.hpp>
#include <banyan/saga/blocked_sagas.hpp>
#include <banyan/saga/living_sagas.hpp>
#include <banyan/saga/operator_words.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/saga/saga_administration.hpp>
#include <banyan/saga/saga_clock.hpp>
#include <banyan/saga/saga_entity.hpp>
#include <banyan/saga/saga_index.hpp>
#include <banyan/sharding/install_shards.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace banyan {
namespace {

constexpr std::size_t named_sagas = 3;
constexpr double latest_timer = 10;  // seconds

std::optional<health_line> line_of(const unreadable_streams& sagas, const std::string& one, const std::string& many) {
  const auto streams = sagas.list();
  if (streams.empty()) return std::nullopt;
  auto text = std::to_string(streams.size()) + (streams.size() == 1 ? one : many);
  for (std::size_t i = 0; i < std::min(named_sagas, streams.size()); ++i)
    text += (i == 0 ? ": " : ", ") + streams[i].stream + " (" + streams[i].cause + ")";
  if (streams.size() > named_sagas) text += ", and " + std::to_string(streams.size() - named_sagas) + " more";
  return health_line{"sagas", health_state::degraded, std::move(text)};
}

// One list of each kind for the whole node.
template <class Kind>
std::shared_ptr<unreadable_streams> listed_sagas(assembly& a, const char* one, const char* many) {
  return a
      .shared<Kind>([&] {
        auto all = std::make_shared<Kind>();
        a.ready([all, one, many](std::vector<health_line>& out) {
          if (auto line = line_of(*all->streams, one, many)) out.push_back(std::move(*line));
        });
        return all;
      })
      ->streams;
}

// Where orders go, by the name of the saga; complete before anything starts.
struct saga_routes {
  std::map<std::string, std::function<address(message&)>> to;
};
std::shared_ptr<saga_routes> routes_of(assembly& a) {
  return a.shared<saga_routes>([] { return std::make_shared<saga_routes>(); });
}

// The operations of all services, as a step names them.
saga_operations operations_of(const application& app) {
  saga_operations all;
  for (const auto& p : app.services)
    for (const auto& o : p.operations()) all.emplace(o.name, saga_operation{p.service(), o});
  return all;
}

void check_saga(const plan& p, const saga_spec& s, const std::string& path, std::vector<problem>& found) {
  if (!is_journal_name(s.category))
    found.push_back({path + ".category", "\"" + s.category +
                                             "\" is no name of a journal: it has no dash and is not empty, since the "
                                             "stream of a saga is \"<category>-<id>\""});
  if (s.starts_on.empty() && !s.request)
    found.push_back({path, "nothing starts it: name a topic, .starts_on = \"...\", or give its input a `using reply` "
                           "that is the reply of the saga"});
  if (!s.starts_on.empty()) {
    const auto all = p.all<subscription_spec>();
    const bool subscribes = std::any_of(all.begin(), all.end(), [&](const auto& found_one) {
      return found_one.second->topic == s.starts_on && found_one.second->group == s.group;
    });
    if (!subscribes)
      found.push_back({path + ".starts_on", "its input is no stored event, which a topic carries: give it a `static "
                                            "constexpr banyan::stored_as stored`"});
  }
  std::set<int> versions;
  for (const auto& v : s.versions) {
    if (v.version < 1) found.push_back({path + ".version", "a version is at least 1"});
    if (v.version > s.versions.front().version)
      found.push_back({path + ".earlier", "version " + std::to_string(v.version) + " is not earlier than version " +
                                              std::to_string(s.versions.front().version)});
    if (!versions.insert(v.version).second)
      found.push_back({path + ".earlier", "version " + std::to_string(v.version) + " is there twice"});
  }
  for (const auto& o : p.operations())
    if (s.request && o.request == s.request && o.how == idempotent::never)
      found.push_back({path, o.name + " starts a saga and is answered when it ends, so a caller asks it again: declare "
                                      "it op<..., idempotent::by_key>"});
}

result<std::vector<std::string>> check_living(const saga_spec& s, journal& j) {
  const auto living = count_living_sagas(j, s.category);
  if (!living) return living.error();
  std::vector<int> linked;
  for (const auto& v : s.versions) linked.push_back(v.version);
  return not_linked(s.name, linked, *living);
}

// The projection of its index, beside it in the plan.
void add_index(const saga_spec& s, plan& p) {
  const auto name = saga_index_name(s.name);
  auto spec = p.add<projection_spec>("projection", name, phase::background);
  spec->view = name;
  spec->version = 3;
  spec->of = {s.category};
  spec->event_types = {std::string{saga_turned::stored.type}};
  spec->create = &create_saga_index;
  spec->apply = [&s](view_writer& v, const recorded_event& e) { return apply_to_saga_index(v, e, s.keep); };
  spec.option("batch", &projection_spec::batch, {.min = 1, .max = 100'000})
      .fact("event", versioned(saga_turned::stored))
      .gives("view " + name, "builds the view " + name + ", as {} does: give the saga another name")
      .offers(parked_words())
      .links_to("reads", "journal " + s.category)
      .installed_by(static_cast<result<void> (*)(const projection_spec&, assembly&)>(&install));
  p.rule(&check_views);
}

// What degrades the node, and needs a person.
std::optional<health_line> attention_line(const running_saga& s, double seconds_late) {
  const auto load = s.watch->get();
  auto sentences = not_linked(s.spec.name, s.versions(), load.versions);
  if (load.attention > 0) {
    auto text = std::to_string(load.attention) +
                (load.attention == 1 ? " saga needs an operator, as an undo action was refused: "
                                     : " sagas need an operator, as undo actions were refused: ");
    for (std::size_t i = 0; i < load.in_attention.size(); ++i) text += (i == 0 ? "" : ", ") + load.in_attention[i];
    if (load.attention > static_cast<std::int64_t>(load.in_attention.size())) text += ", ...";
    sentences.push_back(std::move(text));
  }
  if (seconds_late > latest_timer)
    sentences.push_back(std::to_string(load.overdue) + (load.overdue == 1 ? " timer is" : " timers are") +
                        " overdue, the first by " + std::to_string(static_cast<std::int64_t>(seconds_late)) + " s");
  if (sentences.empty()) return std::nullopt;
  std::string text;
  for (const auto& one : sentences) text += (text.empty() ? "" : "; ") + one;
  return health_line{"sagas " + s.spec.name, health_state::degraded, std::move(text)};
}

std::shared_ptr<saga_administration> administration_of(assembly& a) {
  return a.shared<saga_administration>([&] {
    auto made = std::make_shared<saga_administration>(a.system(), blocked_sagas_of(a));
    for (auto& c : saga_administration::commands(made)) a.command(std::move(c));
    return made;
  });
}

// Gauges that are set when they are read. Entities in memory are counted by the shards.
void measure(const std::shared_ptr<const running_saga>& s, const std::shared_ptr<unreadable_streams>& blocked,
             metrics_registry& m) {
  const auto& name = s->spec.name;
  const auto of_saga = [&](const char* metric, const char* help) { return m.gauge(metric, help, {{"saga", name}}); };
  m.before_reading([s, blocked, living = of_saga("banyan_sagas_living", "Sagas that have not ended, as indexed."),
                    active = of_saga("banyan_sagas_active", "Sagas in memory."),
                    passivated = of_saga("banyan_sagas_passivated", "Living sagas that are not in memory."),
                    attention = of_saga("banyan_sagas_attention", "Living sagas that need an operator."),
                    stuck = of_saga("banyan_sagas_blocked", "Sagas that this node has found to be blocked."),
                    overdue = of_saga("banyan_saga_overdue_timers", "Timers that are due and have not fired."),
                    in_memory = m.gauge("banyan_entities_active", "Entities in memory.", {{"aggregate", name}})] {
    const auto load = s->watch->get();
    double all = 0;
    for (const auto& v : load.versions) all += static_cast<double>(v.sagas);
    const auto streams = blocked->list();
    const auto prefix = s->spec.category + "-";
    living.set(all);
    active.set(in_memory.value());
    passivated.set(std::max(0.0, all - in_memory.value()));
    attention.set(static_cast<double>(load.attention));
    stuck.set(static_cast<double>(std::count_if(streams.begin(), streams.end(),
                                                [&](const auto& b) { return b.stream.starts_with(prefix); })));
    overdue.set(static_cast<double>(load.overdue));
  });
}

// A version that begins to be missed is logged.
void keep_count(const running_saga& s, saga_load load) {
  const auto known = not_linked(s.spec.name, s.versions(), s.watch->get().versions);
  for (const auto& sentence : not_linked(s.spec.name, s.versions(), load.versions))
    if (known.empty()) logger{s.spec.name}.warning("living sagas have no code", {{"cause", sentence}});
  s.watch->set(std::move(load));
}

// The clock reads the index, which is installed later than the sagas.
void install_clock(const saga_spec& spec, assembly& a, std::shared_ptr<running_saga> s) {
  const auto to = s->to;
  a.when_installed([&spec, a, to, s]() mutable -> result<void> {
    const auto index = a.find<running_view>(saga_index_name(spec.name));
    if (!index) return error{code::invalid_argument, "no projection builds the index of " + spec.name};
    const auto overdue = a.metrics().gauge("banyan_saga_overdue_seconds", "How late the most overdue timer is.",
                                           {{"saga", spec.name}});
    s->index = index;
    a.ready([s, overdue](std::vector<health_line>& out) {
      if (auto line = attention_line(*s, overdue.value())) out.push_back(std::move(*line));
    });
    a.add({.name = "clock." + spec.name,
           .make = [index, to, overdue, s] {
             return std::make_unique<saga_clock>(*index->store, index->progress, to, overdue,
                                                 [s](saga_load load) { keep_count(*s, std::move(load)); });
           },
           .group = part_group::background});
    return {};
  });
}

}  // namespace

std::shared_ptr<unreadable_streams> blocked_sagas_of(assembly& a) {
  struct blocked_sagas {
    std::shared_ptr<unreadable_streams> streams = std::make_shared<unreadable_streams>();
  };
  return listed_sagas<blocked_sagas>(a, " saga is blocked", " sagas are blocked");
}

std::shared_ptr<unreadable_streams> sagas_that_need_attention(assembly& a) {
  struct attentive_sagas {
    std::shared_ptr<unreadable_streams> streams = std::make_shared<unreadable_streams>();
  };
  return listed_sagas<attentive_sagas>(a, " saga needs attention", " sagas need attention");
}

void complete(place<saga_spec> spec, plan& p) {
  auto* content = &*spec;
  auto& routing = content->routing;
  routing.aggregate = content->name;
  routing.entity = routing.place = [content](message& m) { return content->saga_of(m); };
  const auto path = p.service() + ".saga." + content->name;
  const shard_spec defaults;
  spec.option("give_up_after", content->give_up_after, timespan{})
      .option("keep", &saga_spec::keep)
      .option("max_in_flight", &saga_spec::max_in_flight, {.min = 1, .max = 10'000})
      .option("max_turns", content->limits.turns, saga_limits{}.turns, {.min = 1, .max = 1e9})
      .option("max_bytes", content->limits.bytes, saga_limits{}.bytes, {.min = 1024, .max = 1e12, .unit = "bytes"})
      .option("max_payload", content->limits.payload, saga_limits{}.payload,
              {.min = 1024, .max = 16 << 20, .unit = "bytes"})
      .option("max_requests_per_turn", content->limits.requests_per_turn, saga_limits{}.requests_per_turn,
              {.min = 1, .max = 100'000})
      .option("max_outstanding", content->limits.outstanding, saga_limits{}.outstanding, {.min = 1, .max = 100'000})
      .option("max_timers", content->limits.timers, saga_limits{}.timers, {.min = 1, .max = 100'000})
      .option("max_unread", content->limits.unread, saga_limits{}.unread, {.min = 1, .max = 1'000'000})
      .option("max_undo", content->limits.undo, saga_limits{}.undo, {.min = 1, .max = 1'000'000})
      .option("max_depth", content->limits.depth, saga_limits{}.depth, {.min = 1, .max = 1'000})
      .option("verify", content->verify.share, saga_verify{}.share, {.min = 0, .max = 1})
      .option("shards", routing.shards, 64, {.min = 1, .max = 65'536})
      .option("passivate_after", routing.passivate_after, std::chrono::seconds{30})
      .option("max_active", routing.max_entities, 10'000, {.min = 0, .max = 1e9})
      .fact("version", std::to_string(content->versions.front().version))
      .fact("journal", content->category)
      .fact("event", versioned(saga_turned::stored))
      .links_to("writes", "journal ", content->category)
      .gives("saga " + content->name,
             "a saga " + content->name + " is declared by {} already: its name is stored, give it another one")
      .gives(orders_of(*content->order),
             "{} declares a saga of the same function, and orders would go to one of them: keep one",
             plan_claim::scope_type::service)
      .offers(std::make_shared<events_written>(events_written{
          {{std::string{saga_turned::stored.type}, saga_turned::stored.schema, &shape_of<saga_turned>}}}))
      .offers(saga_words())
      .offers(std::make_shared<journal_check>(
          journal_check{[content](journal& j) { return check_living(*content, j); }}))
      .installed_by(static_cast<result<void> (*)(const saga_spec&, assembly&)>(&install));
  for (const auto& e : content->publishes) spec.fact("event", versioned(e));
  if (!content->publishes.empty())
    spec.offers(std::make_shared<events_in_journal>(events_in_journal{content->category, content->publishes}));
  add_index(*content, p);
  p.rule(&check_event_layouts);
  p.rule([content, path](const plan& whole, std::vector<problem>& found) { check_saga(whole, *content, path, found); });
}

result<void> install(const saga_spec& spec, assembly& a) {
  auto opened = a.open<journal>();
  if (!opened) return opened.error();
  saga_surroundings shared{.spec = spec,
                           .journal = **opened,
                           .scope = a.scope(),
                           .operations = operations_of(a.whole()),
                           .meters = saga_meters::of(a.metrics(), spec.name),
                           .blocked = blocked_sagas_of(a),
                           .attention = sagas_that_need_attention(a),
                           .route =
                               [routes = routes_of(a)](const std::string& saga, message& order) {
                                 const auto route = routes->to.find(saga);
                                 return route == routes->to.end() ? address{} : route->second(order);
                               },
                           .has_clock = true};
  auto around = std::make_shared<const saga_surroundings>(std::move(shared));
  hosted_entities sagas;
  sagas.category = spec.category;
  sagas.make = [around](hosted_entities::stream_name stream) {
    return std::make_unique<saga_entity>(std::move(stream), around);
  };
  sagas.meters = command_meters::of(a.metrics(), spec.name);
  const auto choose = install_shards(spec.routing, std::move(sagas), *opened, a);
  a.answers(spec.order, {.choose = choose});
  if (spec.request) a.answers(spec.request, {.choose = choose});
  auto running = std::make_shared<running_saga>(running_saga{.spec = spec, .journal = *opened, .to = choose});
  administration_of(a)->add(running);
  measure(running, blocked_sagas_of(a), a.metrics());
  install_clock(spec, a, running);
  routes_of(a)->to.emplace(spec.name, choose);
  a.offer<saga_route>(spec.name, std::make_shared<saga_route>(saga_route{choose}));
  return {};
}

}  // namespace banyan
