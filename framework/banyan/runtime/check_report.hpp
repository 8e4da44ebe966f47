// What `check` finds: before a node starts, by itself; on a running node, at /check, with the node's health.
#pragma once

#include <banyan/observability/health.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <boost/describe.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace banyan {

BOOST_DESCRIBE_STRUCT(problem, (), (where, sentence))

struct check_report {
  std::vector<problem> problems;
  std::vector<std::string> notes;       // remarks on a plan without problems
  std::vector<health_line> health = {};  // of a running node, as at /readyz
};
BOOST_DESCRIBE_STRUCT(check_report, (), (problems, notes, health))

// All problems of plan, routes, engines and settings, with the origins of the values.
std::vector<problem> check_all(application& app, const node_settings& settings);

// Returns the exit code: 1 when there are problems, which go to `err`, or when the node is not ready.
int print(const check_report& report, bool as_json, std::ostream& out, std::ostream& err);

}  // namespace banyan
