// Detects that the files of an open journal were removed or replaced. Such a file accepts writes until it is closed,
// and then they are gone, so acknowledged events would be lost. Compares device and inode of the database, its WAL and
// its lock; journal_content.hpp checks the content. Costs three stat calls, and also detects hard links. Used for
// delivery stores too.
#pragma once

#include <banyan/core/result.hpp>

#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace banyan::sqlite {

class journal_files {
 public:
  // For a journal that is open for writing, or for another owner, with its own reason.
  explicit journal_files(const std::string& database_path, std::string owner = "the journal", std::string reason = "journal_lost");

  // Thread-safe: `corrupt` with the reason once a file is gone. Permanent, since the path may have another journal
  // now.
  std::optional<error> lost() const;
  void tell_overwritten() { overwritten_ = true; }  // also counts as lost
  // A sentence about a file with hard links at the last check; empty: none. No other process writes it, since none can
  // open it.
  std::string linked() const;

 private:
  struct file {
    std::string path;
    dev_t device;
    ino_t number;
  };
  const std::string path_, owner_, reason_;
  std::vector<file> files_;
  std::atomic<bool> overwritten_{false};
  mutable std::atomic<const file*> lost_{nullptr};
  mutable std::atomic<const file*> linked_{nullptr};
};

}  // namespace banyan::sqlite
