#include <banyan/configuration/sources.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace banyan {

std::vector<std::string> process_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry && *entry; ++entry) entries.emplace_back(*entry);
  return entries;
}

result<configuration_file> read_configuration_file(const std::string& path) {
  std::error_code bad;
  if (!std::filesystem::exists(path, bad)) return error{code::not_found, "there is no file " + path};
  if (!std::filesystem::is_regular_file(path, bad)) return error{code::unavailable, path + " is not a file"};
  std::ifstream in{path, std::ios::binary};
  std::string text(max_configuration_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) return error{code::unavailable, path + " can not be read"};
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > max_configuration_bytes) return error{code::exhausted, path + " has more than 256 KiB: this is no configuration"};
  return configuration_file{path, std::move(text)};
}

std::vector<configuration_file> read_configuration_files(const std::vector<std::string>& named,
                                                         const std::string& by_default,
                                                         std::vector<problem>& problems) {
  std::vector<configuration_file> files;
  for (const auto& name : named.empty() ? std::vector{by_default} : named) {
    auto file = read_configuration_file(name);
    if (file)
      files.push_back(std::move(*file));
    else if (!named.empty() || file.error().code != code::not_found)
      problems.push_back({name, file.error().message});
  }
  return files;
}

}  // namespace banyan
