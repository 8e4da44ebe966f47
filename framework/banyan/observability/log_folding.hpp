// Folds repeated log lines: of each kind one line per interval is written, and the next one says how many like it were held back. For lines
// that others can cause as often as they like: refused requests, failing connections.
//
//   log_folding folding{{.every = 1s}};
//   if (const auto held_back = folding.admit("503 /orders", clock.steady()))
//     log.warning("request failed", {{"route", "/orders"}, {"status", 503}, {"held_back", *held_back}});
//   for (auto& f : folding.overdue(clock.steady()))        // from time to time: what was held back and not followed by another line
//     log.warning("requests failed", {{"kind", f.kind}, {"held_back", f.held_back}});
//
// Do not use it for lines of which each one matters, such as a lost write. Time is passed in. Safe from any thread; memory is bounded by
// `kinds`.
#pragma once

#include <banyan/core/time.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct log_folding_options {
  timespan every = std::chrono::seconds{1};
  std::size_t kinds = 256;  // known at once; further ones share one kind, "other"
};

class log_folding {
 public:
  explicit log_folding(log_folding_options o = {}) : options_{o} {}

  // How many lines of this kind were held back since its last one, when the next one is due; nothing when this one is held back.
  std::optional<std::uint64_t> admit(std::string_view kind, monotonic now);

  struct folded {
    std::string kind;
    std::uint64_t held_back = 0;
    friend bool operator==(const folded&, const folded&) = default;
  };
  // Kinds whose next line would be due and that hold some back. Each call tells them once. Costs one load while there are none.
  std::vector<folded> overdue(monotonic now);

 private:
  struct state {
    monotonic next{};
    std::uint64_t held_back = 0;
  };
  static constexpr std::string_view other = "other";
  state& of(std::string_view kind);

  log_folding_options options_;
  std::mutex lock_;
  std::map<std::string, state, std::less<>> kinds_;
  std::atomic<monotonic> earliest_{monotonic::max()};  // when the first of those that hold lines back is due
};

}  // namespace banyan
