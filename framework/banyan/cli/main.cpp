#include "supervise_command.hpp"

#include <banyan/process_supervision/process_setup.hpp>

namespace {

int run(int argc, char** argv) {
  CLI::App cli{"banyan: tools around programs that are built with it, and others"};
  cli.name("banyan");
  cli.require_subcommand(1);
  const auto supervise = banyan::add_supervise_command(cli);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : 2;
  }
  return supervise();
}

}  // namespace

int main(int argc, char** argv) {
  return banyan::run_process("banyan", [&] { return run(argc, argv); });
}
