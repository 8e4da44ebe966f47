// The folder that a node would keep its data in: file system, free space, syncs per second. Pure: facts in, findings
// out; disk_facts.hpp gathers the facts.
#pragma once

#include "finding.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan::doctor {

struct sync_facts {
  int syncs = 0;
  double seconds = 0, slowest = 0;  // of all, of one
};
struct disk_facts {
  std::string folder;
  std::string trouble = {};      // why it can not be examined; empty: it was
  std::uint64_t file_system = 0;  // f_type of statfs(2)
  std::uint64_t free = 0;         // bytes, for this user
  std::string sync_trouble = {};  // why a file can not be written and synced
  sync_facts sync = {};
};
std::vector<finding> judge(const disk_facts& f);

}  // namespace banyan::doctor
