// One direction of a simulated link. It returns the delivery times of a message: none when it is lost, two when it
// is duplicated. Pure; the caller delivers.
//
//   simulated_link l{{.latency_min = 1ms, .latency_max = 3ms}};
//   l.cut(now + 2s);
//   for (auto at : l.carry(now, random)) deliver(at);     // no times while it is cut
//
// Without a fault it keeps the order of messages, like a connection. A fault ends at its given time; a new one of a
// kind replaces the last.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <vector>

namespace banyan {

struct link_latency {
  timespan latency_min = {};
  timespan latency_max = {};
};

class simulated_link {
 public:
  explicit simulated_link(link_latency usual = {}) : usual_{usual} {}

  void cut(monotonic until) { cut_ = until; }
  void drop(double share, monotonic until) { drop_ = {share, until}; }
  void duplicate(double share, monotonic until) { duplicate_ = {share, until}; }
  void delay(timespan up_to, monotonic until) { slow_by_ = up_to, slow_ = until; }
  void reorder(monotonic until) { reorder_ = until; }
  void heal();

  // Totals so far.
  struct statistics {
    std::uint64_t carried = 0, dropped = 0, duplicated = 0, delayed = 0, reordered = 0, cut = 0;
    statistics& operator+=(const statistics& more) {
      carried += more.carried, dropped += more.dropped, duplicated += more.duplicated;
      delayed += more.delayed, reordered += more.reordered, cut += more.cut;
      return *this;
    }
  };
  const statistics& counts() const { return counts_; }

  std::vector<monotonic> carry(monotonic now, random_source& random);

 private:
  struct share_until {
    double share = 0;
    monotonic until{};
  };
  monotonic arrival(monotonic now, random_source& random);

  link_latency usual_;
  monotonic cut_{}, slow_{}, reorder_{}, last_{};
  share_until drop_, duplicate_;
  nanoseconds slow_by_{};
  statistics counts_;
};

}  // namespace banyan
