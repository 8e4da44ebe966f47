// The operator's subcommands of a program's command line, which call the operations port of the running node
// (operator_endpoints.hpp). The patterns of the plan define them as data (assembly/operator_words.hpp), for example
//
//   shop dead-letters list
//   shop dead-letters replay orders.placed fulfilment 12 --token ...      # or --all
//   shop parked replay order_book orders-536365
//   shop subscriptions reset orders.placed fulfilment --to now     # or start, or a position
//
// and one that every program has: `shop options reload` (reload.hpp).
//
// The token is that of the node: --token, BANYAN_OPERATOR_TOKEN, or operator_token of its configuration.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/operations_arguments.hpp>

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace banyan {

class operator_commands {
 public:
  // Adds the words of `app` to a command line, by their names. `asked`: where the options go that say how to reach the
  // node. Both must outlive this. `configured` adds the options of the configuration to each. Throws
  // std::invalid_argument when two patterns offer one name, and CLI::OptionAlreadyAdded when the command line has it.
  operator_commands(CLI::App& cli, const application& app, operations_arguments& asked,
                    const std::function<void(CLI::App&)>& configured);
  ~operator_commands();

  // After the command line was read: the exit code, when it was one of these (0; 1 or 2 with sentences on `err`).
  // `mistakes`: of the configuration that `settings` were read from; they prevent all words but those that say
  // otherwise (operator_word::despite_mistakes).
  std::optional<int> run(const node_settings& settings, const std::vector<problem>& mistakes, std::ostream& out,
                         std::ostream& err) const;

 private:
  struct command;
  const application& app_;
  const operations_arguments& asked_;
  std::vector<std::unique_ptr<command>> all_;
};

}  // namespace banyan
