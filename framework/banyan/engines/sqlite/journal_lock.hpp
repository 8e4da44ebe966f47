// The exclusive write lock of a journal: an flock on a file beside it, held until destruction. The kernel releases it
// when the process dies, so no clean-up is needed. The file is kept: deleting it would let two processes lock two
// files of the same name.
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <utility>

namespace banyan::sqlite {

class journal_lock {
 public:
  // Does not wait. Errors: `unavailable` with reason "journal_owned" when another open journal, of this process or
  // another, holds it (the message names the process if it can be found), or with reason "symbolic_link". The file is
  // created with mode 0600, and changed only by its owner.
  static result<journal_lock> take(const std::string& database_path);
  // Whether another open journal holds it. False also when unknown: there is no lock file, or it can not be read.
  static bool is_held(const std::string& database_path);
  journal_lock(journal_lock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}
  journal_lock& operator=(journal_lock&&) = delete;
  ~journal_lock();

 private:
  explicit journal_lock(int file) noexcept : file_{file} {}
  int file_;
};

}  // namespace banyan::sqlite
