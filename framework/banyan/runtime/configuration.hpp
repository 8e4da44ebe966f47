// The configuration of an application: every option of its plan and the settings of the node can be set without
// compiling. Sources, from low to high priority:
//
//   1. the values in code
//   2. TOML files, in the order given           [orders.ambassador.payments]
//                                               deadline = "500ms"
//   3. the environment                          OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 (otlp_settings.hpp)
//                                               BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEADLINE=500ms
//   4. the command line                         --set orders.ambassador.payments.deadline=500ms
//
// A path is "<service>.<kind>.<name>.<option>"; the kind may be omitted where unambiguous; a node's settings have
// their bare name (node_settings.hpp). In a file, tables and dotted keys are equivalent, and names with dots need no
// quotes. In the environment, the path is in capitals after BANYAN_, with "__" for '.' and "_" for '-'.
//
// Atomic: either all values are applied, and `option::origin()` is the source of each, or none is, and the problems
// list all mistakes with their places: unknown names and tables (with a suggestion), wrong types, values out of range,
// syntax errors, an option set twice in a file. So a bad file can not half-configure a running node (reload.hpp).
//
// A variable BANYAN_... without "__" whose name is not similar to any setting's is ignored: other software may use it.
#pragma once

#include <banyan/configuration/sources.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct configuration_sources {
  std::vector<configuration_file> files;   // the last one that sets an option wins
  std::vector<std::string> environment;    // "NAME=value"
  std::vector<std::string> assignments;    // "path=value", from the command line; the last wins
};

// Whether valid values are applied when others are invalid. `apply_the_others` is for a caller that does not start
// anything but checks the result, to report the mistakes of configuration and plan in one run.
enum class on_mistakes : std::uint8_t { change_nothing, apply_the_others };

// Empty: success. At most 100 problems, then one that says so. Does not check the rules of the plan: call `check(app)`
// afterwards.
std::vector<problem> apply_configuration(application& app, node_settings& node, const configuration_sources& sources,
                                         on_mistakes then = on_mistakes::change_nothing);

// Prepends to problems about an option or setting the source of its value, if one set it: "listen" becomes
// "shop.toml:3: listen".
void add_origins(std::vector<problem>& problems, application& app, const node_settings& node);

// "orders.ambassador.payments.deadline" -> "BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEADLINE"
std::string environment_name(std::string_view path);

}  // namespace banyan
