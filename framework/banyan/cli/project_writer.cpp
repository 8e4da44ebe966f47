#include "project_writer.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banyan {
namespace {

namespace fs = std::filesystem;

error unavailable(const std::string& what, int number) {
  return error{code::unavailable, what + ": " + std::strerror(number)};
}

error conflict(const fs::path& path) { return error{code::conflict, path.string() + " exists already."}; }

error cancelled() {
  return error{code::refused, "Interrupted; nothing was written."}.because(std::string{interrupted_reason});
}

bool is_there(const fs::path& path) {
  std::error_code unseen;
  return fs::symlink_status(path, unseen).type() != fs::file_type::not_found;
}

// Those of a folder that mkdir makes; mkdtemp gives fewer.
fs::perms usual_permissions() {
  const auto mask = ::umask(0);
  ::umask(mask);
  return static_cast<fs::perms>(0777 & ~mask);
}

// A new folder, removed at the end with all that is in it.
class temporary_folder {
 public:
  explicit temporary_folder(const fs::path& prefix) : path_{prefix.string() + ".XXXXXX"} {
    if (!::mkdtemp(path_.data())) failure_ = unavailable("A folder can not be made beside " + prefix.string(), errno);
  }
  ~temporary_folder() {
    std::error_code ignored;
    if (!failure_) fs::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::optional<error>& failure() const { return failure_; }
  fs::path path() const { return path_; }

 private:
  std::string path_;
  std::optional<error> failure_;
};

result<void> write_file(const fs::path& path, const std::string& text) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) return error{code::unavailable, path.parent_path().string() + ": " + failed.message()};
  errno = 0;
  std::ofstream out{path, std::ios::binary};
  out << text;
  out.close();
  if (!out) return unavailable(path.string() + " can not be written", errno ? errno : EIO);
  return {};
}

result<void> write_files(const fs::path& folder, const std::vector<scaffold::text_file>& files,
                         const interrupted_function& interrupted) {
  for (const auto& f : files) {
    if (interrupted()) return cancelled();
    if (auto written = write_file(folder / f.path, f.text); !written) return written;
  }
  return {};
}

// Fails when `to` exists, also as an empty folder.
result<void> rename_to_new(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EINVAL || errno == ENOSYS) {  // a file system without it
    if (is_there(to)) return conflict(to);
    if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  }
  if (errno == EEXIST) return conflict(to);
  return unavailable(to.string() + " can not be made", errno);
}

// The renames of a change, undone by the destructor unless kept.
class rename_list {
 public:
  ~rename_list() {
    std::error_code ignored;
    for (auto done = done_.rbegin(); done != done_.rend(); ++done) fs::rename(done->to, done->from, ignored);
  }
  result<void> move(const fs::path& from, const fs::path& to) {
    if (auto moved = rename_to_new(from, to); !moved) return moved;
    done_.push_back({from, to});
    return {};
  }
  // Replaces `to`, at no time missing, and keeps the former one at `old`.
  result<void> replace(const fs::path& from, const fs::path& to, const fs::path& old) {
    std::error_code failed;
    fs::create_directories(old.parent_path(), failed);
    if (!failed) fs::copy_file(to, old, failed);
    if (!failed) fs::permissions(from, fs::status(to).permissions(), failed);
    if (!failed) fs::rename(from, to, failed);
    if (failed) return error{code::unavailable, to.string() + " can not be replaced: " + failed.message()};
    done_.push_back({to, old});
    return {};
  }
  void keep() { done_.clear(); }

 private:
  struct renamed {
    fs::path from, to;
  };
  std::vector<renamed> done_;
};

// What is new on the way to the files: "services/orders" for "services/orders/api.hpp", or the file itself.
std::set<fs::path> new_paths(const fs::path& root, const std::vector<scaffold::text_file>& files) {
  std::set<fs::path> paths;
  for (const auto& f : files) {
    fs::path upper;
    for (const auto& part : fs::path{f.path}) {
      upper /= part;
      if (!is_there(root / upper)) break;
    }
    paths.insert(upper);
  }
  return paths;
}

}  // namespace

result<void> write_project(const fs::path& target, const std::vector<scaffold::text_file>& files,
                           const interrupted_function& interrupted) {
  if (is_there(target)) return conflict(target);
  temporary_folder made{target.parent_path() / ("." + target.filename().string())};
  if (made.failure()) return *made.failure();
  if (auto written = write_files(made.path(), files, interrupted); !written) return written;
  std::error_code ignored;
  fs::permissions(made.path(), usual_permissions(), ignored);
  if (interrupted()) return cancelled();
  return rename_to_new(made.path(), target);
}

result<void> write_changes(const fs::path& root, const scaffold::changes& changes,
                           const interrupted_function& interrupted) {
  for (const auto& f : changes.created)
    if (is_there(root / f.path)) return conflict(root / f.path);
  temporary_folder made{root / ".banyan" / "new"};
  if (made.failure()) return *made.failure();
  const auto added = made.path() / "added", replaced = made.path() / "replaced", old = made.path() / "old";
  if (auto written = write_files(added, changes.created, interrupted); !written) return written;
  if (auto written = write_files(replaced, changes.changed, interrupted); !written) return written;
  rename_list renames;
  for (const auto& path : new_paths(root, changes.created)) {
    if (interrupted()) return cancelled();
    if (auto moved = renames.move(added / path, root / path); !moved) return moved;
  }
  for (const auto& f : changes.changed) {
    if (interrupted()) return cancelled();
    if (auto moved = renames.replace(replaced / f.path, root / f.path, old / f.path); !moved) return moved;
  }
  if (interrupted()) return cancelled();
  renames.keep();
  return {};
}

}  // namespace banyan
