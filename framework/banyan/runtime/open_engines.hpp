// Opens engines by URL; only this file maps names to engines.
//   sqlite:shop.db     a file in the data folder (or an absolute path): the embedded default
//   memory:            lost when the process ends: for trying a program out
#pragma once

#include <banyan/journal/journal.hpp>
#include <banyan/runtime/node.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace banyan {

struct open_engines {
  std::shared_ptr<banyan::journal> journal;
  journal_info info;  // at opening
  banyan::ports ports;
};

// `data_folder` is created with mode 0700 if missing; an existing one keeps its mode, with a warning in the log if
// others can write to it. Files in it are accessible to their owner only. `read_only` opens the journal beside a
// running owner, for tools, and delivery stores for reading. Errors: invalid_argument (unknown scheme); unavailable
// (owned by another process, or the data folder has views but the journal is missing); corrupt; not_found (read_only,
// and no journal).
result<open_engines> open(std::string_view journal_url, const std::string& data_folder, bool read_only = false);

// Engines that keep nothing, for `check`, which opens everything once.
ports engines_in_memory();

// Checks an engine URL.
std::optional<error> check_journal_url(std::string_view url);

// Checks a data folder: an error if it, or what it would be created in, is not a folder. A missing one is created when
// it is opened.
std::optional<error> check_data_folder(const std::string& path);

}  // namespace banyan
