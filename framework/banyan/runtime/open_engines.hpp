// Engines by URL: the one place that knows which engine a name stands for.
//   sqlite:shop.db     a file in the data folder (or an absolute path): the embedded default
//   memory:            nothing is kept when the process ends: for trying a program out
#pragma once

#include <banyan/journal/journal.hpp>
#include <banyan/runtime/node.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace banyan {

struct open_engines {
  std::shared_ptr<banyan::journal> journal;
  journal_info info;  // of the journal when it was opened
  banyan::ports ports;
};

// `data_folder` is made when missing, with mode 0700; one that is there keeps its mode, and the log says when others
// can write to it. Files in it are for their owner alone. `read_only` opens the journal beside a running owner, for
// tools, and delivery stores for reading. Errors: invalid_argument (unknown scheme), unavailable (owned by another
// process; or there are views in the data folder, and no journal that they could be of), corrupt, not_found (read_only
// and nothing there).
result<open_engines> open(std::string_view journal_url, const std::string& data_folder, bool read_only = false);

// Engines that forget everything: for `check`, which tries things out.
ports engines_in_memory();

// What is wrong with an engine URL, or nothing.
std::optional<error> check_journal_url(std::string_view url);

// What is wrong with a data folder, or nothing: what is there is no folder, or what is above it is none. One that is
// missing is made when it is opened.
std::optional<error> check_data_folder(const std::string& path);

}  // namespace banyan
