// The right to write one journal: an flock on a file beside it, held for life. The kernel frees it when the process dies, however it
// dies, so there is nothing to clean up; the file itself stays (removing it would let two processes lock two files of one name).
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <utility>

namespace banyan::sqlite {

class journal_lock {
 public:
  // Does not wait: `unavailable` with reason "journal_owned" when another open journal, of this process or another, holds it (the sentence
  // names its process when it can be found), or with reason "symbolic_link". The file is made with mode 0600 and changed only by its owner.
  static result<journal_lock> take(const std::string& database_path);
  // Does another open journal hold it? False when that can not be told: there is no lock, or it may not be read.
  static bool is_held(const std::string& database_path);
  journal_lock(journal_lock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}
  journal_lock& operator=(journal_lock&&) = delete;
  ~journal_lock();

 private:
  explicit journal_lock(int file) noexcept : file_{file} {}
  int file_;
};

}  // namespace banyan::sqlite
