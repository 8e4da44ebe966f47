#include "doctor_command.hpp"

#include "doctor/facts.hpp"

#include <banyan/core/json.hpp>
#include <banyan/observability/terminal.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace banyan {
namespace {

constexpr std::chrono::seconds commands_within{5};  // all programs that are asked for their version

struct doctor_arguments {
  std::string folder = ".";
  bool as_json = false;
};

void add(std::vector<doctor::finding>& to, std::vector<doctor::finding> more) {
  for (auto& f : more) to.push_back(std::move(f));
}

std::vector<doctor::finding> examine_toolchain() {
  std::vector<doctor::finding> found;
  const auto deadline = system_clock().steady() + commands_within;
  const auto compilers = doctor::look_for_compilers(deadline);
  found.push_back(judge(compilers));
  for (const auto& t : doctor::tools())
    found.push_back(judge(t, doctor::look_for_program(std::string{t.name}, deadline)));
  if (const auto* compiler = compiler_of(compilers))
    add(found, doctor::judge(doctor::look_for_libraries(*compiler, deadline)));
  found.push_back(judge(doctor::look_at_linked()));
  found.push_back(judge(doctor::look_for_package()));
  return found;
}

std::vector<doctor::finding> examine_machine() {
  std::vector<doctor::finding> found{judge(doctor::look_at_cores()), judge(doctor::look_at_memory()),
                                     judge(doctor::look_at_open_files()), judge(doctor::look_at_inotify()),
                                     judge(doctor::look_at_backlog())};
  const node_settings defaults;
  found.push_back(judge(doctor::look_at_port("listen", defaults.listen)));
  found.push_back(judge(doctor::look_at_port("admin", defaults.admin)));
  add(found, judge(doctor::look_at_clock()));
  return found;
}

int run(const doctor_arguments& a) {
  auto found = examine_toolchain();
  add(found, examine_machine());
  add(found, judge(doctor::look_at_disk(a.folder)));
  std::cout << (a.as_json ? to_json(found) + "\n" : to_text(found, takes_color(STDOUT_FILENO)));
  return exit_code(found);
}

}  // namespace

std::function<int()> add_doctor_command(CLI::App& cli) {
  auto a = std::make_shared<doctor_arguments>();
  auto* command = cli.add_subcommand("doctor", "What this machine has of what a build and a node need, and what to do");
  command->add_option("--dir", a->folder, "The folder that a node would keep its data in")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--json", a->as_json, "As JSON: an array of name, status, value and advice");
  command->footer("Exit codes: 0 nothing is an error, 1 something is, 2 wrong usage.\n");
  return [a, command] { return command->parsed() ? run(*a) : 0; };
}

}  // namespace banyan
