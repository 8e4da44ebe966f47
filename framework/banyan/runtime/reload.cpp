#include <banyan/runtime/reload.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

constexpr const char* reloads_name = "banyan_configuration_reloads_total";
constexpr const char* about_reloads = "Reloads of the configuration, by outcome: ok, refused.";
constexpr const char* health_name = "configuration";
constexpr std::size_t most_logged_problems = 10;

template <class F>
void for_each_option(const application& app, F f) {
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (auto& o : item->options()) f(option_path(service, *item, o), o);
}

std::shared_ptr<const application> shared_view(const application& app) {
  return {std::shared_ptr<void>{}, &app};  // owns nothing
}

result<operator_text> show_reload(const operator_arguments& with, const std::string& answer) {
  const auto done = from_json<reload_report>(answer);
  if (!done) return done.error();
  const bool is_refused = done->outcome == reload_outcome::refused;
  operator_text text{.out = {}, .err = {}, .code = is_refused ? 1 : 0};
  if (with.as_json()) {
    text.out = answer + "\n";
    return text;
  }
  if (is_refused) {
    for (const auto& p : done->problems) text.err += printable(p.where + ": " + p.sentence) + "\n";
    text.err += "refused: the last good configuration stays\n";
    return text;
  }
  for (const auto& c : done->applied)
    text.out += printable(c.option + ": " + c.before + " -> " + c.after) + "\n";
  for (const auto& name : done->needs_restart) text.out += printable(name) + ": needs a restart\n";
  if (text.out.empty()) text.out = "nothing has changed\n";
  return text;
}

}  // namespace

configured_values values_of(const application& app, node_settings settings) {
  configured_values all;
  for_each_option(app, [&](const std::string& path, const option& o) {
    all.insert_or_assign(path, configured_value{o.value(), o.is_dynamic()});
  });
  for (const auto& o : options_of(settings))
    all.insert_or_assign(o.name(), configured_value{o.value(), o.is_dynamic()});
  return all;
}

configuration_difference difference(const configured_values& before, const configured_values& now) {
  configuration_difference found;
  for (const auto& [path, next] : now) {
    const auto last = before.find(path);
    if (last == before.end() || last->second.value == next.value) continue;
    if (next.is_dynamic)
      found.dynamic.push_back({path, last->second.value, next.value});
    else
      found.needs_restart.push_back(path);
  }
  return found;
}

configuration_reload::configuration_reload(const application& app, const node_settings& settings, node& running,
                                           read_configuration read)
    : app_{app},
      settings_{settings},
      node_{running},
      read_{std::move(read)},
      log_{app.name},
      ok_{running.metrics().counter(reloads_name, about_reloads, {{"outcome", "ok"}})},
      refused_{running.metrics().counter(reloads_name, about_reloads, {{"outcome", "refused"}})},
      loaded_{values_of(app, settings)},
      in_force_{shared_view(app)} {}

std::shared_ptr<const application> configuration_reload::in_force() const {
  const std::lock_guard lock{lock_};
  return in_force_;
}

reload_report configuration_reload::run() {
  const std::lock_guard one{one_at_a_time_};
  return try_to_reload();
}

reload_report configuration_reload::try_to_reload() {
  auto read = read_();
  if (!read) return refuse({{"configuration", read.error().message}});
  auto& [next, next_settings, problems] = *read;
  if (!problems.empty()) return refuse(std::move(problems));
  const auto found = difference(loaded_, values_of(next, next_settings));

  // What is in force from now on: the new values of dynamic options beside the old ones of the others.
  std::map<std::string, option*, std::less<>> by_path;
  for_each_option(next, [&](const std::string& path, option& o) { by_path.emplace(path, &o); });
  for_each_option(app_, [&](const std::string& path, const option& o) {
    const auto same = by_path.find(path);
    if (!o.is_dynamic() && same != by_path.end()) (void)same->second->set(o.value(), o.origin());
  });
  if (!found.needs_restart.empty())
    if (auto wrong = check_all(next, settings_); !wrong.empty()) {
      wrong.insert(wrong.begin(), {"configuration", "its dynamic options do not fit the options that need a restart: "
                                                    "restart the node"});
      return refuse(std::move(wrong));
    }

  reload_report done;
  done.needs_restart = found.needs_restart;
  apply(done, found);
  {
    const std::lock_guard lock{lock_};
    in_force_ = std::make_shared<const application>(std::move(next));
  }
  ok_.add();
  health_.forget(health_name);
  for (const auto& c : done.applied)
    log_.info("an option has changed", {{"option", c.option}, {"before", c.before}, {"after", c.after}});
  if (!done.needs_restart.empty()) {
    std::string all;
    for (const auto& name : done.needs_restart) all += (all.empty() ? "" : ", ") + name;
    log_.warning("some changed options need a restart", {{"options", all}});
  }
  log_.info("the configuration was reloaded", {{"applied", done.applied.size()}});
  return done;
}

// The options of one item at once, so that no call sees some of them only.
void configuration_reload::apply(reload_report& done, const configuration_difference& found) {
  for (const auto* service : node_.installed().services())
    for (const auto& item : service->items()) {
      std::vector<option_value> values;
      std::vector<option_change> changes;
      for (const auto& o : item->options())
        for (const auto& c : found.dynamic)
          if (c.option == option_path(*service, *item, o)) {
            values.push_back({o.name(), c.after});
            changes.push_back(c);
          }
      if (values.empty()) continue;
      const auto* set = node_.installed().setter_of(item_path(*service, *item));
      result<std::vector<option_value>> before = error{code::unimplemented, "this part takes no new options"};
      if (set) before = (*set)(values);
      for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!before) {
          log_.error("an option can not be changed", {{"option", changes[i].option}, {"cause", before.error()}});
          done.needs_restart.push_back(changes[i].option);
          continue;
        }
        loaded_[changes[i].option].value = changes[i].after;
        changes[i].before = (*before)[i].value;
        done.applied.push_back(std::move(changes[i]));
      }
    }
}

// Sentences may quote a secret that is badly written, and anyone may read the health: it has places only.
reload_report configuration_reload::refuse(std::vector<problem> problems) {
  refused_.add();
  const auto more = problems.size() - 1;
  health_.report(health_name, health_state::degraded,
                 "the last reload was refused, and the configuration before it stays; the log says why: " +
                     problems.front().where + (more > 0 ? ", and " + std::to_string(more) + " more" : std::string{}));
  for (std::size_t i = 0; i < std::min(problems.size(), most_logged_problems); ++i)
    log_.error("the configuration has a mistake", {{"at", problems[i].where}, {"cause", problems[i].sentence}});
  log_.error("the configuration is not reloaded: the last good one stays", {{"problems", problems.size()}});
  return {.outcome = reload_outcome::refused, .problems = std::move(problems)};
}

operator_command configuration_reload::command() {
  return {.method = "POST",
          .path = "/options/reload",
          .run = [this](const operator_request&, completion<std::string> answer) { answer(to_json(run())); }};
}

std::shared_ptr<operator_words> options_words() {
  const operator_word reload{.name = "reload",
                             .help = "Read the configuration again; what can change while the node runs is applied",
                             .arguments = {operators_token()},
                             .method = "POST",
                             .path = "/options/reload",
                             .show = show_reload,
                             .despite_mistakes = true};  // the node says that it refuses them
  return std::make_shared<operator_words>(operator_words{"options", "Options of the running node", {reload}});
}

}  // namespace banyan
