// harbour.toml is the reference of all options: it names each of them, in a comment, with its value in code.
#include <app/application.hpp>

#include <tests/catch.hpp>

#include <banyan/runtime/configuration.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

namespace {

using values = std::map<std::string, std::string>;

values values_of(banyan::application& app, banyan::node_settings& node) {
  values all;
  for (auto& o : banyan::options_of(node)) all["." + o.name()] = o.value();
  for (auto& plan : app.services)
    for (const auto& item : plan.items())
      for (auto& o : item->options()) all[banyan::option_path(plan, *item, o)] = o.value();
  return all;
}

std::string file() {
  std::ifstream in{CONFIGURATION};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// The file with its examples switched on: "# journal = ..." becomes "journal = ...", and so does "# [table]".
std::string with_examples() {
  std::istringstream lines{file()};
  std::string all, line;
  while (std::getline(lines, line)) {
    const bool is_value = line.starts_with("# ") && line.find(" = ") == line.find(' ', 2);
    const bool is_example = is_value || line.starts_with("# [");
    all += (is_example ? line.substr(2) : line) + '\n';
  }
  return all;
}

std::string report(const std::vector<banyan::problem>& problems) {
  std::string all;
  for (const auto& p : problems) all += p.where + ": " + p.sentence + '\n';
  return all;
}

}  // namespace

TEST_CASE("the configuration is valid as it is, and so is the plan with it") {
  auto app = harbour::describe();
  auto node = banyan::default_settings(app.name);
  CHECK(report(banyan::apply_configuration(app, node, {{{"harbour.toml", file()}}, {}, {}})) == "");
  if (!app.services.empty()) CHECK(report(banyan::check(app)) == "");
}

TEST_CASE("the configuration names every option, with its value in code") {
  auto app = harbour::describe();
  auto node = banyan::default_settings(app.name);
  const auto before = values_of(app, node);
  CHECK(report(banyan::apply_configuration(app, node, {{{"harbour.toml", with_examples()}}, {}, {}})) == "");
  std::string different, missing;
  for (const auto& [path, value] : values_of(app, node))
    if (value != before.at(path)) different += path + " is " + before.at(path) + ", not " + value + '\n';
  CHECK(different == "");
  for (auto& o : banyan::options_of(node))
    if (!node.origins.contains(o.name())) missing += o.name() + '\n';
  for (auto& plan : app.services)
    for (const auto& item : plan.items())
      for (auto& o : item->options())
        if (!o.origin().starts_with("harbour.toml")) missing += banyan::option_path(plan, *item, o) + '\n';
  CHECK(missing == "");
}
