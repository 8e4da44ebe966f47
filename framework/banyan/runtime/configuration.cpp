#include <banyan/runtime/configuration.hpp>

#include <banyan/configuration/toml.hpp>
#include <banyan/plan/nearest.hpp>
#include <banyan/runtime/otlp_settings.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace banyan {
namespace {

constexpr std::string_view prefix = "BANYAN_";
// Each unknown name of a hostile file costs a comparison with every option.
constexpr std::size_t most_problems = 100;

// The index of all options, by each of their names.
class option_index {
 public:
  option_index(application& app, std::vector<option>& settings) : app_{app} {
    for (auto& o : settings) {
      settings_.emplace(o.name(), &o);
      names_.push_back(o.name());
      by_variable_[environment_name(o.name())].push_back(&o);
    }
    for (const auto& service : app.services) {
      add_tables(service.service());
      for (const auto& item : service.items())
        for (auto& o : item->options()) add(service, *item, o);
    }
    for (auto& [name, found] : by_short_variable_) by_variable_.emplace(name, found);  // a full path wins
  }

  std::vector<option*> by_path(std::string_view path) const {
    const auto setting = settings_.find(path);
    return setting != settings_.end() ? std::vector{setting->second} : find_options(app_, path);
  }
  std::vector<option*> by_variable(const std::string& name) const {
    const auto found = by_variable_.find(name);
    return found == by_variable_.end() ? std::vector<option*>{} : found->second;
  }

  std::string path_of(const option* o) const {
    const auto found = paths_.find(o);
    return found == paths_.end() ? o->name() : found->second;
  }
  std::string nearest_path(std::string_view path) const {
    const auto setting = nearest(path, names_);
    return setting.empty() ? nearest_option(app_, path) : setting;
  }
  std::string nearest_variable(std::string_view name, bool of_settings_only) const {
    std::vector<std::string> variables;
    for (const auto& [variable, options] : by_variable_)
      if (!of_settings_only || settings_.contains(options.front()->name())) variables.push_back(variable.substr(prefix.size()));
    const auto found = nearest(name.substr(prefix.size()), variables);
    return found.empty() ? found : std::string{prefix} + found;
  }
  bool is_setting(std::string_view name) const { return settings_.contains(name); }
  bool is_table(std::string_view path) const { return tables_.contains(path); }
  std::string nearest_table(std::string_view path) const { return nearest(path, {tables_.begin(), tables_.end()}); }

 private:
  void add(const plan& service, const plan_item& item, option& o) {
    const auto& path = paths_[&o] = option_path(service, item, o);
    by_variable_[environment_name(path)].push_back(&o);
    const auto shorter = service.service() + "." + item.name() + "." + o.name();
    by_short_variable_[environment_name(shorter)].push_back(&o);
    add_tables(std::string_view{path}.substr(0, path.rfind('.')));
    add_tables(std::string_view{shorter}.substr(0, shorter.rfind('.')));
  }
  // Adds the path and its prefixes as tables.
  void add_tables(std::string_view path) {
    for (auto end = path.size(); end != path.npos && end > 0; end = path.rfind('.', end - 1))
      tables_.emplace(path.substr(0, end));
  }

  const application& app_;
  std::map<std::string, option*, std::less<>> settings_;
  std::vector<std::string> names_;
  std::set<std::string, std::less<>> tables_;
  std::map<const option*, std::string> paths_;
  std::map<std::string, std::vector<option*>> by_variable_, by_short_variable_;
};

// Collects values and problems; changes nothing before apply().
class collector {
 public:
  collector(const option_index& index, std::vector<problem>& problems) : index_{index}, problems_{problems} {}

  void add_file(const configuration_file& file) {
    std::map<const option*, std::string> set_here;
    for (const auto& a : read_toml(file.name, file.text, problems_)) {
      if (is_full()) return;
      const auto where = a.origin + ": " + a.path;
      if (a.how == assignment::literal::table && index_.by_path(a.path).empty()) {  // an empty table
        if (!index_.is_table(a.path))
          problems_.push_back({where, "there is no such table" + suggestion(index_.nearest_table(a.path))});
        continue;
      }
      auto* o = the_one(index_.by_path(a.path), where, [&] { return suggestion(index_.nearest_path(a.path)); });
      if (!o || !check(a, *o, where)) continue;
      const auto [first, is_new] = set_here.emplace(o, a.origin);
      if (is_new) values_.push_back({o, a.value, a.origin});
      else problems_.push_back({where, "set twice in this file: also at " + first->second});
    }
  }

  void add_variable(std::string_view entry) {
    const auto name = std::string{entry.substr(0, entry.find('='))};
    if (!name.starts_with(prefix) || name.size() == entry.size() || is_full()) return;
    const auto origin = "environment " + name;
    const auto found = index_.by_variable(name);
    const bool surely_ours = name.find("__") != name.npos;
    if (found.empty() && !surely_ours && index_.nearest_variable(name, true).empty()) return;
    auto* o = the_one(found, origin, [&] { return suggestion(index_.nearest_variable(name, !surely_ours)); });
    add({{}, assignment::literal::word, std::string{entry.substr(name.size() + 1)}, origin}, o, origin);
  }

  void add_otlp_variable(std::string_view entry) {
    const auto equals = entry.find('=');
    if (equals == entry.npos || is_full()) return;
    const auto found = read_otlp_variable(entry.substr(0, equals), entry.substr(equals + 1));
    if (!found) return;
    const auto origin = "environment " + std::string{entry.substr(0, equals)};
    add({{}, assignment::literal::word, found->value, origin}, index_.by_path(found->setting).front(), origin);
  }

  void add_argument(std::string_view entry) {
    const auto path = entry.substr(0, entry.find('='));
    const auto where = "command line: " + std::string{path};
    if (is_full()) return;
    if (path.size() == entry.size()) {
      problems_.push_back({where, "a value is missing: write --set path=value"});
      return;
    }
    auto* o = the_one(index_.by_path(path), where, [&] { return suggestion(index_.nearest_path(path)); });
    add({{}, assignment::literal::word, std::string{entry.substr(path.size() + 1)}, "command line"}, o, where);
  }

  void apply() const {
    // All values were validated; later sources overwrite earlier ones.
    for (const auto& v : values_) (void)v.target->set(v.text, v.origin);
  }

 private:
  struct value {
    option* target;
    std::string text, origin;
  };

  bool is_full() const { return problems_.size() >= most_problems; }

  static std::string suggestion(const std::string& name) {
    return name.empty() ? "; `describe` lists all settings" : "; did you mean " + name + "?";
  }

  template <class F>
  option* the_one(const std::vector<option*>& found, const std::string& where, F suggest) {
    if (found.size() == 1) return found.front();
    if (found.empty()) {
      problems_.push_back({where, "there is no such setting" + suggest()});
      return nullptr;
    }
    std::string which;
    for (const auto* o : found) which += (which.empty() ? "" : ", ") + index_.path_of(o);
    problems_.push_back({where, "this may mean several settings: " + which + "; write the whole path"});
    return nullptr;
  }

  bool check(const assignment& a, const option& o, const std::string& where) {
    auto wrong = mistake(a, o);
    if (wrong) problems_.push_back({where, std::move(*wrong)});
    return !wrong;
  }

  void add(const assignment& a, option* o, const std::string& where) {
    if (o && check(a, *o, where)) values_.push_back({o, a.value, a.origin});
  }

  const option_index& index_;
  std::vector<problem>& problems_;
  std::vector<value> values_;
};

}  // namespace

std::vector<problem> apply_configuration(application& app, node_settings& node, const configuration_sources& sources,
                                         on_mistakes then) {
  auto settings = options_of(node);
  const option_index index{app, settings};
  std::vector<problem> problems;
  for (const auto& service : app.services)
    if (index.is_setting(service.service()))
      problems.push_back({service.service(), "a service can not have the name of a node's setting: a file could not tell them apart"});

  collector values{index, problems};
  for (const auto& file : sources.files) values.add_file(file);
  for (const auto& entry : sources.environment) values.add_otlp_variable(entry);
  for (const auto& entry : sources.environment) values.add_variable(entry);
  for (const auto& entry : sources.assignments) values.add_argument(entry);
  if (problems.size() >= most_problems) problems.push_back({app.name, "there are more mistakes; these are the first ones"});
  for (auto& p : problems) make_printable(p);
  if (!problems.empty() && then == on_mistakes::change_nothing) return problems;

  values.apply();
  for (const auto& o : settings)
    if (o.origin() != "default") node.origins[o.name()] = o.origin();
  return problems;
}

void add_origins(std::vector<problem>& problems, application& app, const node_settings& node) {
  const auto origin_of = [&](const std::string& path) -> std::string {
    if (const auto set = node.origins.find(path); set != node.origins.end()) return set->second;
    const auto* o = find_option(app, path);
    return !o || o->origin() == "default" || o->origin() == "code" ? "" : o->origin();
  };
  for (auto& p : problems)
    if (const auto origin = origin_of(p.where); !origin.empty()) p.where = origin + ": " + p.where;
}

std::string environment_name(std::string_view path) {
  std::string out{prefix};
  for (char c : path) {
    if (c == '.') out += "__";
    else if (c == '-') out += '_';
    else out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

}  // namespace banyan
