#include "upgrade_command.hpp"

#include "project_folder.hpp"

#include <banyan/core/json.hpp>
#include <banyan/scaffold/embedded_template.hpp>
#include <banyan/scaffold/upgrade.hpp>

#include <iostream>
#include <memory>

namespace banyan {
namespace {

struct upgrade_report {
  std::string folder;
  bool dry_run = false, up_to_date = false;
  std::vector<std::string> created, changed, conflicts, occupied, deleted, dropped;
};
BOOST_DESCRIBE_STRUCT(upgrade_report, (),
                      (folder, dry_run, up_to_date, created, changed, conflicts, occupied, deleted, dropped))

void print(const upgrade_report& r, std::ostream& out) {
  if (r.up_to_date) {
    out << r.folder << " is up to date.\n";
    return;
  }
  const auto list = [&](const char* title, const std::vector<std::string>& paths) {
    if (!paths.empty()) out << title << '\n';
    for (const auto& path : paths) out << "  " << path << '\n';
  };
  out << (r.dry_run ? "Would be upgraded: " : "Upgraded: ") << r.folder << '\n';
  list("Added:", r.created);
  list("Changed:", r.changed);
  list("Deleted by you, and left so:", r.deleted);
  list("Of the template no more, and left:", r.dropped);
  list("New in the template, but something else is there:", r.occupied);
  list("Conflicts, between <<<<<<< yours and >>>>>>> template:", r.conflicts);
}

int run(const change_arguments& a) {
  const auto project = read_project(a.folder);
  if (!project) return refuse(project.error());
  const auto from = scaffold::read_template(scaffold::embedded_template()).value();
  const auto made = scaffold::make_upgrade(from, project->record,
                                           [&](const std::string& path) { return read_file(project->root / path); });
  if (!made) return refuse(made.error());
  if (!a.dry_run && !made->is_up_to_date())
    if (auto written = write_until_signal(project->root, made->made); !written) return refuse(written.error());
  upgrade_report r{project->root.string(), a.dry_run,      made->is_up_to_date(), {},           {},
           made->conflicts,        made->occupied, made->deleted,         made->dropped};
  for (const auto& f : made->made.created) r.created.push_back(f.path);
  for (const auto& f : made->made.changed) r.changed.push_back(f.path);
  if (a.json)
    std::cout << to_json(r) << '\n';
  else
    print(r, std::cout);
  return r.conflicts.empty() && r.occupied.empty() ? 0 : 1;
}

}  // namespace

std::function<int()> add_upgrade_command(CLI::App& cli) {
  auto a = std::make_shared<change_arguments>();
  auto* command = cli.add_subcommand("upgrade", "Merge the newer template of this program with an application");
  add_change_options(*command, *a);
  command->footer(
      "What people changed stays; where the template changed the same lines, both stand in the file. Exit codes: 0 "
      "merged\n"
      "or up to date, 1 conflicts or it could not be written, 2 refused (a sentence on standard error), 130 "
      "interrupted.\n");
  return [a, command] { return command->parsed() ? run(*a) : 0; };
}

}  // namespace banyan
