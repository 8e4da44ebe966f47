// A private folder (mode 0700) for a supervisor's sockets, so that only its user can send to them: below
// XDG_RUNTIME_DIR when that folder is private to this user, else below the folder for temporary files.
//
//   auto folder = notify_folder::make();          // result
//   auto socket = bind_to((*folder)->path() + "/0.1");
//
// It is removed with its last owner. Owners are the processes that inherited it over fork(2); they hold a lock
// (flock(2)) on it, which ends with the last of them. Folders left by killed supervisors are removed when the next
// one is made.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/process_supervision/descriptor.hpp>

#include <memory>
#include <string>

namespace banyan {

class notify_folder {
 public:
  // Errors: unavailable when no folder can be made.
  static result<std::unique_ptr<notify_folder>> make();
  // For tests: below `parent`.
  static result<std::unique_ptr<notify_folder>> make_below(const std::string& parent);

  ~notify_folder();
  notify_folder(const notify_folder&) = delete;
  notify_folder& operator=(const notify_folder&) = delete;

  const std::string& path() const { return path_; }

 private:
  notify_folder(std::string path, descriptor lock) : path_{std::move(path)}, lock_{std::move(lock)} {}

  std::string path_;
  descriptor lock_;
};

}  // namespace banyan
