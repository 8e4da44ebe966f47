#include "disk.hpp"

#include "machine.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include <linux/magic.h>

namespace banyan::doctor {
namespace {

struct file_system {
  std::uint64_t type;
  std::string_view name;
  severity status;
  std::string_view advice;
};
constexpr std::string_view network =
    "SQLite's write-ahead log needs memory shared between processes and locks that hold: keep the data on a local disk";
constexpr std::array file_systems{
    file_system{EXT4_SUPER_MAGIC, "ext4", severity::ok, ""},
    file_system{XFS_SUPER_MAGIC, "xfs", severity::ok, ""},
    file_system{BTRFS_SUPER_MAGIC, "btrfs", severity::ok, ""},
    file_system{F2FS_SUPER_MAGIC, "f2fs", severity::ok, ""},
    file_system{0x2fc12fc1, "zfs", severity::ok, ""},
    file_system{NFS_SUPER_MAGIC, "nfs", severity::error, network},
    file_system{CIFS_SUPER_MAGIC, "cifs", severity::error, network},
    file_system{SMB2_SUPER_MAGIC, "smb2", severity::error, network},
    file_system{AFS_SUPER_MAGIC, "afs", severity::error, network},
    file_system{CEPH_SUPER_MAGIC, "ceph", severity::error, network},
    file_system{V9FS_MAGIC, "9p", severity::error, network},
    file_system{FUSE_SUPER_MAGIC, "fuse", severity::warning,
                "Whether it syncs, and shares memory for SQLite's write-ahead log, depends on the program behind it"},
    file_system{OVERLAYFS_SUPER_MAGIC, "overlay", severity::warning,
                "The layer of a container goes with the container: keep the data on a volume"},
    file_system{TMPFS_MAGIC, "tmpfs", severity::warning, "It is memory: what a node stores is gone after a restart"},
    file_system{RAMFS_MAGIC, "ramfs", severity::warning, "It is memory: what a node stores is gone after a restart"},
};

finding judge_file_system(const disk_facts& f) {
  const auto known = std::ranges::find(file_systems, f.file_system, &file_system::type);
  if (known != file_systems.end())
    return {"file system", known->status, std::string{known->name}, std::string{known->advice}};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "of type 0x%llx", static_cast<unsigned long long>(f.file_system));
  return {"file system", severity::warning, text.data(),
          "It is not among those that Banyan knows: prefer ext4 or xfs for the data"};
}

finding judge_space(const disk_facts& f) {
  const auto value = bytes_text(f.free) + " free";
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  const std::string full = "A node with a full disk refuses to store: make room";
  if (f.free < 64 * mebibyte) return {"disk space", severity::error, value, full};
  if (f.free < 1024 * mebibyte) return {"disk space", severity::warning, value, "The journal only grows: make room"};
  return {"disk space", severity::ok, value};
}

finding judge_syncs(const disk_facts& f) {
  if (!f.sync_trouble.empty())
    return {"disk syncs", severity::error, f.sync_trouble,
            "A node must be able to write there: name another folder by --dir"};
  if (f.sync.syncs == 0 || f.sync.seconds <= 0)
    return {"disk syncs", severity::error, "none came to an end", "Look for a defect of the disk"};
  const auto rate = f.sync.syncs / f.sync.seconds;
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(),
                "%.0f a second, the slowest took %.1f ms: as many appends one after the other; "
                "up to 1024 at once share one",
                rate, f.sync.slowest * 1000);
  if (rate < 100)
    return {"disk syncs", severity::warning, text.data(),
            "Each append waits for a sync, those at once share one: a disk with a durable cache is faster"};
  if (rate > 50'000)
    return {"disk syncs", severity::warning, text.data(),
            "Faster than disks are: a power cut may lose what was synced (a virtual disk, memory, or a cache that "
            "is not durable)"};
  return {"disk syncs", severity::ok, text.data()};
}

}  // namespace

std::vector<finding> judge(const disk_facts& f) {
  if (!f.trouble.empty())
    return {{"data folder", severity::error, f.folder + ": " + f.trouble, "Name a folder by --dir"}};
  return {judge_file_system(f), judge_space(f), judge_syncs(f)};
}

}  // namespace banyan::doctor
