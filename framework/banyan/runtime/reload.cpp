#include <banyan/runtime/reload.hpp>

#include <banyan/core/json.hpp>

#include <algorithm>
#include <exception>
#include <new>
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

// A part that throws has set nothing.
result<std::vector<option_value>> set_values(const option_setter& to, const std::vector<option_value>& values) {
  try {
    return to(values);
  } catch (const std::bad_alloc&) {
    return error{code::exhausted, "there is no memory for its new values"};
  } catch (const std::exception& e) {
    return error{code::internal, e.what()};
  }
}

}  // namespace

std::shared_ptr<const application> shared_view(const application& app) { return {std::shared_ptr<void>{}, &app}; }

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
      in_force_{shared_view(app)},
      thread_{[this] { answer_those_started(); }} {}

configuration_reload::~configuration_reload() {
  {
    const std::lock_guard lock{waiting_lock_};
    stops_ = true;
  }
  waiting_changed_.notify_one();
  thread_.join();
}

std::shared_ptr<const application> configuration_reload::in_force() const {
  const std::lock_guard lock{lock_};
  return in_force_;
}

reload_report configuration_reload::run() noexcept {
  const std::lock_guard one{one_at_a_time_};
  try {
    try {
      return try_to_reload();
    } catch (const std::bad_alloc&) {
      return refuse({{"configuration", "there is no memory to read it"}});
    } catch (const std::exception& e) {
      return refuse({{"configuration", e.what()}});
    }
  } catch (const std::bad_alloc&) {  // nor to say so
    return {.outcome = reload_outcome::refused};
  }
}

void configuration_reload::start(completion<reload_report> then) {
  {
    const std::lock_guard lock{waiting_lock_};
    if (!waiting_) {
      waiting_ = std::move(then);
      waiting_changed_.notify_one();
      return;
    }
  }
  then(error{code::exhausted, "a reload is under way, and another one waits"});
}

void configuration_reload::answer_those_started() {
  for (;;) {
    completion<reload_report> next;
    {
      std::unique_lock lock{waiting_lock_};
      waiting_changed_.wait(lock, [this] { return stops_ || waiting_; });
      if (stops_) return;
      next = std::move(waiting_);
    }
    try {
      next(run());
    } catch (const std::bad_alloc&) {
      // There is no memory for the answer; what was done is in the metrics.
    }
  }
}

struct configuration_reload::item_change {
  std::string item;
  const option_setter* set;  // null: this part takes no new values
  std::vector<option_value> values, before;
  std::vector<option_change> changes;
  bool is_set = false;
};

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

  // All that may fail comes before the first change; behind the last one nothing does.
  reload_report done;
  done.needs_restart = found.needs_restart;
  done.applied.reserve(found.dynamic.size());
  auto loaded = loaded_;
  for (const auto& c : found.dynamic) loaded[c.option].value = c.after;
  auto in_force = std::make_shared<const application>(std::move(next));
  auto changes = changes_of(found);
  if (auto wrong = apply(changes); !wrong.empty()) return refuse(std::move(wrong));
  for (auto& item : changes)
    for (std::size_t i = 0; i < item.changes.size(); ++i) {
      item.changes[i].before = std::move(item.before[i].value);
      done.applied.push_back(std::move(item.changes[i]));
    }
  loaded_.swap(loaded);
  {
    const std::lock_guard lock{lock_};
    in_force_.swap(in_force);
  }
  ok_.add();
  health_.forget(health_name);
  log_outcome(done);
  return done;
}

// By item, as the options of one are set at once: no call sees some of them only.
std::vector<configuration_reload::item_change> configuration_reload::changes_of(
    const configuration_difference& found) const {
  std::vector<item_change> all;
  for (const auto* service : node_.installed().services())
    for (const auto& item : service->items()) {
      auto path = item_path(*service, *item);
      const auto* set = node_.installed().setter_of(path);
      item_change one{std::move(path), set, {}, {}, {}};
      for (const auto& o : item->options())
        for (const auto& c : found.dynamic)
          if (c.option == option_path(*service, *item, o)) {
            one.values.push_back({o.name(), c.after});
            one.changes.push_back(c);
          }
      if (!one.values.empty()) all.push_back(std::move(one));
    }
  return all;
}

// Returns why nothing has changed; empty: all has.
std::vector<problem> configuration_reload::apply(std::vector<item_change>& changes) const {
  std::vector<problem> wrong;
  for (const auto& item : changes)
    if (!item.set) wrong.push_back({item.item, "it takes no new values while the node runs: restart the node"});
  if (!wrong.empty()) return wrong;
  try {
    for (auto& item : changes) {
      auto before = set_values(*item.set, item.values);
      if (before) {
        item.before = std::move(*before);
        item.is_set = true;
        continue;
      }
      wrong.push_back({item.item, before.error().message});
      break;
    }
  } catch (...) {
    put_back(changes);
    throw;
  }
  if (!wrong.empty())
    for (auto& p : put_back(changes)) wrong.push_back(std::move(p));
  return wrong;
}

// Returns what could not be put back, as far as there is memory to say it.
std::vector<problem> configuration_reload::put_back(const std::vector<item_change>& changes) const {
  std::vector<problem> wrong;
  for (auto item = changes.rbegin(); item != changes.rend(); ++item) try {
      if (!item->is_set) continue;
      if (const auto again = set_values(*item->set, item->before); !again)
        wrong.push_back({item->item, "its earlier values can not be put back: " + again.error().message});
    } catch (const std::bad_alloc&) {
      continue;
    }
  return wrong;
}

void configuration_reload::log_outcome(const reload_report& done) const {
  try {
    for (const auto& c : done.applied)
      log_.info("an option has changed", {{"option", c.option}, {"before", c.before}, {"after", c.after}});
    if (!done.needs_restart.empty()) {
      std::string all;
      for (const auto& name : done.needs_restart) all += (all.empty() ? "" : ", ") + name;
      log_.warning("some changed options need a restart", {{"options", all}});
    }
    log_.info("the configuration was reloaded", {{"applied", done.applied.size()}});
  } catch (const std::bad_alloc&) {
    // It has changed all the same.
  }
}

// Anyone may read the health: it has places only, and no values.
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
          .run = [this](const operator_request&, completion<std::string> answer) {
            start([answer = std::move(answer)](result<reload_report> done) mutable {
              if (!done) return answer(done.error());
              answer(to_json(*done));
            });
          }};
}

}  // namespace banyan
