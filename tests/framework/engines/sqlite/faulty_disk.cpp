#include <tests/framework/engines/sqlite/faulty_disk.hpp>

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <fstream>

namespace journal_test {

namespace {

sqlite3_vfs* underlying() { return sqlite3_vfs_find(nullptr); }

}  // namespace

// The C side: an open file is this head, followed in memory by the default VFS's own file.
struct faulty_disk_io {
  struct file {
    sqlite3_file head;
    faulty_disk* disk;
    std::shared_ptr<faulty_disk::image>* image;
    bool syncs_folder;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  using verdict = faulty_disk::verdict;
  static file& of(sqlite3_file* f) { return *reinterpret_cast<file*>(f); }
  static sqlite3_file* real(sqlite3_file* f) { return of(f).real(); }
  static faulty_disk& disk(sqlite3_vfs* v) { return *static_cast<faulty_disk*>(v->pAppData); }

  static int write(sqlite3_file* f, const void* data, int n, sqlite3_int64 at) {
    auto& [head, d, image, syncs_folder] = of(f);
    const auto lock = std::lock_guard{d->mutex_};
    const auto what = d->next_operation(true);
    if (what == verdict::dead) return SQLITE_IOERR_WRITE;
    if (what == verdict::fails) n /= 2;
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    (*image)->unsynced.push_back({at, {bytes, bytes + n}, false});
    const int rc = real(f)->pMethods->xWrite(real(f), data, n, at);
    if (what == verdict::cut) return SQLITE_IOERR_WRITE;
    return what == verdict::fails ? SQLITE_FULL : rc;
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    auto& [head, d, image, syncs_folder] = of(f);
    const auto lock = std::lock_guard{d->mutex_};
    if (d->next_operation(false) != verdict::fine) return SQLITE_IOERR_TRUNCATE;
    (*image)->unsynced.push_back({size, {}, true});
    return real(f)->pMethods->xTruncate(real(f), size);
  }
  static int sync(sqlite3_file* f, int) {
    auto& [head, d, image, syncs_folder] = of(f);
    const auto lock = std::lock_guard{d->mutex_};
    if (d->next_operation(false) != verdict::fine) return SQLITE_IOERR_FSYNC;
    if (d->until_sync_fails_ >= 0 && d->until_sync_fails_-- == 0) {
      d->keep_some(**image);
      return SQLITE_IOERR_FSYNC;
    }
    for (const auto& c : (*image)->unsynced) faulty_disk::apply(**image, c);
    (*image)->unsynced.clear();
    (*image)->on_disk = true;
    if (syncs_folder) d->removed_.clear();
    return SQLITE_OK;
  }
  static int close(sqlite3_file* f) {
    const int rc = real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
    delete of(f).image;
    return rc;
  }

  static int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); }
  static int size(sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); }
  static int lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
  static int unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
  static int check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
  static int control(sqlite3_file* f, int op, void* arg) {
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;  // would change the file behind our back
    return real(f)->pMethods->xFileControl(real(f), op, arg);
  }
  static int sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
  static int traits(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
  static int shm_map(sqlite3_file* f, int i, int n, int extend, void volatile** p) {
    return real(f)->pMethods->xShmMap(real(f), i, n, extend, p);
  }
  static int shm_lock(sqlite3_file* f, int at, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); }
  static void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
  static int shm_unmap(sqlite3_file* f, int erase) { return real(f)->pMethods->xShmUnmap(real(f), erase); }

  static int open(sqlite3_vfs* v, sqlite3_filename path, sqlite3_file* f, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = {2,        close,       read,       write,   truncate, sync,   size,
                                               lock,     unlock,      check_lock, control, sector,   traits, shm_map,
                                               shm_lock, shm_barrier, shm_unmap,  nullptr, nullptr};
    auto& d = disk(v);
    const int rc = underlying()->xOpen(underlying(), path, real(f), flags, out_flags);
    of(f).disk = &d;
    of(f).image = nullptr;
    // As the default VFS does: the first sync of a log syncs the folder as well, and with it earlier removals.
    of(f).syncs_folder = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    f->pMethods = rc == SQLITE_OK ? &methods : nullptr;
    if (rc != SQLITE_OK) return rc;
    const auto lock = std::lock_guard{d.mutex_};
    auto& known = d.files_[path ? path : "(temporary)"];
    if (!known) known = std::make_shared<faulty_disk::image>();
    of(f).image = new std::shared_ptr<faulty_disk::image>{known};
    return rc;
  }
  static int remove(sqlite3_vfs* v, const char* path, int sync_folder) {
    auto& d = disk(v);
    const auto lock = std::lock_guard{d.mutex_};
    if (d.next_operation(false) != verdict::fine) return SQLITE_IOERR_DELETE;
    const int rc = underlying()->xDelete(underlying(), path, sync_folder);
    if (rc != SQLITE_OK) return rc;
    if (auto node = d.files_.extract(path)) d.removed_.push_back({path, node.mapped()});
    if (sync_folder) d.removed_.clear();
    return rc;
  }
  static int access(sqlite3_vfs*, const char* path, int flags, int* out) { return underlying()->xAccess(underlying(), path, flags, out); }
  static int full_path(sqlite3_vfs*, const char* path, int n, char* out) { return underlying()->xFullPathname(underlying(), path, n, out); }
  static int randomness(sqlite3_vfs*, int n, char* out) { return underlying()->xRandomness(underlying(), n, out); }
  static int sleep(sqlite3_vfs*, int us) { return underlying()->xSleep(underlying(), us); }
  static int now(sqlite3_vfs*, double* out) { return underlying()->xCurrentTime(underlying(), out); }
  static int last_error(sqlite3_vfs*, int n, char* out) { return underlying()->xGetLastError(underlying(), n, out); }
  static int now64(sqlite3_vfs*, sqlite3_int64* out) { return underlying()->xCurrentTimeInt64(underlying(), out); }
};

faulty_disk::faulty_disk(std::uint64_t seed) : vfs_{std::make_unique<sqlite3_vfs>()}, random_{seed} {
  static std::atomic<int> number{0};
  name_ = "faulty-disk-" + std::to_string(++number);
  *vfs_ = {};
  vfs_->iVersion = 2;
  vfs_->szOsFile = static_cast<int>(sizeof(faulty_disk_io::file)) + underlying()->szOsFile;
  vfs_->mxPathname = underlying()->mxPathname;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = faulty_disk_io::open;
  vfs_->xDelete = faulty_disk_io::remove;
  vfs_->xAccess = faulty_disk_io::access;
  vfs_->xFullPathname = faulty_disk_io::full_path;
  vfs_->xRandomness = faulty_disk_io::randomness;
  vfs_->xSleep = faulty_disk_io::sleep;
  vfs_->xCurrentTime = faulty_disk_io::now;
  vfs_->xGetLastError = faulty_disk_io::last_error;
  vfs_->xCurrentTimeInt64 = faulty_disk_io::now64;
  sqlite3_vfs_register(vfs_.get(), 0);
}

faulty_disk::~faulty_disk() { sqlite3_vfs_unregister(vfs_.get()); }

void faulty_disk::cut_power_after(int operations) {
  const auto lock = std::lock_guard{mutex_};
  until_cut_ = operations;
}
void faulty_disk::cut_power_now() {
  const auto lock = std::lock_guard{mutex_};
  power_ = false;
}
bool faulty_disk::has_power() const {
  const auto lock = std::lock_guard{mutex_};
  return power_;
}
void faulty_disk::fill_up_after(int operations) {
  const auto lock = std::lock_guard{mutex_};
  until_full_ = operations;
}
void faulty_disk::make_room() {
  const auto lock = std::lock_guard{mutex_};
  until_full_ = -1;
}
void faulty_disk::fail_sync_after(int syncs) {
  const auto lock = std::lock_guard{mutex_};
  until_sync_fails_ = syncs;
}

faulty_disk::verdict faulty_disk::next_operation(bool is_write) {
  if (!power_) return verdict::dead;
  if (until_cut_ >= 0 && until_cut_-- == 0) {
    power_ = false;
    return verdict::cut;
  }
  if (until_full_ > 0) --until_full_;
  return until_full_ == 0 && is_write ? verdict::fails : verdict::fine;
}

void faulty_disk::apply(image& file, const change& c) {
  const auto at = static_cast<std::size_t>(c.at);
  if (c.truncates) return file.durable.resize(std::min(at, file.durable.size()));
  if (file.durable.size() < at + c.bytes.size()) file.durable.resize(at + c.bytes.size());
  std::copy(c.bytes.begin(), c.bytes.end(), file.durable.begin() + c.at);
}

// Of what was not synced: all, nothing, or each change whole, torn, or not at all.
void faulty_disk::keep_some(image& file) {
  constexpr std::size_t sector = 512;
  const auto together = random_.below(4);
  for (const auto& c : file.unsynced) {
    const auto fate = together == 0 ? 0 : together == 1 ? 2 : random_.below(3);
    if (fate == 0) apply(file, c);
    if (fate == 1 && !c.truncates) {
      for (std::size_t from = 0; from < c.bytes.size();) {
        const auto to = std::min(c.bytes.size(), from + sector - (static_cast<std::size_t>(c.at) + from) % sector);
        if (random_.one_in(2)) {
          apply(file, {c.at + static_cast<std::int64_t>(from),
                       {c.bytes.begin() + static_cast<std::ptrdiff_t>(from), c.bytes.begin() + static_cast<std::ptrdiff_t>(to)}, false});
        }
        from = to;
      }
    }
  }
  file.unsynced.clear();
}

void faulty_disk::restore(const std::filesystem::path& folder) {
  const auto lock = std::lock_guard{mutex_};
  for (auto& [path, file] : removed_) {
    if (random_.one_in(2)) files_.emplace(path, file);
  }
  for (auto& [path, file] : files_) {
    keep_some(*file);
    if (!file->on_disk && random_.one_in(2)) continue;  // a new file whose folder entry was never synced
    auto out = std::ofstream{folder / std::filesystem::path{path}.filename(), std::ios::binary};
    out.write(reinterpret_cast<const char*>(file->durable.data()), static_cast<std::streamsize>(file->durable.size()));
  }
}

}  // namespace journal_test
