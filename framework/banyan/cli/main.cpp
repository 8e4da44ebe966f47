#include "add_command.hpp"
#include "doctor_command.hpp"
#include "new_command.hpp"
#include "node_command.hpp"
#include "run_command.hpp"
#include "supervise_command.hpp"
#include "upgrade_command.hpp"

#include <banyan/plan/suggestion.hpp>
#include <banyan/process_supervision/process_setup.hpp>

#include <functional>
#include <iostream>
#include <vector>

namespace {

int run(int argc, char** argv) {
  CLI::App cli{"banyan: tools around programs that are built with it, and others"};
  cli.name("banyan");
  cli.require_subcommand(1);
  cli.set_version_flag("--version", "banyan " BANYAN_VERSION);
  const std::vector<std::function<int()>> commands{
      banyan::add_new_command(cli),
      banyan::add_add_command(cli),
      banyan::add_upgrade_command(cli),
      banyan::add_run_command(cli),
      banyan::add_supervise_command(cli),
      banyan::add_doctor_command(cli),
      banyan::add_node_commands(cli),
  };
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (cli.exit(e) == 0) return 0;
    std::vector<banyan::command_words> words;
    banyan::collect_words(cli, {}, words);
    if (auto meant = banyan::suggestion(argc, argv, words); !meant.empty()) std::cerr << meant << '\n';
    return 2;
  }
  for (const auto& run_if_given : commands)
    if (const int code = run_if_given(); code != 0) return code;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return banyan::run_process("banyan", [&] { return run(argc, argv); });
}
