// Are the files that an open journal writes still the ones that its path names? A file that was removed or replaced goes on taking writes
// until it is closed, and then they are gone: what was acknowledged meanwhile would be lost. Compared are device and inode of the database,
// its write-ahead log and its lock. One look takes three stat calls. A store that can not be rebuilt is watched in the same way.
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

 private:
  struct file {
    std::string path;
    dev_t device;
    ino_t number;
  };
  const std::string owner_, reason_;
  std::vector<file> files_;
  mutable std::atomic<const file*> lost_{nullptr};
};

}  // namespace banyan::sqlite
