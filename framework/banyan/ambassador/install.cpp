// Installs the link of a service's handlers to another service or to an HTTP API.
#include <banyan/actor/system.hpp>
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/ambassador/call_chain.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/topic/topic.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

namespace banyan {

namespace {

bool is_of_application(const std::string& service, const application& app) {
  return std::any_of(app.services.begin(), app.services.end(), [&](const plan& p) { return p.service() == service; });
}

result<link_route> route_of(const link_spec& spec, assembly& a) {
  if (is_of_application(spec.to, a.whole())) {
    auto nodes = a.nodes_of(spec.to);
    if (!nodes) return link_route{};
    auto by = a.open<transport>();
    if (!by) return by.error();
    return link_route{std::move(*by), std::move(nodes), {}};
  }
  if (!spec.parts.over) return link_route{};
  auto to = endpoints_of(spec.parts.over->to);
  if (!to) return to.error();
  auto by = a.open<upstream_transport>(*spec.parts.over);
  if (!by) return by.error();
  return link_route{std::move(*by), std::make_shared<const endpoint_set>(std::move(*to)), spec.operations};
}

// The links of a node, for operators.
class link_registry {
 public:
  void add(const link_spec& spec, std::shared_ptr<call_chain> chain) {
    links_.insert_or_assign({spec.from, spec.to}, std::move(chain));
  }
  result<std::shared_ptr<call_chain>> find(const operator_request& r) const {
    const auto found = links_.find({r.capture("from"), r.capture("to")});
    if (found != links_.end()) return found->second;
    return error{code::not_found,
                 "there is no link from " + r.capture("from") + " to " + r.capture("to") + " on this node"};
  }
  std::string list(monotonic now) const {
    std::string all = R"({"links":[)";
    for (const auto& [_, chain] : links_) all += (all.back() == '[' ? "" : ",") + chain->inspect(now);
    return all + "]}";
  }

 private:
  std::map<std::pair<std::string, std::string>, std::shared_ptr<call_chain>> links_;
};

breaker_changed change_of(const link_spec& spec, const std::string& endpoint, const breaker_event& e,
                          std::uint64_t refused_since, instant now) {
  breaker_changed c{.service = spec.from,
                    .to = spec.to,
                    .endpoint = endpoint,
                    .why = e.kind,
                    .before = e.before,
                    .after = e.state,
                    .forced = e.forced,
                    .failure_rate = e.failure_rate,
                    .slow_rate = e.slow_rate,
                    .calls = e.calls,
                    .refused = e.refused,
                    .refused_since = refused_since,
                    .generation = e.generation,
                    .at = now};
  const bool has_end = e.kind == breaker_event_kind::refused ? e.retry_at != monotonic::max()  // else an operator's
                                                             : e.state == breaker_state::open;
  if (has_end) c.retry_after = timespan{e.retry_at - e.at};
  return c;
}

// Operators who look at the node see a change of state at once, and listeners are given all that happens.
result<void> publish_changes(call_chain& chain, const link_spec& spec, assembly& a) {
  auto events = topic_of<breaker_changed>(a, breakers_topic);
  if (!events) return events.error();
  chain.when_changed([events = std::move(*events), changes = a.changes(), &spec, &system = a.system()](
                         const std::string& endpoint, const breaker_event& e, std::uint64_t refused_since) {
    try {
      if (e.kind != breaker_event_kind::refused) changes->notify();
      if (events.has_subscribers()) events.publish(change_of(spec, endpoint, e, refused_since, system.now()));
    } catch (const std::bad_alloc&) {
      // A breaker's listener must not throw. The change is in its metrics, and in what is next read of it.
    }
  });
  return {};
}

std::optional<breaker_override> override_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, breaker_override>, 4> words{
      {{"auto", breaker_override::none},
       {"forced_open", breaker_override::forced_open},
       {"forced_closed", breaker_override::forced_closed},
       {"observe_only", breaker_override::observe_only}}};
  for (const auto& [name, o] : words)
    if (name == word) return o;
  return std::nullopt;
}

using on_link = std::function<result<void>(call_chain&, const operator_request&)>;

// Does something to one link and answers what it is then.
operator_command command(std::string method, std::string path, const std::shared_ptr<link_registry>& all,
                         actor_system& system, on_link act) {
  return {.method = std::move(method),
          .path = std::move(path),
          .run = [all, &system, act = std::move(act)](const operator_request& r, completion<std::string> answer) {
            const auto chain = all->find(r);
            if (!chain) return answer(chain.error());
            if (auto done = act(**chain, r); !done) return answer(done.error());
            answer((*chain)->inspect(system.steady()));
          }};
}

std::shared_ptr<link_registry> registry_of(assembly& a) {
  return a.shared<link_registry>([&] {
    auto all = std::make_shared<link_registry>();
    auto& system = a.system();
    a.command({.method = "GET",
               .path = "/links",
               .run = [all, &system](const operator_request&, completion<std::string> answer) {
                 answer(all->list(system.steady()));
               }});
    a.command(command("GET", "/links/{from}/{to}", all, system,
                      [](call_chain&, const operator_request&) -> result<void> { return {}; }));
    a.command(command("POST", "/links/{from}/{to}/breaker/{state}", all, system,
                      [&system](call_chain& link, const operator_request& r) -> result<void> {
                        const auto to = override_of(r.capture("state"));
                        if (!to)
                          return error{code::invalid_argument,
                                       "a breaker is set to auto, forced_open, forced_closed or observe_only"}
                              .at("state");
                        if (!link.has_breaker())
                          return error{code::not_found, "this link has no circuit breaker"};
                        link.force(*to, system.steady());
                        return {};
                      }));
    a.command(command("POST", "/links/{from}/{to}/options/{option}/{value}", all, system,
                      [](call_chain& link, const operator_request& r) {
                        return link.set(r.capture("option"), r.capture("value"));
                      }));
    return all;
  });
}

}  // namespace

result<void> install(const link_spec& spec, assembly& a) {
  auto route = route_of(spec, a);
  if (!route) return route.error();
  const auto chain =
      std::make_shared<call_chain>(spec, *a.scope().directory, std::move(*route), a.system(), a.metrics());
  a.asks(spec.to, chain);
  registry_of(a)->add(spec, chain);
  a.takes_options([chain](const std::vector<option_value>& values) { return chain->set(values); });
  a.inspect("link." + spec.from + "." + spec.to,
            [chain, &system = a.system()] { return chain->inspect(system.steady()); });
  a.metrics().before_reading([chain] { chain->update_metrics(); });
  const auto& p = spec.parts;
  if (!p.breaker && !p.endpoint_breaker) return {};
  a.ready([chain, &system = a.system()](std::vector<health_line>& out) { chain->report_health(out, system.steady()); });
  return publish_changes(*chain, spec, a);
}

}  // namespace banyan
