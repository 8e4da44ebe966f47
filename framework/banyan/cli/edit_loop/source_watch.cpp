#include "source_watch.hpp"

#include "../doctor/facts.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

namespace banyan::edit_loop {
namespace {

namespace fs = std::filesystem;

// IN_CLOSE_WRITE, not IN_MODIFY: a file is whole when it is closed. IN_CREATE is for folders and links.
constexpr std::uint32_t watched_events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                         IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;

error inotify_error(const fs::path& folder, int number) {
  const auto limits = doctor::look_at_inotify();
  if (number == ENOSPC)
    return {code::unavailable,
            "No more folders can be watched (inotify): the limit of watches of this user is reached. Raise it: " +
                doctor::raised_inotify({limits.instances, limits.watches.value_or(0) * 2})};
  if (number == EMFILE)
    return {code::unavailable,
            "No folder can be watched (inotify): the limit of instances of this user is reached. Raise it: " +
                doctor::raised_inotify({limits.instances.value_or(0) * 2, limits.watches})};
  return {code::unavailable, folder.string() + " can not be watched (inotify): " + std::strerror(number)};
}

}  // namespace

result<std::unique_ptr<source_watch>> source_watch::make(fs::path root, fs::path excluded) {
  std::unique_ptr<source_watch> made{new source_watch{std::move(root), std::move(excluded)}};
  made->inotify_ = descriptor{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!made->inotify_) return inotify_error(made->root_, errno);
  made->add_tree(made->root_, false);
  if (made->failure_) return std::move(*made->failure_);
  return made;
}

bool source_watch::is_watched(const fs::path& folder) const {
  if (folder == root_) return true;
  if (folder == excluded_ || !is_source_folder(folder.filename().native())) return false;
  std::error_code unseen;
  return !fs::exists(folder / "CMakeCache.txt", unseen);
}

bool source_watch::add_folder(const fs::path& folder) {
  const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), watched_events);
  if (watch >= 0) {
    folders_[watch] = folder;
    return true;
  }
  const bool is_passing = errno == ENOENT || errno == ENOTDIR || errno == EACCES;  // gone again, or not for this user
  if (is_passing && folder != root_) return false;
  if (!failure_ && !std::exchange(reported_limit_, true)) failure_ = inotify_error(folder, errno);
  return false;
}

// `is_new`: what is in it has come with it, or before it was watched, so that no event tells of it.
void source_watch::add_tree(const fs::path& folder, bool is_new) {
  if (!is_watched(folder) || !add_folder(folder)) return;
  std::error_code gone;
  for (fs::directory_iterator at{folder, gone}, end; !gone && at != end; at.increment(gone)) {
    std::error_code unseen;
    if (at->symlink_status(unseen).type() == fs::file_type::directory)
      add_tree(at->path(), is_new);
    else if (is_new)
      changes_.push_back(kind_of_file(at->path().filename().native()));
  }
}

void source_watch::drop_tree(const fs::path& folder) {
  for (auto at = folders_.begin(); at != folders_.end();) {
    const auto& path = at->second.native();
    const auto& above = folder.native();
    if (path != above && !(path.starts_with(above) && path.substr(above.size(), 1) == "/")) {
      ++at;
      continue;
    }
    ::inotify_rm_watch(inotify_.get(), at->first);
    at = folders_.erase(at);
  }
}

void source_watch::look_at(const inotify_event& e) {
  if ((e.mask & IN_Q_OVERFLOW) != 0) {  // events are lost
    changes_.push_back(file_kind::setting);
    add_tree(root_, false);
    return;
  }
  const auto found = folders_.find(e.wd);
  if (found == folders_.end()) return;  // of a folder that is watched no more
  const auto folder = found->second;
  if ((e.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0 && folder == root_) {
    gone_ = true;
    failure_ = error{code::unavailable, root_.string() + " is gone."};
  }
  if ((e.mask & IN_IGNORED) != 0) folders_.erase(found);
  if (e.len == 0) return;
  const fs::path path = folder / e.name;
  if ((e.mask & IN_ISDIR) == 0) {
    if (path.filename() == "CMakeCache.txt" && folder != root_)
      return drop_tree(folder);  // it has become a build folder
    changes_.push_back(kind_of_file(e.name));
  } else if ((e.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
    add_tree(path, true);
  } else if ((e.mask & IN_MOVED_FROM) != 0) {
    if (is_source_folder(e.name)) changes_.push_back(file_kind::source);  // what was in it is gone
    drop_tree(path);
  }
}

result<std::vector<file_kind>> source_watch::read() {
  alignas(inotify_event) std::array<char, 64 * 1024> bytes;
  for (;;) {
    const auto n = ::read(inotify_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    for (ssize_t at = 0; at < n;) {
      const auto* e = reinterpret_cast<const inotify_event*>(bytes.data() + at);
      look_at(*e);
      at += static_cast<ssize_t>(sizeof(inotify_event) + e->len);
    }
  }
  if (failure_) {
    auto failure = std::move(*failure_);
    failure_.reset();
    return failure;
  }
  return std::exchange(changes_, {});
}

}  // namespace banyan::edit_loop
