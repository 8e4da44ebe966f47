// Installs the link of a service's handlers to another service or to an HTTP API.
#include <banyan/actor/system.hpp>
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/call_chain.hpp>
#include <banyan/assembly/assembly.hpp>

#include <algorithm>
#include <array>
#include <string_view>

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

void add_commands(const link_spec& spec, const std::shared_ptr<call_chain>& chain, assembly& a) {
  constexpr std::array<std::pair<std::string_view, breaker_override>, 4> words{
      {{"auto", breaker_override::none},
       {"forced_open", breaker_override::forced_open},
       {"forced_closed", breaker_override::forced_closed},
       {"observe_only", breaker_override::observe_only}}};
  const auto path = "/links/" + spec.from + "/" + spec.to;
  a.command({.method = "POST",
             .path = path + "/breaker/{state}",
             .run = [chain, words, &system = a.system()](const operator_request& r, completion<std::string> answer) {
               const auto& word = r.capture("state");
               const auto known = std::find_if(words.begin(), words.end(), [&](auto& w) { return w.first == word; });
               if (known == words.end())
                 return answer(error{code::invalid_argument, "a breaker is set to auto, forced_open, forced_closed or "
                                                             "observe_only, not to '" + word + "'"}
                                   .at("state"));
               chain->force(known->second, system.steady());
               answer(chain->inspect(system.steady()));
             }});
  a.command({.method = "GET", .path = path, .run = [chain, &system = a.system()](const operator_request&, completion<std::string> answer) {
               answer(chain->inspect(system.steady()));
             }});
}

}  // namespace

result<void> install(const link_spec& spec, assembly& a) {
  auto route = route_of(spec, a);
  if (!route) return route.error();
  const auto chain = std::make_shared<call_chain>(spec, *a.scope().directory, std::move(*route), a.system(), a.metrics());
  a.asks(spec.to, chain);
  a.inspect("link." + spec.from + "." + spec.to,
            [chain, &system = a.system()] { return chain->inspect(system.steady()); });
  a.metrics().before_reading([chain] { chain->update_metrics(); });
  const auto& p = spec.parts;
  if (p.breaker || p.endpoint_breaker) {
    add_commands(spec, chain, a);
    a.ready([chain, &system = a.system()](std::vector<health_line>& out) { chain->report_health(out, system.steady()); });
  }
  return {};
}

}  // namespace banyan
