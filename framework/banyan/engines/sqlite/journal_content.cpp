#include <banyan/engines/sqlite/journal_content.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace banyan::sqlite {

namespace {

// Of the WAL index; its header and the checkpoint information are at the start of the first page.
constexpr int index_page = 32768;
constexpr int sampled = 64 * 1024;     // bytes at each end of the file
constexpr off_t log_header = 32, frame_header = 24;

sqlite3_file* main_file(database& db) {
  sqlite3_file* file = nullptr;
  const int rc = sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return rc == SQLITE_OK && file && file->pMethods ? file : nullptr;
}

}  // namespace

bool journal_content::log_index::is_marked_since(const log_index& before) const {
  return attempted != backfilled || backfilled != before.backfilled || !std::equal(salts, salts + 2, before.salts);
}

std::optional<journal_content::log_index> journal_content::index_of(database& db) {
  auto* file = main_file(db);
  if (!file || file->pMethods->iVersion < 2) return std::nullopt;
  void volatile* at = nullptr;
  if (file->pMethods->xShmMap(file, 0, index_page, 0, &at) != SQLITE_OK || !at) return std::nullopt;
  // Other processes write it concurrently.
  const auto* words = static_cast<const std::uint32_t volatile*>(at);
  const auto sizes = reinterpret_cast<const std::uint16_t volatile*>(at);
  return log_index{.frames = words[4], .page_size = sizes[7], .salts = {words[8], words[9]}, .backfilled = words[24], .attempted = words[32]};
}

std::optional<std::size_t> journal_content::sample_of(database& db, off_t size) {
  auto* file = main_file(db);
  if (!file) return std::nullopt;
  std::string bytes(2 * sampled, '\0');
  const off_t from[] = {0, std::max<off_t>(0, size - sampled)};
  for (int i = 0; i < 2; ++i) {
    const int rc = file->pMethods->xRead(file, bytes.data() + i * sampled, sampled, from[i]);
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return std::nullopt;  // a short read is filled with zeros
  }
  return std::hash<std::string_view>{}(bytes);
}

void journal_content::remember(database& db) {
  known_.reset();
  const auto index = index_of(db);  // first, so that a later checkpoint shows as a changed index
  struct stat is {};
  if (!index || ::stat(path_.c_str(), &is) != 0) return;
  if (const auto sample = sample_of(db, is.st_size)) known_ = {*index, is.st_size, is.st_mtim, *sample};
}

bool journal_content::is_foreign(database& db) {
  // Another process may be making a checkpoint: it changes the index before it writes, and again when it is done. So
  // the index that is kept was read before the file was examined, and is compared with one read afterwards.
  const auto before = index_of(db);
  struct stat is {};
  if (!before || ::stat(path_.c_str(), &is) != 0) return false;
  if (is_cut_short(*before) && index_of(db) == before) return true;
  if (!known_) {
    remember(db);
    return false;
  }
  if (is.st_size == known_->size && is.st_mtim.tv_sec == known_->time.tv_sec && is.st_mtim.tv_nsec == known_->time.tv_nsec) {
    known_->index = *before;
    return false;
  }
  const auto sample = sample_of(db, is.st_size);
  const auto after = index_of(db);
  const bool explained = !sample || !after || after->is_marked_since(known_->index);
  if (!explained && (is.st_size < known_->size || *sample != known_->sample)) return true;
  remember(db);
  return false;
}

bool journal_content::is_cut_short(const log_index& log) const {
  struct stat is {};
  if (log.frames == 0 || ::stat((path_ + "-wal").c_str(), &is) != 0) return false;
  return is.st_size < log_header + static_cast<off_t>(log.frames) * (frame_header + static_cast<off_t>(log.page_size));
}

}  // namespace banyan::sqlite
