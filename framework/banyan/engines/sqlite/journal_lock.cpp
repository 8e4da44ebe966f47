#include <banyan/engines/sqlite/journal_lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace banyan::sqlite {

result<journal_lock> journal_lock::take(const std::string& database_path) {
  const auto path = database_path + ".lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return error{code::unavailable, "cannot open " + path + ": " + std::strerror(errno)};
  auto lock = journal_lock{file};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return error{code::unavailable, "cannot lock " + path + ": " + std::strerror(errno)};
    std::array<char, 32> owner{};
    const auto n = ::pread(file, owner.data(), owner.size() - 1, 0);
    auto who = std::string{owner.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
    while (!who.empty() && who.back() == '\n') who.pop_back();
    return error{code::unavailable, "journal " + database_path + " is being written by process " + (who.empty() ? "(unknown)" : who) +
                                        "; stop it first, or open the journal read-only"}
        .because("journal_owned");
  }
  // For people and for the sentence above; the lock holds without it, so a full disk does not matter here.
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
