// What the commands that change an application have in common: its folder, its files, signals, and refusals.
#pragma once

#include "project_writer.hpp"

#include <banyan/scaffold/record.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace banyan {

std::optional<std::string> read_file(const std::filesystem::path& path);

// The nearest folder, upwards from `from`, that was made by this program, or whose record says that services can be
// added. A source tree around a folder that is apart from it is passed over.
std::optional<std::filesystem::path> find_project(const std::filesystem::path& from);

struct open_project {
  std::filesystem::path root;
  scaffold::project_record record;
};

// Errors: `from` is in no application, or its record can not be read.
result<open_project> read_project(const std::filesystem::path& from);

// write_changes, which SIGINT, SIGTERM and SIGHUP interrupt.
result<void> write_until_signal(const std::filesystem::path& root, const scaffold::changes& changes);

// The same of write_project.
result<void> write_until_signal(const std::filesystem::path& target, const std::vector<scaffold::text_file>& files);

// Prints the error. Returns the exit code: 1 for what can not be written, 2 for a refusal, 128 and the signal's number.
int refuse(const error& e);

// --dir, --dry-run and --json of a command that changes an application.
struct change_arguments {
  std::string folder = ".";
  bool dry_run = false, json = false;
};
void add_change_options(CLI::App& to, change_arguments& a);

}  // namespace banyan
