#include <tests/conformance/delivery_store_engines.hpp>

#include <tests/framework/engines/sqlite/view_store_files.hpp>

#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/simulation/simulated_views.hpp>

namespace delivery_test {

namespace {

class folder_storage final : public delivery_storage {
 public:
  result<std::unique_ptr<delivery_store>> open(delivery_options of) override {
    return open_sqlite_delivery_store({.of = std::move(of), .folder = folder_.path()});
  }

 private:
  view_test::temporary_folder folder_;
};

class memory_storage final : public delivery_storage {
 public:
  result<std::unique_ptr<delivery_store>> open(delivery_options of) override {
    return open_memory_delivery_store(disk_, of);
  }

 private:
  memory_view_disk disk_;
};

// Whose disk takes no time.
class simulated_storage final : public delivery_storage {
 public:
  result<std::unique_ptr<delivery_store>> open(delivery_options of) override { return disk_.open(of); }

 private:
  simulated_views disk_{system_clock(), [](std::function<void()> step) { step(); }};
};

}  // namespace

const std::vector<delivery_engine>& delivery_engines() {
  static const std::vector<delivery_engine> engines = {
      {"threads and a file", [] { return std::make_unique<folder_storage>(); }},
      {"at once in memory", [] { return std::make_unique<memory_storage>(); }},
      {"a simulated disk", [] { return std::make_unique<simulated_storage>(); }},
  };
  return engines;
}

}  // namespace delivery_test
