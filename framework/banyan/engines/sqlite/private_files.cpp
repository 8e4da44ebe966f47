#include <banyan/engines/sqlite/private_files.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace banyan::sqlite {

namespace {

constexpr mode_t for_others = 077;

error failed(const std::string& what, const std::string& path) {
  const int number = errno;
  const auto c = number == ENOSPC || number == EDQUOT ? code::exhausted : code::unavailable;
  return {c, "can not " + what + " " + path + ": " + system_reason(number)};
}

error not_a_regular_file(const std::string& path) {
  return error{code::unavailable, path + " is not a regular file"}.because(std::string{irregular_file});
}

// Hard links (as cp -l makes them): writers under different names would not know of each other.
error several_names(const std::string& path, nlink_t names) {
  return error{code::unavailable, path + " is one of " + std::to_string(names) +
                                      " names (hard links) of a file, each of which would have a lock of its own: give it a file of its own (cp " +
                                      path + " " + path + ".own; mv " + path + ".own " + path + ")"}
      .because(std::string{hard_link});
}

// By name, not by descriptor: closing a descriptor of a database drops the locks that SQLite holds on it in this
// process.
result<void> tighten(const std::string& path) {
  struct stat is {};
  if (::lstat(path.c_str(), &is) != 0) {
    if (errno == ENOENT) return {};
    return failed("look at", path);
  }
  if (S_ISLNK(is.st_mode)) {
    return error{code::unavailable, path + " is a symbolic link; give the file's own name, since each name would have a lock of its own"}
        .because("symbolic_link");
  }
  if (!S_ISREG(is.st_mode)) return not_a_regular_file(path);
  if (is.st_nlink > 1) return several_names(path, is.st_nlink);
  if (is.st_uid != ::geteuid() || (is.st_mode & for_others) == 0) return {};
  if (::chmod(path.c_str(), is.st_mode & ~for_others & 07777) != 0) return failed("take from others the right to read", path);
  return {};
}

}  // namespace

std::string system_reason(int number) {
  rlimit limit{};
  if (number != EMFILE || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::strerror(number);
  return "too many open files (limit " + std::to_string(limit.rlim_cur) + ", which ulimit -n raises)";
}

result<void> private_folder(const std::string& path, keep existing) {
  if (path.empty()) return {};
  std::filesystem::path so_far;
  for (const auto& part : std::filesystem::path{path}) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) == 0 || errno == EEXIST || errno == EISDIR) continue;
    // mkdir may report an existing parent folder as not writable.
    std::error_code ignored;
    if (!std::filesystem::is_directory(so_far, ignored)) return failed("make the folder", so_far.string());
  }
  struct stat is {};
  if (::stat(path.c_str(), &is) != 0) return failed("look at", path);
  if (!S_ISDIR(is.st_mode)) return error{code::unavailable, path + " is not a folder"};
  const bool ours_alone = existing == keep::private_ && is.st_uid == ::geteuid();
  if (ours_alone && (is.st_mode & for_others) != 0 && ::chmod(path.c_str(), 0700) != 0) return failed("close to others", path);
  return {};
}

std::string folder_is_open_to_others(const std::string& path) {
  struct stat is {};
  if (::stat(path.empty() ? "." : path.c_str(), &is) != 0 || (is.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return "the folder " + path + " can be written to by other users, who can replace what is stored in it: chmod 700 it, or choose another one";
}

result<void> private_file(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0 && errno != EEXIST) return failed("make", path);
  if (made >= 0) ::close(made);  // a restrictive umask may have reduced the mode further, which is kept
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    if (auto done = tighten(path + suffix); !done) return done;
  }
  return {};
}

std::optional<error> find_irregular_file(const std::string& path) {
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    struct stat is {};
    if (::stat((path + suffix).c_str(), &is) == 0 && !S_ISREG(is.st_mode)) return not_a_regular_file(path + suffix);
  }
  return std::nullopt;
}

}  // namespace banyan::sqlite
