#include <banyan/cli/doctor/disk.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

#include <linux/magic.h>

using namespace banyan::doctor;

namespace {

disk_facts good() {
  return {.folder = ".", .file_system = EXT4_SUPER_MAGIC, .free = std::uint64_t{50} << 30, .sync = {500, 0.5, 0.004}};
}
finding about(const disk_facts& f, std::string_view name) {
  const auto all = judge(f);
  return *std::ranges::find(all, name, &finding::name);
}

}  // namespace

TEST_CASE("a good disk has nothing to be told") {
  for (const auto& f : judge(good())) {
    CAPTURE(f.name);
    CHECK(f.status == severity::ok);
    CHECK(f.advice.empty());
  }
  CHECK(about(good(), "disk syncs").value ==
        "1000 a second, the slowest took 4.0 ms: as many appends one after the other; up to 1024 at once share one");
}

TEST_CASE("a file system is judged by what it does to SQLite's write-ahead log") {
  const auto status_of = [](std::uint64_t type) {
    auto f = good();
    f.file_system = type;
    return about(f, "file system").status;
  };
  for (const auto type : std::initializer_list<std::uint64_t>{NFS_SUPER_MAGIC, V9FS_MAGIC, SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC}) {
    CAPTURE(type);
    CHECK(status_of(type) == severity::error);
  }
  for (const auto type : std::initializer_list<std::uint64_t>{OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC, FUSE_SUPER_MAGIC, 0x12345}) {
    CAPTURE(type);
    CHECK(status_of(type) == severity::warning);
  }
  CHECK(status_of(XFS_SUPER_MAGIC) == severity::ok);
}

TEST_CASE("a full disk is an error, a nearly full one a warning") {
  auto f = good();
  f.free = 63 << 20;
  CHECK(about(f, "disk space").status == severity::error);
  f.free = 1023 << 20;
  CHECK(about(f, "disk space").status == severity::warning);
  CHECK(about(f, "disk space").value == "1023 MiB free");
}

TEST_CASE("syncs that are slow, or faster than a disk is, are warnings; none is an error") {
  auto f = good();
  f.sync = {49, 0.5, 0.02};
  CHECK(about(f, "disk syncs").status == severity::warning);
  f.sync = {26'000, 0.5, 0.001};
  CHECK(about(f, "disk syncs").status == severity::warning);
  f.sync = {};
  CHECK(about(f, "disk syncs").status == severity::error);
  f = good();
  f.sync_trouble = "a file can not be written and synced: Read-only file system";
  CHECK(about(f, "disk syncs").status == severity::error);
  CHECK(about(f, "disk syncs").value == f.sync_trouble);
}

TEST_CASE("a folder that is not there is the only finding") {
  const auto all = judge(disk_facts{.folder = "/nowhere", .trouble = "No such file or directory"});
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == severity::error);
  CHECK(all[0].value == "/nowhere: No such file or directory");
}
