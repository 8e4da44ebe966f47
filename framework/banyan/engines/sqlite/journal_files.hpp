// Are the files that an open journal writes still the ones that its path names? A file that was removed or replaced goes on taking writes
// until it is closed, and then they are gone: what was acknowledged meanwhile would be lost. Compared are device and inode of the database,
// its write-ahead log and its lock; whether the content is still ours its writer finds out (journal_content.hpp). One look takes three stat
// calls, and sees as well whether one of them got a second name. A store that can not be rebuilt is watched in the same way.
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
  // Of a journal that is open for writing, or of what `owner` and `reason` say.
  explicit journal_files(const std::string& database_path, std::string owner = "the journal", std::string reason = "journal_lost");

  // From any thread: `corrupt` with the reason when one of them is no longer there. It stays so: the path may have another
  // journal behind it now.
  std::optional<error> lost() const;
  void tell_overwritten() { overwritten_ = true; }  // lost, too
  // At the last look: a sentence about a file with several names, or empty. Nobody else writes it, since none of them can be opened.
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
