#include "supervise_command.hpp"

#include <banyan/configuration/assignment.hpp>
#include <banyan/observability/terminal.hpp>
#include <banyan/process_supervision/check_commands.hpp>
#include <banyan/process_supervision/keeper.hpp>
#include <banyan/process_supervision/notify_folder.hpp>
#include <banyan/process_supervision/process_supervisor.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include <unistd.h>

namespace banyan {
namespace {

struct supervise_arguments {
  std::string file, color = "auto";
  std::vector<std::string> for_program;
  bool check = false, times = false;
};

bool wants_color(const std::string& when) {
  return when == "auto" ? takes_color(STDOUT_FILENO) : when == "always";
}

int run(const supervise_arguments& a) {
  auto file = read_configuration_file(a.file);
  if (!file) {
    std::cerr << file.error().message << '\n';
    return 2;
  }
  std::vector<problem> problems;
  auto group = read_program_group(*file, problems);
  if (!problems.empty()) {
    std::cerr << report(problems);
    return 2;
  }
  if (auto resolved = resolve(group, folder_of(a.file), a.for_program); !resolved) {
    std::cerr << a.file << ": " << resolved.error().message << '\n';
    return 2;
  }
  problems = check_limits(group);
  if (a.check)
    for (auto& p : check_commands(group)) problems.push_back(std::move(p));
  if (!problems.empty()) {
    std::cerr << report(problems);
    return 2;
  }
  if (a.check) {
    std::cout << a.file << " is sound.\n";
    return 0;
  }
  supervise_options options{.log = {.color = wants_color(a.color), .times = a.times}, .above = service_notifier::of_environment()};
  std::unique_ptr<notify_folder> sockets;  // shared with the keeper, which removes it when the supervisor is killed
  if (std::any_of(group.programs.begin(), group.programs.end(), sends_notifications)) {
    auto made = notify_folder::make();
    if (!made) {
      std::cerr << made.error().message << '\n';
      return 1;
    }
    sockets = std::move(*made);
    options.sockets = sockets->path();
  }
  return keep([&] { return supervise(group, options); });
}

}  // namespace

std::function<int()> add_supervise_command(CLI::App& cli) {
  auto a = std::make_shared<supervise_arguments>();
  auto* command = cli.add_subcommand("supervise", "Run a group of programs; start again those that crash or hang");
  command->add_option("file", a->file, "The group (TOML); see framework/banyan/process_supervision/program_group.hpp")
      ->required()
      ->type_name("FILE");
  command->add_option("arguments", a->for_program, "For the program that takes them; write -- before the first")->type_name("ARGUMENTS");
  command->add_flag("--check", a->check, "Only tell what is wrong with FILE, which limits could not be set, and which commands not be run");
  command->add_flag("--timestamps", a->times, "Begin each line with the time (UTC)");
  command->add_option("--color", a->color, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
  command->footer(
      "SIGTERM, SIGINT or SIGHUP (but not under nohup) ends all programs in reverse order; a second SIGTERM or SIGINT,\n"
      "or SIGQUIT, kills them.\n"
      "Of a program of Banyan: with TLS on its operations port write ready = \"notify\", for a URL is asked over\n"
      "plain HTTP only; and stop_signal = \"SIGHUP\" would reload its configuration instead of stopping it.\n"
      "Exit codes: 0 all ended in order, 1 gave up (the reason on standard error), 2 wrong usage or FILE, 128 + n killed by signal n.\n");
  return [a, command] { return command->parsed() ? run(*a) : 0; };
}

}  // namespace banyan
