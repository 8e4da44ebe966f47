// The configuration of an application: every option of its plan, and the settings of the node, can be changed without compiling. Sources
// in rising priority:
//
//   1. the values in code
//   2. TOML files, in the order given           [orders.ambassador.payments]
//                                               deadline = "500ms"
//   3. the environment                          BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEADLINE=500ms
//   4. the command line                         --set orders.ambassador.payments.deadline=500ms
//
// A path is "<service>.<kind>.<name>.<option>"; the kind may be left out where that is unambiguous; a node's settings have their bare name
// (node_settings.hpp). In a file, tables and dotted keys say the same, and a name with a dot in it needs no quotes. In the environment the
// path is in capitals after BANYAN_, with "__" for '.' and "_" for '-'.
//
// Everything is checked before anything is changed: either all values are applied, and `option::origin()` tells where each came from, or
// none is and the problems say all that is wrong, each with its place: unknown names and tables (with a suggestion),
// wrong types, values out of range, syntax errors, an option set twice in one file. So a bad file can not
// half-configure a running node.
//
// Of the environment, only what is ours is looked at: a variable BANYAN_... that has no "__" in it and is close to no setting's name
// belongs to somebody else and is left alone.
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
  std::vector<configuration_file> files;   // of several that set the same option, the last wins
  std::vector<std::string> environment;    // "NAME=value"
  std::vector<std::string> assignments;    // "path=value", from the command line; the last wins
};

// What becomes of the values that are right when others are not. `apply_the_others` is for a caller that starts nothing
// and goes on to judge what was configured, to tell all mistakes in one run.
enum class on_mistakes : std::uint8_t { change_nothing, apply_the_others };

// Empty when all is well; at most 100 problems, and then one that says so. Rules of the plan are not asked: run `check(app)` afterwards.
std::vector<problem> apply_configuration(application& app, node_settings& node, const configuration_sources& sources,
                                         on_mistakes then = on_mistakes::change_nothing);

// Puts before problems about one option or setting where its value came from, if a source set it: "listen" becomes
// "shop.toml:3: listen".
void add_origins(std::vector<problem>& problems, application& app, const node_settings& node);

// "orders.ambassador.payments.deadline" -> "BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEADLINE"
std::string environment_name(std::string_view path);

}  // namespace banyan
