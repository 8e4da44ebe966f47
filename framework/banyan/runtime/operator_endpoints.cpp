#include <banyan/runtime/operator_endpoints.hpp>

#include <banyan/core/json.hpp>
#include <banyan/runtime/operator_token.hpp>

#include <boost/json.hpp>

#include <set>
#include <utility>

namespace banyan {

namespace {

std::vector<std::string> patterns_of(const std::vector<operator_command>& commands) {
  std::vector<std::string> patterns;
  for (const auto& c : commands) patterns.push_back(c.method + " " + c.path);
  patterns.emplace_back("GET /inspect");
  patterns.emplace_back("GET /inspect/{name}");
  return patterns;
}

std::vector<operator_command> with_own(std::vector<operator_command> commands, std::vector<operator_command> more) {
  for (auto& c : more) commands.push_back(std::move(c));
  return commands;
}

operator_request request_of(const http_request& r, const route_match& match) {
  operator_request asked;
  for (const auto& [name, value] : match.captures) asked.captures.emplace(name, value);
  for (const auto& [name, value] : r.query) asked.parameters.emplace(name, value);
  return asked;
}

http_response to_response(result<std::string> answer) {
  return answer ? http_response::json_text(std::move(*answer)) : http_response::problem(answer.error());
}

}  // namespace

operator_endpoints::operator_endpoints(const node_assembly& installed, const node_settings& settings,
                                       std::vector<operator_command> own)
    : installed_{installed},
      settings_{settings},
      commands_{with_own(installed.commands(), std::move(own))},
      table_{patterns_of(commands_)} {}

std::optional<http_response> operator_endpoints::answer_by_path(const http_request& request) const {
  const auto found = table_.find(request.method, request.path);
  if (std::holds_alternative<route_match>(found)) return {};
  const auto* wrong = std::get_if<method_not_allowed>(&found);
  if (!wrong)
    return http_response::problem(error{code::not_found,
                                        "here are / (the operations page), /live, /healthz, /readyz, /metrics, "
                                        "/topology, /plan, /check, /streams, /events, /inspect" +
                                            names()});
  const auto allow = wrong->allow + ", OPTIONS";
  if (request.method == "OPTIONS") return http_response{204, {{"Allow", allow}}, ""};
  return banyan::to_response(method_not_allowed{allow});
}

void operator_endpoints::handle(const http_request& request, completion<http_response> answer) const {
  const auto found = table_.find(request.method, request.path);
  const auto* match = std::get_if<route_match>(&found);
  if (!match) return answer(http_response::problem(error{code::not_found, "no such page"}));
  if (match->route < commands_.size()) {
    const auto& command = commands_[match->route];
    if (command.method != "GET")
      if (auto refusal = refuse_operator(request, settings_.operator_token)) return answer(std::move(*refusal));
    return command.run(request_of(request, *match),
                       [answer = std::move(answer)](result<std::string> r) mutable { answer(to_response(std::move(r))); });
  }
  const auto& all = installed_.inspections();
  if (match->captures.empty()) {
    boost::json::array names;
    for (const auto& [name, json] : all) names.emplace_back(name);
    return answer(http_response::json(boost::json::object{{"inspections", std::move(names)}}));
  }
  const auto one = all.find(match->captures.front().second);
  if (one == all.end()) return answer(http_response::problem(error{code::not_found, "nothing of this name can be inspected"}));
  answer(http_response::json_text(one->second()));
}

std::string operator_endpoints::names() const {
  std::set<std::string> first;
  for (const auto& c : commands_) first.insert(c.path.substr(0, c.path.find('/', 1)));
  std::string all;
  for (const auto& name : first) all += ", " + name;
  return all;
}

}  // namespace banyan
