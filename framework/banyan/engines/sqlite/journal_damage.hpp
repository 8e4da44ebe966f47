// The damage state of a journal's file. Permanent: a damaged page does not recover, and further writes make it worse.
// From the first sign on nothing is written, and all requests are refused.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/engines/sqlite/database.hpp>
#include <banyan/observability/log.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace banyan::sqlite {

class journal_damage {
 public:
  explicit journal_damage(std::string file) : file_{std::move(file)} {}

  // Thread-safe. Keeps and logs the first error; later ones are consequences. Ignores errors that are not about the
  // file.
  void report(const error& why) {
    if (why.reason != damaged_file) return;
    const std::lock_guard guard{lock_};
    if (what_) return;
    what_ = error{code::corrupt, "the journal " + file_ + " is damaged: " + why.message + ". Put back a copy of it"}.because(
        std::string{damaged_file});
    is_there_ = true;
    logger{"journal"}.error("the file is damaged: nothing is written any more", {{"file", file_}, {"cause", why}});
  }
  // The error for callers, without details for operators. None: no damage known.
  std::optional<error> refusal() const {
    if (!is_there_.load()) return std::nullopt;
    return error{code::corrupt, "the journal is damaged: nothing is stored or read until its operator has put back a copy"}.because(
        std::string{damaged_file});
  }
  // The error for operators: the file, and what was found.
  std::optional<error> found() const {
    if (!is_there_.load()) return std::nullopt;
    const std::lock_guard guard{lock_};
    return what_;
  }

 private:
  const std::string file_;
  std::atomic<bool> is_there_{false};
  mutable std::mutex lock_;
  std::optional<error> what_;
};

}  // namespace banyan::sqlite
