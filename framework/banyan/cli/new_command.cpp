#include "new_command.hpp"

#include "project_folder.hpp"

#include <banyan/core/json.hpp>
#include <banyan/scaffold/embedded_template.hpp>
#include <banyan/scaffold/new_project.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

namespace banyan {
namespace {

namespace fs = std::filesystem;

struct new_arguments {
  std::string name, with, folder = ".", aggregate;
  bool http = false, dry_run = false, json = false, yes = false;
};

// What is told when all went well.
struct paste_report {
  std::string file, lines;
};
BOOST_DESCRIBE_STRUCT(paste_report, (), (file, lines))
struct new_report {
  std::string folder;
  bool dry_run = false;
  std::vector<std::string> implied, created, changed;
  std::vector<paste_report> to_paste;
  std::vector<std::string> next;
};
BOOST_DESCRIBE_STRUCT(new_report, (), (folder, dry_run, implied, created, changed, to_paste, next))

// The paths as a tree: folders once, what is in them further right.
void print_tree(std::ostream& out, std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> open;
  for (const auto& path : paths) {
    std::vector<std::string> parts;
    for (const auto& part : fs::path{path}) parts.push_back(part.string());
    std::size_t same = 0;
    while (same < open.size() && same + 1 < parts.size() && open[same] == parts[same]) ++same;
    for (auto i = same; i < parts.size(); ++i)
      out << std::string(2 * (i + 1), ' ') << parts[i] << (i + 1 < parts.size() ? "/" : "") << '\n';
    parts.pop_back();
    open = std::move(parts);
  }
}

void print(const new_report& r, std::ostream& out) {
  for (const auto& pattern : r.implied) out << "With " << pattern << ", which the others need.\n";
  out << (r.dry_run ? "Would be made in " : "Made in ") << r.folder << ":\n";
  print_tree(out, r.created);
  if (!r.changed.empty()) {
    out << (r.dry_run ? "Would be changed:\n" : "Changed:\n");
    print_tree(out, r.changed);
  }
  for (const auto& p : r.to_paste) out << "There is no place for this in " << p.file << "; paste it:\n" << p.lines;
  out << "Next:\n";
  for (const auto& command : r.next) out << "  " << command << '\n';
}

std::vector<std::string> paths_of(const std::vector<scaffold::text_file>& files) {
  std::vector<std::string> paths;
  for (const auto& f : files) paths.push_back(f.path);
  return paths;
}

bool is_of_a_service(const std::string& path) { return path.ends_with("/service.cpp"); }

// The commands of the tree for its new service.
std::vector<std::string> next_in(const scaffold::tree_record& tree, const std::string& name) {
  auto commands = tree.next;
  for (auto& command : commands)
    for (std::size_t at; (at = command.find("NAME")) != command.npos;) command.replace(at, 4, name);
  return commands;
}

new_report report_of(const scaffold::changes& changes, const fs::path& root, const new_arguments& a,
                     const scaffold::chosen_patterns& patterns, const std::optional<scaffold::tree_record>& tree) {
  new_report r{root.string(), a.dry_run, patterns.implied, paths_of(changes.created), paths_of(changes.changed), {}, {}};
  for (const auto& f : changes.to_paste) r.to_paste.push_back({f.path, f.text});
  std::error_code unseen;
  if (!fs::equivalent(root, fs::current_path(), unseen)) r.next.push_back("cd " + root.string());
  const bool is_empty = std::none_of(r.created.begin(), r.created.end(), is_of_a_service);
  if (is_empty) r.next.push_back("banyan new service NAME --with cqrs --http");
  if (tree) {
    for (auto& command : next_in(*tree, a.name)) r.next.push_back(std::move(command));
    return r;
  }
  r.next.push_back("cmake --preset dev && cmake --build --preset dev");
  r.next.push_back("ctest --preset dev");
  return r;
}

int finish(const new_report& r, const new_arguments& a, const result<void>& written) {
  if (!written) return refuse(written.error());
  if (a.json)
    std::cout << to_json(r) << '\n';
  else
    print(r, std::cout);
  return 0;
}

int make_project(const result<scaffold::changes>& made, const new_arguments& a,
                 const scaffold::chosen_patterns& patterns) {
  if (!made) return refuse(made.error());
  const auto root = (fs::path{a.folder} / a.name).lexically_normal();
  std::error_code unseen;
  if (fs::symlink_status(root, unseen).type() != fs::file_type::not_found)
    return refuse(error{code::conflict, root.string() + " exists already."});
  if (!fs::is_directory(a.folder, unseen)) return refuse(error{code::not_found, a.folder + " is no folder."});
  return finish(report_of(*made, root, a, patterns, {}), a,
                a.dry_run ? result<void>{} : write_until_signal(root, made->created));
}

int make_app(const new_arguments& a) {
  const auto from = scaffold::read_template(scaffold::embedded_template()).value();
  if (const auto around = find_project(a.folder))
    return refuse(
        error{code::conflict,
              around->string() +
                  " is an application already; `banyan new service` adds to it, and --dir names another folder."});
  return make_project(scaffold::new_application(from, a.name), a, {});
}

int make_service(const new_arguments& a) {
  const auto from = scaffold::read_template(scaffold::embedded_template()).value();
  auto patterns = scaffold::parse_patterns(a.with);
  if (!patterns) return refuse(patterns.error());
  const scaffold::service_request wanted{a.name, a.aggregate, *patterns, a.http};
  const auto root = find_project(a.folder);
  if (!root) return make_project(scaffold::new_service_alone(from, wanted), a, *patterns);
  const auto project = read_project(*root);
  if (!project) return refuse(project.error());
  const auto made = scaffold::new_service_inside(from, wanted, project->record,
                                                 [&](const std::string& path) { return read_file(*root / path); });
  if (!made) return refuse(made.error());
  for (const auto& f : made->created)
    if (const auto folder = *root / fs::path{f.path}.parent_path(); f.path != scaffold::base_path && fs::exists(folder))
      return refuse(error{code::conflict, folder.string() + " exists already."});
  return finish(report_of(*made, *root, a, *patterns, project->record.tree), a,
                a.dry_run ? result<void>{} : write_until_signal(*root, *made));
}

void add_common_options(CLI::App& to, const std::string& what, new_arguments& a) {
  to.add_option("name", a.name, "Of the " + what + ": small letters, digits and _")->required()->type_name("NAME");
  to.add_option("--dir", a.folder, "The folder in which it is made (.)")->type_name("DIR");
  to.add_flag("--dry-run", a.dry_run, "Print what would be written, and write nothing");
  to.add_flag("--json", a.json, "Print the result as JSON");
  to.add_flag("--yes", a.yes, "Ask nothing (which this version never does)");
}

}  // namespace

std::function<int()> add_new_command(CLI::App& cli) {
  auto a = std::make_shared<new_arguments>();
  auto* command = cli.add_subcommand("new", "Make an application, or a service, that builds and whose tests pass");
  command->require_subcommand(1);
  auto* app = command->add_subcommand("app", "An application without services yet");
  add_common_options(*app, "application", *a);
  auto* service = command->add_subcommand(
      "service", "A service of the application or repository around the folder, or with an application of its own");
  add_common_options(*service, "service", *a);
  service
      ->add_option("--with", a->with,
                   "Patterns: event_sourcing, sharding, cqrs, pub_sub, saga, ambassador:OTHER_SERVICE, circuit_breaker")
      ->type_name("P1,P2");
  service->add_flag("--http", a->http, "With routes of the HTTP API");
  service
      ->add_option("--aggregate", a->aggregate, "The struct of its entities; default: from the name, order for orders")
      ->type_name("NAME");
  service->footer(
      "An ambassador is the link for all calls to another service, with a deadline and retries; circuit_breaker adds "
      "a\n"
      "breaker to it. Alone, as `--with circuit_breaker`, in an application of its own, the other service is made "
      "too,\n"
      "and called partners. An HTTP API outside the application: add `.over` to the link in service.cpp.\n");
  command->footer(
      "Exit codes: 0 made, 1 it could not be written, 2 refused (a sentence on standard error), 130 interrupted.\n");
  return [a, app, service] {
    if (app->parsed()) return make_app(*a);
    return service->parsed() ? make_service(*a) : 0;
  };
}

}  // namespace banyan
