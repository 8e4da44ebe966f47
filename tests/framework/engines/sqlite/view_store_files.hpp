// View stores on files of their own, and answers that a test waits for.
#pragma once

#include <banyan/engines/sqlite/view_store.hpp>

#include <tests/conformance/view_store_engines.hpp>

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>

namespace view_test {

class temporary_folder {
 public:
  temporary_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "banyan-view-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error{"cannot make a temporary folder"};
    path_ = pattern;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline sqlite_view_options in(const temporary_folder& folder, view_options view = {.name = "notes"}) {
  return {.view = std::move(view), .folder = folder.path()};
}

template <class T>
struct pending {
  std::promise<result<T>> promise;
  std::future<result<T>> future = promise.get_future();
  completion<T> done() {
    return [this](result<T> r) { promise.set_value(std::move(r)); };
  }
  bool answered() const { return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }
};

inline error error_of(const result<position>& r) {
  REQUIRE(r.has_error());
  return r.error();
}

}  // namespace view_test
