// A private folder (0700) for the sockets of one supervisor: nobody but its user can send to them. It is below
// XDG_RUNTIME_DIR when that is a folder of this user's alone, else below the folder for temporary files.
//
//   auto folder = notify_folder::make();          // result
//   auto socket = bind_to((*folder)->path() + "/0.1");
//
// It is removed with its last owner's end; and since a supervisor may be killed, those that nobody holds any more are
// removed when the next one is made. An owner is a process that has inherited it over fork(2): the folder is held by
// a lock (flock(2)), which ends with the last.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/process_supervision/descriptor.hpp>

#include <memory>
#include <string>

namespace banyan {

class notify_folder {
 public:
  // Errors: unavailable, when no folder can be made.
  static result<std::unique_ptr<notify_folder>> make();
  // For tests: below this folder.
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
