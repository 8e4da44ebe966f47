#include <banyan/engines/sqlite/journal_lock.hpp>

#include <banyan/engines/sqlite/private_files.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

namespace banyan::sqlite {

namespace {

error refusal(const std::string& path, const std::string& why) { return {code::unavailable, "cannot open " + path + ": " + why}; }

// The process named in the lock file, if it is alive and has this file open: the number may be of an earlier owner.
std::optional<pid_t> holder(int file) {
  std::array<char, 32> text{};
  const auto n = ::pread(file, text.data(), text.size() - 1, 0);
  pid_t who = 0;
  if (n <= 0 || std::from_chars(text.data(), text.data() + n, who).ec != std::errc{} || who <= 0) return std::nullopt;
  struct stat ours {};
  if (::fstat(file, &ours) != 0) return std::nullopt;
  std::error_code failed;
  const auto open_files = std::filesystem::directory_iterator{"/proc/" + std::to_string(who) + "/fd", failed};
  if (failed) return std::nullopt;
  const bool is_self = who == ::getpid();
  for (const auto& entry : open_files) {
    struct stat theirs {};
    if (is_self && entry.path().filename() == std::to_string(file)) continue;
    if (::stat(entry.path().c_str(), &theirs) == 0 && theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino) return who;
  }
  return std::nullopt;
}

}  // namespace

result<journal_lock> journal_lock::take(const std::string& database_path) {
  const auto path = database_path + ".lock";
  // The file is not changed before the lock is held. O_NONBLOCK: opening a pipe must not block.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0 && errno == ELOOP) {
    return error{code::unavailable, path + " is a symbolic link, which a lock file must not be: remove it"}.because("symbolic_link");
  }
  if (file < 0) return refusal(path, system_reason(errno));
  auto lock = journal_lock{file};
  struct stat is {};
  if (::fstat(file, &is) != 0) return refusal(path, system_reason(errno));
  if (!S_ISREG(is.st_mode)) return refusal(path, "it is not a regular file");
  // Whoever can open the file can lock it.
  if (is.st_uid == ::geteuid() && (is.st_mode & 077) != 0) ::fchmod(file, 0600);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return error{code::unavailable, "cannot lock " + path + ": " + std::strerror(errno)};
    const auto who = holder(file);
    return error{code::unavailable, "journal " + database_path + " is being written by " +
                                        (who ? "process " + std::to_string(*who) : "another process (fuser " + path + " tells which)") +
                                        "; stop it first, or open the journal read-only"}
        .because("journal_owned");
  }
  // For operators and for the message above; the lock holds without it, so a full disk is no error here.
  const auto self = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) == 0) [[maybe_unused]] const auto written = ::pwrite(file, self.data(), self.size(), 0);
  return lock;
}

bool journal_lock::is_held(const std::string& database_path) {
  const int file = ::open((database_path + ".lock").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  const bool held = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return held;
}

journal_lock::~journal_lock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace banyan::sqlite
