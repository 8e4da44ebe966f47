// Installs a kind of sagas into its service: the shards that host its actors, and the operation that starts it.
#include <banyan/assembly/assembly.hpp>
#include <banyan/cqrs/running_view.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/plan/schema.hpp>
#include <banyan/saga/blocked_sagas.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/saga/saga_clock.hpp>
#include <banyan/saga/saga_entity.hpp>
#include <banyan/saga/saga_index.hpp>
#include <banyan/sharding/install_shards.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace banyan {
namespace {

constexpr std::size_t named_sagas = 3;

std::optional<health_line> blocked_line(const unreadable_streams& blocked) {
  const auto streams = blocked.list();
  if (streams.empty()) return std::nullopt;
  auto text = std::to_string(streams.size()) + (streams.size() == 1 ? " saga is blocked" : " sagas are blocked");
  for (std::size_t i = 0; i < std::min(named_sagas, streams.size()); ++i)
    text += (i == 0 ? ": " : ", ") + streams[i].stream + " (" + streams[i].cause + ")";
  if (streams.size() > named_sagas) text += ", and " + std::to_string(streams.size() - named_sagas) + " more";
  return health_line{"sagas", health_state::degraded, std::move(text)};
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

// The projection of its index, beside it in the plan.
void add_index(const saga_spec& s, plan& p) {
  const auto name = saga_index_name(s.name);
  auto spec = p.add<projection_spec>("projection", name, phase::background);
  spec->view = name;
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

// The clock reads the index, which is installed later than the sagas.
void install_clock(const saga_spec& spec, assembly& a, std::function<address(message&)> to) {
  a.when_installed([&spec, a, to]() mutable -> result<void> {
    const auto index = a.find<running_view>(saga_index_name(spec.name));
    if (!index) return error{code::invalid_argument, "no projection builds the index of " + spec.name};
    const auto overdue = a.metrics().gauge("banyan_saga_overdue_seconds", "How late the most overdue timer is.",
                                           {{"saga", spec.name}});
    a.add({.name = "clock." + spec.name,
           .make = [index, to, overdue] {
             return std::make_unique<saga_clock>(*index->store, index->progress, to, overdue);
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
  return a
      .shared<blocked_sagas>([&] {
        auto all = std::make_shared<blocked_sagas>();
        a.ready([all](std::vector<health_line>& out) {
          if (auto line = blocked_line(*all->streams)) out.push_back(std::move(*line));
        });
        return all;
      })
      ->streams;
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
      .option("shards", routing.shards, 64, {.min = 1, .max = 65'536})
      .option("passivate_after", routing.passivate_after, std::chrono::seconds{30})
      .option("max_awake", routing.max_entities, 10'000, {.min = 0, .max = 1e9})
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
  install_clock(spec, a, choose);
  a.offer<saga_route>(spec.name, std::make_shared<saga_route>(saga_route{choose}));
  return {};
}

}  // namespace banyan
