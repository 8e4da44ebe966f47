// Gathers what the judgements of `banyan doctor` are about (toolchain.hpp, machine.hpp, disk.hpp). Reads only, but for
// the disk, where it writes a file without a name for half a second.
#pragma once

#include "disk.hpp"
#include "machine.hpp"
#include "toolchain.hpp"

#include <banyan/core/time.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::doctor {

// Commands that have not answered by the deadline are killed.
program_facts look_for_program(const std::string& command, monotonic deadline);
compiler_facts look_for_compilers(monotonic deadline);
// Empty: the compiler does not preprocess C++20, or not in time.
std::optional<std::vector<library_facts>> look_for_libraries(const program_facts& compiler, monotonic deadline);
std::vector<linked_facts> look_at_linked();
package_facts look_for_package();

open_files_facts look_at_open_files();
inotify_facts look_at_inotify();
backlog_facts look_at_backlog();
port_facts look_at_port(std::string setting, std::string_view address);
clock_facts look_at_clock();
memory_facts look_at_memory();
cores_facts look_at_cores();

disk_facts look_at_disk(const std::string& folder);

}  // namespace banyan::doctor
