// Configuration reload: reads the sources of the configuration again while the node runs, and gives the parts of the
// node the new values of dynamic options (option::is_dynamic). SIGHUP asks for it (serve.hpp), and an operator, by
// `options reload` or POST /options/reload.
//
//   auto node = serving::start(app, settings, read_again).value();  // read_again: what it would be started with now
//   const auto done = node->reload();
//   if (done->outcome == reload_outcome::refused) std::cerr << report(done->problems);
//
// All or nothing: the whole new configuration is read and checked as at the start, so that a certificate that has
// expired since refuses it too. With any problem nothing changes: the last good configuration stays, the problems are
// logged, and a line of health says so until a reload succeeds. Else dynamic options whose configured value has changed
// since the last good load are set, with a log line each; when a part refuses its new values, those that other parts
// have taken are put back, and the reload is refused. Of the other options a warning names those that differ from what
// the node was started with, as they need a restart.
//
// A value that an operator has set by a command stays until the configured value of that option changes. New values
// that do not fit to it are refused.
#pragma once

#include <banyan/assembly/operator_command.hpp>
#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/check_report.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <boost/describe.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace banyan {

// A pointer that does not own it.
std::shared_ptr<const application> shared_view(const application& app);

// An application declared again and configured from the sources as they are now, and what is wrong with it.
struct configured_application {
  application app;
  node_settings settings;
  std::vector<problem> problems = {};
};
// Errors: unimplemented when a plan can not be declared again.
using read_configuration = std::function<result<configured_application>()>;

struct configured_value {
  std::string value;
  bool is_dynamic = false;
};
// The options of a plan by path, and the settings of a node by name.
using configured_values = std::map<std::string, configured_value, std::less<>>;
configured_values values_of(const application& app, node_settings settings);

struct option_change {
  std::string option, before, after;

  friend bool operator==(const option_change&, const option_change&) = default;
};
BOOST_DESCRIBE_STRUCT(option_change, (), (option, before, after))

struct configuration_difference {
  std::vector<option_change> dynamic;      // to be set
  std::vector<std::string> needs_restart;  // names only: values of settings may be secrets
};
// Both by path. Options that only one side has are left out: a program's plan has the same ones each time.
configuration_difference difference(const configured_values& before, const configured_values& now);

enum class reload_outcome : std::uint8_t { ok, refused };
BOOST_DESCRIBE_ENUM(reload_outcome, ok, refused)

struct reload_report {
  reload_outcome outcome = reload_outcome::ok;
  std::vector<option_change> applied = {};      // `before`: the value in force, also one that an operator has set
  std::vector<std::string> needs_restart = {};  // changed since the start, not applied
  std::vector<problem> problems = {};           // refused: why; empty when there was no memory to say it
};
BOOST_DESCRIBE_STRUCT(reload_report, (), (outcome, applied, needs_restart, problems))

class configuration_reload {
 public:
  // All must outlive this; `app` and `settings` are those with which the node was started.
  configuration_reload(const application& app, const node_settings& settings, node& running, read_configuration read);
  // Waits for the end of one that is under way. Those of `start` that have not begun are answered `unavailable`.
  ~configuration_reload();

  // Thread-safe; a second one waits for the first. Blocks for the time of reading the files and of `check`. Does not
  // throw: a reload that runs out of memory is refused.
  reload_report run() noexcept;
  // The same on a thread of its own: returns at once. Errors: exhausted while one is under way and another one waits.
  void start(completion<reload_report> then);

  // A line "configuration", degraded, when the last reload was refused; else none. Thread-safe.
  std::vector<health_line> lines() const { return health_.lines(); }
  // The application with the values that are configured and in force. Thread-safe.
  std::shared_ptr<const application> in_force() const;
  // POST /options/reload: starts it and answers its report.
  operator_command command();

 private:
  struct item_change;  // new values for one part

  reload_report try_to_reload();
  reload_report refuse(std::vector<problem> problems);
  std::vector<item_change> changes_of(const configuration_difference& found) const;
  std::vector<problem> apply(std::vector<item_change>& changes) const;
  std::vector<problem> put_back(const std::vector<item_change>& changes) const;
  void log_outcome(const reload_report& done) const;
  void answer_those_started();

  const application& app_;
  const node_settings& settings_;
  node& node_;
  const read_configuration read_;
  const logger log_;
  const counter ok_, refused_;
  health health_;
  std::mutex one_at_a_time_;
  configured_values loaded_;  // dynamic options: as last loaded; others: as at the start
  mutable std::mutex lock_;
  std::shared_ptr<const application> in_force_;
  std::mutex waiting_lock_;
  std::condition_variable waiting_changed_;
  completion<reload_report> waiting_;  // empty: none
  bool stops_ = false;
  std::thread thread_;  // last member: it uses the others
};

// `options reload`.
std::shared_ptr<operator_words> options_words();

}  // namespace banyan
