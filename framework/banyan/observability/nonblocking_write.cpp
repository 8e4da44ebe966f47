#include <banyan/observability/nonblocking_write.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace banyan {

ssize_t nonblocking_write(int fd, std::string_view bytes) {
  struct stat kind {};
  if (::fstat(fd, &kind) != 0) return -1;
  if (S_ISSOCK(kind.st_mode)) return ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!S_ISFIFO(kind.st_mode) && !S_ISCHR(kind.st_mode)) return ::write(fd, bytes.data(), bytes.size());
  // A separate open file description: its flags are not shared. Opened each time, because `fd` may become another
  // file.
  const auto path = "/proc/self/fd/" + std::to_string(fd);
  const int own = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (own < 0 && errno == ENXIO && S_ISFIFO(kind.st_mode)) {
    errno = EPIPE;
    return -1;
  }
  // No /proc or no descriptor left: the caller has called poll(2).
  if (own < 0) return ::write(fd, bytes.data(), bytes.size());
  const auto written = ::write(own, bytes.data(), bytes.size());
  const int number = errno;
  ::close(own);
  errno = number;
  return written;
}

}  // namespace banyan
