// The streams that entities of a node can not read, each from its first refused command until it can be read again.
// Feeds the health check, and throttles the log lines about a stream.
//
//   unreadable.refused("orders-7", cause);  // a command was refused because of its stream
//   if (const auto held_back = unreadable.admit("orders-7", clock.steady())) log.error("a stream can not be read");
//   unreadable.read("orders-7");            // the stream was read
//
// Thread-safe; bounded by `most`.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/time.hpp>
#include <banyan/observability/log_folding.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

class unreadable_streams {
 public:
  static constexpr std::size_t most = 256;  // streams; further ones are only logged

  void refused(const std::string& stream, const error& cause) {
    const std::lock_guard guard{lock_};
    if (causes_.size() < most || causes_.contains(stream)) causes_.insert_or_assign(stream, to_string(cause));
    count_ = causes_.size();
  }
  // One atomic load while no stream is unreadable.
  void read(const std::string& stream) {
    if (count_ == 0) return;
    const std::lock_guard guard{lock_};
    causes_.erase(stream);
    count_ = causes_.size();
  }

  // Whether to log about a stream now; the number of lines withheld since the last: see log_folding.
  std::optional<std::uint64_t> admit(const std::string& stream, monotonic now) { return folding_.admit(stream, now); }

  struct entry {
    std::string stream, cause;
  };
  std::vector<entry> list() const {
    const std::lock_guard guard{lock_};
    std::vector<entry> all;
    for (const auto& [stream, cause] : causes_) all.push_back({stream, cause});
    return all;
  }

 private:
  mutable std::mutex lock_;
  std::map<std::string, std::string> causes_;  // cause by stream
  std::atomic<std::size_t> count_{0};
  log_folding folding_{{.every = std::chrono::minutes{1}}};
};

}  // namespace banyan
