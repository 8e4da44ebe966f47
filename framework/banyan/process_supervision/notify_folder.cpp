#include <banyan/process_supervision/notify_folder.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banyan {
namespace {

constexpr std::string_view prefix = "banyan-supervise-";
constexpr std::size_t longest = 64;  // a socket's path has 107 bytes, including its name

bool is_private(const char* folder) {
  struct stat s {};
  return ::stat(folder, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == ::geteuid() && (s.st_mode & 077) == 0;
}

// Locks a folder that belongs to this user and is not a link; empty when another process holds the lock.
descriptor locked(const std::string& path) {
  descriptor d{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat s {};
  if (!d || ::fstat(d.get(), &s) != 0 || s.st_uid != ::geteuid() || ::flock(d.get(), LOCK_EX | LOCK_NB) != 0) return {};
  return d;
}

void remove_abandoned(const std::string& parent) {
  std::error_code failed;
  for (std::filesystem::directory_iterator at{parent, failed}, end; !failed && at != end; at.increment(failed)) {
    if (!at->path().filename().native().starts_with(prefix)) continue;
    std::error_code ignored;
    if (locked(at->path().native())) std::filesystem::remove_all(at->path(), ignored);
  }
}

}  // namespace

result<std::unique_ptr<notify_folder>> notify_folder::make() {
  const auto* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime && runtime[0] == '/' && std::strlen(runtime) < longest && is_private(runtime))
    if (auto made = make_below(runtime)) return made;
  std::error_code none;
  const auto temporary = std::filesystem::temp_directory_path(none).string();
  return make_below(none || temporary.size() >= longest ? "/tmp" : temporary);
}

result<std::unique_ptr<notify_folder>> notify_folder::make_below(const std::string& parent) {
  remove_abandoned(parent);
  // Before it is locked another supervisor may remove it as abandoned; then the next one is tried.
  for (int attempts = 0; attempts < 10; ++attempts) {
    auto path = parent + "/" + std::string{prefix} + "XXXXXX";
    if (!::mkdtemp(path.data())) break;
    auto lock = locked(path);
    struct stat held {}, named {};
    if (lock && ::fstat(lock.get(), &held) == 0 && ::lstat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino)
      return std::unique_ptr<notify_folder>{new notify_folder{std::move(path), std::move(lock)}};
  }
  return error{code::unavailable, "cannot make a folder below " + parent + ": " + std::strerror(errno)};
}

notify_folder::~notify_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace banyan
