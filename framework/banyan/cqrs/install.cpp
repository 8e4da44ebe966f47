// Installs the actors of a view: its projection, and the readers of its query side.
#include <banyan/actor/system.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/cqrs/projection_actor.hpp>
#include <banyan/cqrs/query_actor.hpp>
#include <banyan/cqrs/running_view.hpp>
#include <banyan/cqrs/view_health.hpp>
#include <banyan/journal/journal_feed.hpp>

#include <algorithm>

namespace banyan {

namespace {

constexpr auto replay_limit = std::chrono::minutes{5};

int readers_of(const std::string& view, const application& app) {
  int readers = 1;
  for (const auto& p : app.services)
    for (auto& [item, side] : p.all<query_spec>())
      if (side->view == view) readers = side->replicas;
  return readers;
}

// Operator commands for the parked streams of this node's views.
class parked_streams {
 public:
  explicit parked_streams(actor_system& system) : system_{system} {}
  void add(std::shared_ptr<const running_view> v) { views_.push_back(std::move(v)); }

  void list(completion<std::string> answer) const { answer(parked_page_of(views_)); }
  void replay(const std::string& view, std::string stream, completion<std::string> answer) const {
    const auto found = std::find_if(views_.begin(), views_.end(), [&](const auto& v) { return v->view == view; });
    if (found == views_.end()) return answer(error{code::not_found, "no view " + view + " on this node"}.at("view"));
    system_.ask((*found)->projection->now(), replay_parked{std::move(stream)}, replay_limit,
                [answer = std::move(answer)](result<replayed> done) mutable {
                  answer(done ? result<std::string>{R"({"events":)" + std::to_string(done->events) + "}"} : std::move(done.error()));
                });
  }

 private:
  actor_system& system_;
  std::vector<std::shared_ptr<const running_view>> views_;
};

std::shared_ptr<parked_streams> parked_streams_of(assembly& a) {
  return a.shared<parked_streams>([&] {
    auto all = std::make_shared<parked_streams>(a.system());
    a.command({"GET", "/parked", [all](const operator_request&, completion<std::string> answer) { all->list(std::move(answer)); }});
    a.command({"POST", "/parked/{view}/{stream}/replay", [all](const operator_request& r, completion<std::string> answer) {
                 all->replay(r.capture("view"), r.capture("stream"), std::move(answer));
               }});
    return all;
  });
}

}  // namespace

result<void> install(const projection_spec& spec, assembly& a) {
  auto opened = a.open<journal>();
  if (!opened) return opened.error();
  auto store = a.open<view_store>({.name = spec.view, .version = spec.version, .readers = readers_of(spec.view, a.whole())});
  if (!store) return store.error();
  auto view = std::make_shared<running_view>(running_view{spec.view, std::move(*store), std::make_shared<view_progress>(), {}});
  const auto feed = a.shared<journal_feed>([&] { return std::make_shared<journal_feed>(**opened); });
  view->projection = a.add(
      {.name = "projection." + spec.view, .make = [&spec, j = *opened, feed, s = view->store, p = view->progress] {
         return std::make_unique<projection_actor>(spec, *feed, *s, p);
       }});
  a.offer(spec.view, view);
  count(*view, a.metrics());
  a.ready([view, max_lag = a.max_lag()](std::vector<health_line>& out) { out.push_back(health_of(*view, max_lag)); });
  parked_streams_of(a)->add(view);
  return {};
}

// The view may belong to another service.
result<void> install(const query_spec& spec, assembly& a) {
  a.when_installed([&spec, a]() mutable -> result<void> {
    const auto view = a.find<running_view>(spec.view);
    if (!view) return error{code::invalid_argument, "no projection builds the view " + spec.view};
    const auto make = [&spec, view, meters = query_meters::of(a.metrics(), spec.view)] {
      return std::make_unique<query_actor>(spec, *view->store, *view->projection, view->progress, meters);
    };
    const auto route = round_robin(a.add("query." + spec.view, spec.replicas, [&](int) { return make; }));
    const auto reads = std::make_shared<const read_side>(read_side{spec.view, [p = view->progress] { return p->applied.load(); }});
    for (const auto& q : spec.queries) a.answers(q.request, {.choose = route, .reads = reads});
    return {};
  });
  return {};
}

}  // namespace banyan
