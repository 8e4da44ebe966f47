// The engines that the conformance suite runs against. A new engine is one more entry in journal_engines.cpp.
#pragma once

#include <banyan/journal/journal.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace journal_test {

// A folder of its own under the system's temporary one, removed at the end.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Stands still until it is put on.
class still_clock final : public banyan::clock {
 public:
  banyan::instant now() const override { return at; }
  banyan::monotonic steady() const override { return banyan::monotonic{at.time_since_epoch()}; }
  banyan::instant at{std::chrono::hours{24 * 20'000}};
};

struct journal_engine {
  std::string name;
  std::size_t property_seeds;  // how many random runs fit into the default tier
  std::function<std::unique_ptr<banyan::journal>(const temporary_folder&, const banyan::clock&)> open_with;
  // A new, empty journal.
  std::unique_ptr<banyan::journal> open(const temporary_folder& folder) const {
    return open_with(folder, banyan::system_clock());
  }
};
const std::vector<journal_engine>& journal_engines();

// Runs a test body on an empty journal of every engine.
template <class Body>
void on_every_engine(Body body) {
  for (const auto& engine : journal_engines()) {
    DYNAMIC_SECTION(engine.name) {
      const temporary_folder folder;
      const auto journal = engine.open(folder);
      body(*journal);
    }
  }
}

// The same with a clock that the body puts on, while nothing is asked.
template <class Body>
void on_every_engine_in_time(Body body) {
  for (const auto& engine : journal_engines()) {
    DYNAMIC_SECTION(engine.name) {
      const temporary_folder folder;
      still_clock clock;
      const auto journal = engine.open_with(folder, clock);
      body(*journal, clock);
    }
  }
}

}  // namespace journal_test
