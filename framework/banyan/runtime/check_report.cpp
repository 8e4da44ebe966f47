#include <banyan/runtime/check_report.hpp>

#include <banyan/configuration/assignment.hpp>
#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/runtime/configuration.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/open_engines.hpp>
#include <banyan/runtime/serving.hpp>

#include <algorithm>
#include <ostream>

namespace banyan {

std::vector<problem> check_all(application& app, const node_settings& settings) {
  std::vector<problem> found;
  for (auto& p : check(app)) found.push_back(std::move(p));
  for (auto& p : check_routes(app)) found.push_back(std::move(p));
  for (auto& p : check(app, engines_in_memory())) found.push_back(std::move(p));
  for (auto& p : check_services(app, settings)) found.push_back(std::move(p));
  for (auto& p : check_listening(settings)) found.push_back(std::move(p));
  if (auto wrong = check_journal_url(settings.journal)) found.push_back({"journal", wrong->message});
  if (auto wrong = check_data_folder(settings.data)) found.push_back({"data", wrong->message});
  add_origins(found, app, settings);
  return found;
}

int print(const check_report& r, bool as_json, std::ostream& out, std::ostream& err) {
  const bool is_unready =
      std::ranges::any_of(r.health, [](const health_line& l) { return l.state >= health_state::waiting; });
  const int code = r.problems.empty() && !is_unready ? 0 : 1;
  if (as_json) {
    out << to_json(r) << '\n';
    return code;
  }
  if (r.problems.empty())
    out << "The plan and its configuration are sound.\n";
  else
    err << report(r.problems);
  for (const auto& note : r.notes) out << "note: " << printable(note) << '\n';
  for (const auto& l : r.health)
    if (l.state != health_state::ready)
      out << boost::describe::enum_to_string(l.state, "") << ": " << printable(l.name + ": " + l.sentence) << '\n';
  if (!r.health.empty() && !is_unready) out << "The node is ready.\n";
  return code;
}

}  // namespace banyan
