#include "facts.hpp"

#include <banyan/process_supervision/descriptor.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace banyan::doctor {
namespace {

constexpr std::chrono::milliseconds measured_for{500};
constexpr std::size_t page = 4096;          // of SQLite
constexpr std::size_t largest = 16 << 20;  // bytes of the file

// A file that is gone when it is closed, however this process ends.
descriptor file_without_name(const std::string& folder) {
  if (const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); fd >= 0) return descriptor{fd};
  // A file system without O_TMPFILE: no signal ends the process between the two calls.
  sigset_t all, before;
  sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
  auto name = folder + "/.banyan-doctor-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  const int failure = errno;
  if (fd >= 0) (void)::unlink(name.c_str());
  (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = failure;
  return descriptor{fd};
}

// Appends a page and syncs it, like a journal that stores events one after the other.
void measure(disk_facts& into) {
  const auto file = file_without_name(into.folder);
  std::array<char, page> content{};
  content.fill('b');
  const auto began = std::chrono::steady_clock::now();
  auto before = began;
  for (std::size_t at = 0; before - began < measured_for; at = (at + page) % largest) {
    if (!file || ::pwrite(file.get(), content.data(), page, static_cast<off_t>(at)) != static_cast<ssize_t>(page) ||
        ::fdatasync(file.get()) != 0) {
      into.sync_trouble = std::string{"a file can not be written and synced: "} + std::strerror(errno);
      return;
    }
    const auto after = std::chrono::steady_clock::now();
    into.sync.slowest = std::max(into.sync.slowest, std::chrono::duration<double>(after - before).count());
    before = after;
    ++into.sync.syncs;
  }
  into.sync.seconds = std::chrono::duration<double>(before - began).count();
}

}  // namespace

disk_facts look_at_disk(const std::string& folder) {
  disk_facts found{.folder = folder};
  struct statfs about {};
  const descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || ::fstatfs(opened.get(), &about) != 0) {
    found.trouble = std::strerror(errno);
    return found;
  }
  found.file_system = static_cast<std::uint64_t>(about.f_type) & 0xffffffffU;
  found.free = static_cast<std::uint64_t>(about.f_bavail) * static_cast<std::uint64_t>(about.f_bsize);
  measure(found);
  return found;
}

}  // namespace banyan::doctor
