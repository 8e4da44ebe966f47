#include "project_folder.hpp"

#include <banyan/process_supervision/process_setup.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

namespace banyan {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t signal_received = 0;

// Signals only set a flag while files are written. One that is ignored stays so, as under nohup.
interrupted_function listen_for_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(number)) std::signal(number, [](int n) { signal_received = n; });
  return [] { return signal_received != 0; };
}

// Whether `folder` is in one of the folders of a tree that do not belong to it.
bool is_apart(const fs::path& folder, const fs::path& root) {
  const auto record = scaffold::read_record(read_file(root / scaffold::record_path).value_or(""));
  const auto top = *folder.lexically_relative(root).begin();
  return record && record->tree && std::ranges::count(record->tree->apart, top.string()) > 0;
}

}  // namespace

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code unseen;
  if (!fs::is_regular_file(path, unseen)) return {};
  std::ifstream in{path, std::ios::binary};
  if (!in) return {};
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

std::optional<fs::path> find_project(const fs::path& from) {
  std::error_code failed;
  const auto inner = fs::weakly_canonical(from, failed);
  for (auto folder = inner; !failed; folder = folder.parent_path()) {
    if (fs::exists(folder / scaffold::record_path, failed) && !is_apart(inner, folder)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return {};
}

result<open_project> read_project(const fs::path& from) {
  const auto root = find_project(from);
  if (!root)
    return error{code::not_found, from.string() + " is in no application that `banyan new` made; --dir names one."};
  auto record = scaffold::read_record(read_file(*root / scaffold::record_path).value_or(""));
  if (!record)
    return error{code::invalid_argument, (*root / scaffold::record_path).string() + ": " + record.error().message};
  return open_project{*root, std::move(*record)};
}

result<void> write_until_signal(const fs::path& root, const scaffold::changes& changes) {
  return write_changes(root, changes, listen_for_signals());
}

result<void> write_until_signal(const fs::path& target, const std::vector<scaffold::text_file>& files) {
  return write_project(target, files, listen_for_signals());
}

int refuse(const error& e) {
  std::cerr << e.message << '\n';
  if (e.reason == interrupted_reason) return 128 + signal_received;
  return e.code == code::unavailable ? 1 : 2;
}

void add_change_options(CLI::App& to, change_arguments& a) {
  to.add_option("--dir", a.folder, "The application's folder, or one in it (.)")->type_name("APP");
  to.add_flag("--dry-run", a.dry_run, "Print what would be written, and write nothing");
  to.add_flag("--json", a.json, "Print the result as JSON");
}

}  // namespace banyan
