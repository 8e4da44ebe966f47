#include "add_command.hpp"

#include "project_folder.hpp"

#include <banyan/core/json.hpp>
#include <banyan/scaffold/add_pattern.hpp>
#include <banyan/scaffold/embedded_template.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace banyan {
namespace {

struct add_arguments : change_arguments {
  std::string patterns, service;
};

struct piece_report {
  std::string file, outcome, lines;  // no lines: the file itself
};
BOOST_DESCRIBE_STRUCT(piece_report, (), (file, outcome, lines))
struct add_report {
  std::string folder;
  bool dry_run = false;
  std::vector<std::string> implied;
  std::vector<piece_report> pieces;
};
BOOST_DESCRIBE_STRUCT(add_report, (), (folder, dry_run, implied, pieces))

constexpr const char* to_paste = "to paste";

std::string outcome_of(scaffold::wired what) {
  if (what == scaffold::wired::no_place) return to_paste;
  return what == scaffold::wired::inserted ? "inserted" : "already there";
}

// The first line that is no comment of C++, as a name of the piece.
std::string first_line(const std::string& lines) {
  for (auto line : scaffold::lines_of(lines)) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.empty() && !line.starts_with("//")) return "  " + std::string{line};
  }
  return {};
}

void print(const add_report& r, std::ostream& out) {
  const auto has = [&](const char* outcome) {
    return std::any_of(r.pieces.begin(), r.pieces.end(), [&](const auto& p) { return p.outcome == outcome; });
  };
  for (const auto& pattern : r.implied) out << "With " << pattern << ", which the others need.\n";
  if (!has("inserted"))
    out << "Nothing is changed in " << r.folder << ":\n";
  else
    out << (r.dry_run ? "Would be changed in " : "Changed in ") << r.folder << ":\n";
  for (const auto& p : r.pieces)
    if (p.outcome != to_paste)
      out << "  " << p.outcome << std::string(15 - p.outcome.size(), ' ') << p.file << first_line(p.lines) << '\n';
  for (const auto& p : r.pieces) {
    if (p.outcome != to_paste) continue;
    out << "There is no place for this in " << p.file << "; paste it:\n" << p.lines;
    if (!p.lines.ends_with('\n')) out << '\n';
  }
}

int run(const add_arguments& a) {
  const auto project = read_project(a.folder);
  if (!project) return refuse(project.error());
  const auto from = scaffold::read_template(scaffold::embedded_template()).value();
  const auto added = scaffold::add_patterns(from, a.patterns, a.service, project->record,
                                            [&](const std::string& path) { return read_file(project->root / path); });
  if (!added) return refuse(added.error());
  const bool is_writing = !a.dry_run && !(added->made.created.empty() && added->made.changed.empty());
  if (is_writing)
    if (auto written = write_until_signal(project->root, added->made); !written) return refuse(written.error());
  add_report r{project->root.string(), a.dry_run, added->implied, {}};
  for (const auto& p : added->pieces) r.pieces.push_back({p.path, outcome_of(p.what), p.lines});
  if (a.json)
    std::cout << to_json(r) << '\n';
  else
    print(r, std::cout);
  return std::any_of(r.pieces.begin(), r.pieces.end(), [](const auto& p) { return p.outcome == to_paste; }) ? 1 : 0;
}

}  // namespace

std::function<int()> add_add_command(CLI::App& cli) {
  auto a = std::make_shared<add_arguments>();
  auto* command = cli.add_subcommand("add", "Add a pattern to a service that `banyan new` made");
  command
      ->add_option("pattern", a->patterns,
                   "event_sourcing, sharding, cqrs, pub_sub, saga, ambassador:OTHER_SERVICE or circuit_breaker")
      ->required()
      ->type_name("PATTERN");
  command->add_option("service", a->service, "The service")->required()->type_name("SERVICE");
  add_change_options(*command, *a);
  command->footer(
      "Lines are inserted and files are added; what people changed stays. Exit codes: 0 all is inserted or was there,\n"
      "1 something is to be pasted or could not be written, 2 refused (a sentence on standard error), 130 "
      "interrupted.\n");
  return [a, command] { return command->parsed() ? run(*a) : 0; };
}

}  // namespace banyan
