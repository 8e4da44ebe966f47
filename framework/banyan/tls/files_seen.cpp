#include <banyan/tls/files_seen.hpp>

#include <utility>

#include <sys/stat.h>

namespace banyan::tls {

files_seen::files_seen(std::vector<std::string> files) : files_{std::move(files)}, seen_{look()} {}

bool files_seen::changed() {
  auto now = look();
  return std::exchange(seen_, now) != now;
}

std::string files_seen::look() const {
  std::string all;
  for (const auto& file : files_) {
    struct ::stat s {};
    if (file.empty()) continue;
    if (::stat(file.c_str(), &s) != 0) {
      all += "gone;";
      continue;
    }
    for (const auto number : {static_cast<long long>(s.st_ino), static_cast<long long>(s.st_size),
                              static_cast<long long>(s.st_mtim.tv_sec), static_cast<long long>(s.st_mtim.tv_nsec)})
      all += std::to_string(number) + ",";
    all += ";";
  }
  return all;
}

}  // namespace banyan::tls
