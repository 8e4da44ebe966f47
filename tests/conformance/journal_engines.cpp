#include <tests/conformance/journal_engines.hpp>

#include <banyan/engines/sqlite/journal.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <stdlib.h>

namespace journal_test {

temporary_folder::temporary_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "banyan-journal-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error{"cannot make a temporary folder"};
  path_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

const std::vector<journal_engine>& journal_engines() {
  static const std::vector<journal_engine> engines = {
      {"memory", 300,
       [](const temporary_folder&, const banyan::clock& clock) {
         return std::make_unique<banyan::memory_journal>(banyan::memory_journal::options{.clock = &clock});
       }},
      {"sqlite", 30,
       [](const temporary_folder& folder, const banyan::clock& clock) {
         return banyan::open_sqlite_journal({.path = folder.file("journal.db"), .clock = &clock}).value();
       }},
  };
  return engines;
}

}  // namespace journal_test
