#include <banyan/engines/sqlite/journal_files.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace banyan::sqlite {

journal_files::journal_files(const std::string& database_path, std::string owner, std::string reason)
    : path_{database_path}, owner_{std::move(owner)}, reason_{std::move(reason)} {
  for (const auto* suffix : {"", "-wal", ".lock"}) {
    struct stat found {};
    auto path = database_path + suffix;
    if (::stat(path.c_str(), &found) == 0) files_.push_back({std::move(path), found.st_dev, found.st_ino});
  }
}

std::optional<error> journal_files::lost() const {
  if (overwritten_.load()) {
    return error{code::corrupt, path_ + " or its -wal was overwritten by another program while the journal is open: nothing is stored any more; "
                                        "stop the program, put a copy of the journal there, with the -wal that was copied with it or none, and "
                                        "start it again"}
        .because("journal_lost");
  }
  const file* linked = nullptr;
  for (const auto& f : files_) {
    if (lost_.load()) break;
    struct stat found {};
    const bool there = ::stat(f.path.c_str(), &found) == 0;
    // Other errors, such as those of a network file system, do not mean that the file is gone.
    const bool gone = there ? found.st_dev != f.device || found.st_ino != f.number : errno == ENOENT || errno == ENOTDIR;
    if (gone) lost_ = &f;
    else if (there && found.st_nlink > 1 && !linked) linked = &f;
  }
  linked_ = linked;
  const auto* f = lost_.load();
  if (!f) return std::nullopt;
  return error{code::corrupt, f->path + " was removed or replaced while " + owner_ +
                                  " is open: nothing is stored any more; stop the program, put the files back as they were, and "
                                  "start it again"}
      .because(reason_);
}

std::string journal_files::linked() const {
  const auto* f = linked_.load();
  if (!f) return {};
  return f->path + " has got another name (a hard link), and can not be opened again while it has: remove the other name; a copy is made "
                   "with cp, not with ln or cp -l";
}

}  // namespace banyan::sqlite
