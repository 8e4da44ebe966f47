#include <banyan/process_supervision/check_commands.hpp>

#include <banyan/configuration/assignment.hpp>
#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/process_limits.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banyan {
namespace {

using std::filesystem::path;

// Why the file can not be executed, if so.
std::optional<std::string> trouble_with_file(const path& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0) return std::strerror(errno);
  if (S_ISDIR(s.st_mode)) return "it is a folder";
  if (!S_ISREG(s.st_mode)) return "it is no file";
  if (::faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) != 0) return std::strerror(errno);
  return {};
}

// The interpreter of "#!/bin/sh -e": /bin/sh. Empty when there is none or the file can not be read.
std::string interpreter_of(const path& file) {
  std::array<char, 256> bytes;  // the kernel reads this many
  const descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  const auto n = in ? ::read(in.get(), bytes.data(), bytes.size()) : 0;
  std::string_view line{bytes.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  if (!line.starts_with("#!")) return {};
  line = line.substr(2, line.find('\n') - 2);
  const auto from = line.find_first_not_of(" \t");
  if (from == line.npos) return {};
  line.remove_prefix(from);
  return std::string{line.substr(0, line.find_first_of(" \t\r"))};
}

std::optional<std::string> trouble_with(const path& command, const path& directory) {
  if (auto trouble = trouble_with_file(command)) return "cannot run " + command.string() + ": " + *trouble;
  const auto interpreter = interpreter_of(command);
  if (interpreter.empty()) return {};
  if (auto trouble = trouble_with_file(directory / interpreter))
    return "cannot run " + command.string() + ": its interpreter " + interpreter + ": " + *trouble;
  return {};
}

std::string search_path_of(const program_spec& p) {
  const auto* found = std::getenv("PATH");
  std::string text = found ? found : "/bin:/usr/bin";
  for (const auto& [name, value] : p.environment)
    if (name == "PATH") text = value;
  return text;
}

std::optional<std::string> trouble_with(const program_spec& p) {
  const auto& command = p.command.front();
  const path directory = p.directory.empty() ? path{"."} : path{p.directory};
  if (command.find('/') != command.npos) return trouble_with(directory / command, directory);
  const auto all = search_path_of(p);
  std::optional<std::string> first;
  for (std::size_t at = 0; at <= all.size();) {
    const auto end = std::min(all.find(':', at), all.size());
    const auto file = directory / all.substr(at, end - at) / command;
    at = end + 1;
    struct stat s {};
    if (::stat(file.c_str(), &s) != 0) continue;
    auto trouble = trouble_with(file, directory);
    if (!trouble) return {};
    if (!first) first = std::move(trouble);
  }
  return first ? first : "cannot run " + command + ": it is not in PATH (" + all + ")";
}

std::optional<std::string> trouble_with_directory(const std::string& directory) {
  if (directory.empty()) return {};
  struct stat s {};
  std::string why;
  if (::stat(directory.c_str(), &s) != 0)
    why = std::strerror(errno);
  else if (!S_ISDIR(s.st_mode))
    why = "it is no folder";
  else if (::faccessat(AT_FDCWD, directory.c_str(), X_OK, AT_EACCESS) != 0)
    why = std::strerror(errno);
  return why.empty() ? std::nullopt : std::optional{"cannot enter the directory " + directory + ": " + why};
}

// Whether a hard limit may be raised, and how far, is found by trying: it depends on capabilities and fs.nr_open.
bool may_set(const process_limit& l, const rlimit& own) {
  if (l.most <= own.rlim_max) return true;
  const rlimit raised{.rlim_cur = own.rlim_cur, .rlim_max = l.most};
  if (::setrlimit(l.resource, &raised) != 0) return false;
  (void)::setrlimit(l.resource, &own);
  return true;
}

}  // namespace

std::vector<problem> check_limits(const program_group& group) {
  std::vector<problem> problems;
  for (const auto& p : group.programs)
    for (const auto& l : process_limits(p.limits)) {
      rlimit own{};
      if (::getrlimit(l.resource, &own) != 0 || may_set(l, own)) continue;
      const auto place = p.limit_places.find(l.key);
      problems.push_back({place == p.limit_places.end() ? p.name + "." + l.key : place->second,
                          std::to_string(l.most) + " is more than this process may give: its own hard limit (ulimit -H) is " +
                              std::to_string(own.rlim_max)});
    }
  for (auto& p : problems) make_printable(p);
  return problems;
}

std::vector<problem> check_commands(const program_group& group) {
  std::vector<problem> problems;
  for (const auto& p : group.programs) {
    if (auto wrong = trouble_with_directory(p.directory))
      problems.push_back({p.directory_place.empty() ? p.command_place : p.directory_place, std::move(*wrong)});
    else if (auto trouble = trouble_with(p))
      problems.push_back({p.command_place, std::move(*trouble)});
  }
  for (auto& p : problems) make_printable(p);
  return problems;
}

}  // namespace banyan
