// An SQLite VFS for tests that can lose power. It passes everything on to the default VFS, and keeps beside every file an image of what
// is surely on disk: a write gets there by a sync, not before. When the power is cut, everything fails from then on; `restore` writes down
// what a machine could find after its restart: what was synced, and of the rest any subset, torn at sector borders.
//
//   faulty_disk disk{seed};
//   disk.cut_power_after(120);                       // operations: writes, syncs, truncations, removals
//   auto journal = open_sqlite_journal({.path = path, .vfs = disk.name()});
//   ... journal.reset();
//   disk.restore(other_folder);                      // open the files there with the default VFS
//
// It can also fail some operations and recover: a full disk, a sync that fails (and then, as on Linux, may have dropped what it could not
// write: a later sync does not bring it back).
#pragma once

#include <tests/conformance/journal_calls.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace journal_test {

class faulty_disk {
 public:
  explicit faulty_disk(std::uint64_t seed);
  ~faulty_disk();
  faulty_disk(const faulty_disk&) = delete;
  faulty_disk& operator=(const faulty_disk&) = delete;

  const std::string& name() const { return name_; }

  // Counted from now; the operation that reaches zero is the one that is cut short.
  void cut_power_after(int operations);
  void cut_power_now();
  bool has_power() const;
  // From the n-th operation on, writes answer "disk full" (after writing a part), until told otherwise.
  void fill_up_after(int operations);
  void make_room();
  // The n-th sync from now fails, once.
  void fail_sync_after(int syncs);

  // Writes the files as the next boot finds them.
  void restore(const std::filesystem::path& folder);

 private:
  friend struct faulty_disk_io;
  enum class verdict { fine, fails, cut, dead };
  struct change {
    std::int64_t at = 0;
    std::vector<std::uint8_t> bytes;
    bool truncates = false;  // the file ends at `at` then
  };
  struct image {
    bool on_disk = false;    // its folder entry is durable
    std::vector<std::uint8_t> durable;
    std::vector<change> unsynced;
  };

  verdict next_operation(bool is_write);
  static void apply(image& file, const change& c);
  void keep_some(image& file);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  seeded random_;
  std::map<std::string, std::shared_ptr<image>> files_;
  std::vector<std::pair<std::string, std::shared_ptr<image>>> removed_;  // and may be back, until the folder is synced
  bool power_ = true;
  int until_cut_ = -1;
  int until_full_ = -1;
  int until_sync_fails_ = -1;
};

}  // namespace journal_test
