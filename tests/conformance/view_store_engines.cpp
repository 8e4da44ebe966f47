#include <tests/conformance/view_store_engines.hpp>

#include <banyan/engines/sqlite/view_store.hpp>

#include <stdlib.h>

#include <atomic>
#include <filesystem>

namespace view_test {

namespace {

class second_per_look final : public banyan::clock {
 public:
  instant now() const override { return {}; }
  monotonic steady() const override { return monotonic{std::chrono::seconds{++looks_}}; }

 private:
  mutable std::atomic<int> looks_{0};
};

class folder_storage final : public view_storage {
 public:
  explicit folder_storage(bool hasty) : hasty_{hasty} {
    auto pattern = (std::filesystem::temp_directory_path() / "banyan-view-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error{"cannot make a temporary folder"};
    path_ = pattern;
  }
  ~folder_storage() override {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  result<std::unique_ptr<view_store>> open(view_options view) override {
    return open_sqlite_view_store({.view = view, .folder = path_, .clock = hasty_ ? &clock_ : &system_clock()});
  }

 private:
  bool hasty_;
  second_per_look clock_;
  std::string path_;
};

class memory_storage final : public view_storage {
 public:
  explicit memory_storage(bool hasty) : disk_{hasty ? static_cast<const banyan::clock&>(clock_) : system_clock()} {}
  result<std::unique_ptr<view_store>> open(view_options view) override { return open_memory_view_store(disk_, view); }

 private:
  second_per_look clock_;
  memory_view_disk disk_;
};

}  // namespace

const std::vector<view_engine>& view_engines() {
  static const std::vector<view_engine> engines = {
      {"threads and a file", [](bool hasty) { return std::make_unique<folder_storage>(hasty); }},
      {"at once in memory", [](bool hasty) { return std::make_unique<memory_storage>(hasty); }},
  };
  return engines;
}

}  // namespace view_test
