// The trace of a simulation: one line per event with virtual time and node; the last lines are kept.
//
//   12.034 s  shop     is asked POST /orders
//   12.034 s  shop     place_order reaches shard.order.3
//   12.036 s  shop     power fails during an append
//
// With `keep` 0 nothing is kept, and callers should not compose lines.
#pragma once

#include <banyan/core/time.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

class trace_log {
 public:
  explicit trace_log(std::size_t keep = 0) : keep_{keep} {}

  bool is_on() const { return keep_ > 0; }
  void record(nanoseconds at, std::string_view where, std::string_view what);
  std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }
  std::uint64_t forgotten() const { return forgotten_; }  // number of older lines dropped

 private:
  std::size_t keep_;
  std::deque<std::string> lines_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace banyan
