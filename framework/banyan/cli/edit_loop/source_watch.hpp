// The files of a project that change: inotify(7) on each folder that may have sources (file_kind.hpp), also on those
// that appear later. Folders behind symbolic links and build folders (those with a CMakeCache.txt) are not watched.
#pragma once

#include "file_kind.hpp"

#include <banyan/core/result.hpp>
#include <banyan/process_supervision/descriptor.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

struct inotify_event;

namespace banyan::edit_loop {

class source_watch {
 public:
  // `root`: absolute. `excluded`: absolute, the folder of the build. Errors: unavailable when a limit of inotify is
  // reached (the sentence says how to raise it), or when `root` can not be watched.
  static result<std::unique_ptr<source_watch>> make(std::filesystem::path root, std::filesystem::path excluded);

  int fd() const { return inotify_.get(); }  // becomes readable when something has changed

  // Does not block. What has changed since the last call, of the files that count, without order. Errors: unavailable
  // as above, for a folder that is new (once), or because `root` is gone (is_gone); what else has changed is told by
  // the next call.
  result<std::vector<file_kind>> read();
  bool is_gone() const { return gone_; }

 private:
  source_watch(std::filesystem::path root, std::filesystem::path excluded)
      : root_{std::move(root)}, excluded_{std::move(excluded)} {}

  void look_at(const inotify_event& e);
  void add_tree(const std::filesystem::path& folder, bool is_new);
  bool add_folder(const std::filesystem::path& folder);
  void drop_tree(const std::filesystem::path& folder);
  bool is_watched(const std::filesystem::path& folder) const;

  std::filesystem::path root_, excluded_;
  descriptor inotify_;
  std::map<int, std::filesystem::path> folders_;  // by watch
  std::vector<file_kind> changes_;
  std::optional<error> failure_;  // not told yet
  bool reported_limit_ = false, gone_ = false;
};

}  // namespace banyan::edit_loop
