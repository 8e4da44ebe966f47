// Rate-limits repeated log lines: one line per kind and interval is written, with the number of lines of that kind
// suppressed since the last one. For lines that others can cause as often as they like: refused requests, failing
// connections.
//
//   log_folding folding{{.every = 1s}};
//   if (const auto held_back = folding.admit("503 /orders", clock.steady()))
//     log.warning("request failed", {{"route", "/orders"}, {"status", 503}, {"held_back", *held_back}});
//   for (auto& f : folding.overdue(clock.steady()))        // periodically: suppressed lines without a later line
//     log.warning("requests failed", {{"kind", f.kind}, {"held_back", f.held_back}});
//
// Not for lines that matter individually, such as a lost write. Time is passed in. Thread-safe; memory is bounded by
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
  std::size_t kinds = 256;  // kinds tracked; further ones share the kind "other"
};

class log_folding {
 public:
  explicit log_folding(log_folding_options o = {}) : options_{o} {}

  // Returns the number of lines of this kind suppressed since its last one when a line is due now; nothing: suppress
  // this line.
  std::optional<std::uint64_t> admit(std::string_view kind, monotonic now);

  struct folded {
    std::string kind;
    std::uint64_t held_back = 0;
    friend bool operator==(const folded&, const folded&) = default;
  };
  // Kinds with suppressed lines whose next line would be due; each is returned once. Costs one load while there are
  // none.
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
  std::atomic<monotonic> earliest_{monotonic::max()};  // earliest due time of kinds with suppressed lines
};

}  // namespace banyan
