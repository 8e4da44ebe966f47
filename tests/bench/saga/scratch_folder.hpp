// A folder for the files of one measurement, removed with this.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace saga_bench {

class scratch_folder {
 public:
  explicit scratch_folder(const std::filesystem::path& below) {
    auto name = (below / "banyan-bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error{"no folder can be made below " + below.string()};
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace saga_bench
