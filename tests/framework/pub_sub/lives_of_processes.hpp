// Processes that handle events from a disk, are killed from outside or by an event, and start again: in ages of a process instead of time, so
// that hundreds of deaths take no time. Drives delivery_counts as a subscription does.
#pragma once

#include <banyan/pub_sub/delivery_counts.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace banyan::test {

class seeded final : public random_source {
 public:
  explicit seeded(std::uint64_t seed) : engine_{seed} {}
  std::uint64_t next() override { return engine_(); }
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }

 private:
  std::mt19937_64 engine_;
};

struct tried_event {
  nanoseconds takes{};                      // its handler
  std::optional<nanoseconds> kills_after{}; // the process, when it is handled for so long
};

// Several events, all in the unconfirmed range and each of another key; one disk.
struct lives_of_processes {
  lives_of_processes(std::map<position, tried_event> all, delivery_counts::limits l, std::uint64_t seed)
      : events{std::move(all)}, limits{l}, random{seed} {}

  // One process, which is killed at this age from outside (nothing: never). It starts 1 ms after 0 with what is open. `how`: what the next
  // one is told of its end, when it was killed from outside; of an own death it is told `own`. False: it has ended since nothing is left.
  bool live(std::optional<nanoseconds> killed_at, process_end how, process_end own) {
    delivery_counts c{limits, 0};
    std::vector<delivery_counts::row> stored;
    for (auto& [at, r] : rows) stored.push_back(r);
    c.begin(stored, last_end);
    for (auto& r : stored) rows[r.at] = c.row_of(r.at);
    struct begun {
      position at;
      nanoseconds since, ends;
      bool kills;
    };
    std::vector<begun> running;
    std::vector<std::pair<nanoseconds, position>> quarantined;  // when they want to enter the lane
    std::vector<position> to_be_tried;
    std::optional<position> on_trial;
    const auto start = std::chrono::milliseconds{1};
    const auto begin = [&](position at, nanoseconds now, nanoseconds since) {
      c.begins(at, now - since);
      rows[at] = c.row_of(at);
      const auto& e = events.at(at);
      running.push_back({at, since, now + (e.kills_after ? *e.kills_after : e.takes), e.kills_after.has_value()});
    };
    const auto next_trial = [&](nanoseconds now) {
      if (on_trial || to_be_tried.empty()) return;
      const auto next = to_be_tried.begin() + static_cast<std::ptrdiff_t>(random.below(to_be_tried.size()));
      on_trial = *next;
      to_be_tried.erase(next);
      const auto wait = c.draws(*on_trial, random);
      rows[*on_trial] = c.row_of(*on_trial);
      quarantined.emplace_back(now + wait.value(), *on_trial);
      std::sort(quarantined.begin(), quarantined.end());
    };
    for (auto& [at, e] : events) {
      if (done.count(at) > 0) continue;
      c.taken_up(at);
      switch (c.mode_for(at)) {
        case delivery_mode::given_up:
          condemned.insert(at);
          done.insert(at);
          break;
        case delivery_mode::quarantined:
          if (c.is_on_trial(at))
            to_be_tried.push_back(at);
          else
            quarantined.emplace_back(start, at);
          break;
        default:
          begin(at, start, start);
      }
    }
    next_trial(start);
    std::optional<position> in_lane;
    for (nanoseconds now = start;;) {
      // The next thing that happens: an attempt ends, a quarantined event enters the free lane, somebody kills the process.
      auto next_end = std::min_element(running.begin(), running.end(), [](auto& a, auto& b) { return a.ends < b.ends; });
      const bool may_enter = !in_lane && !quarantined.empty();
      const auto enters = may_enter ? std::max(now, quarantined.front().first) : nanoseconds::max();
      const auto ends = next_end == running.end() ? nanoseconds::max() : next_end->ends;
      const auto then = std::min(enters, ends);
      const bool dies_outside = killed_at && *killed_at <= then;
      if (dies_outside || (then == ends && ends != nanoseconds::max() && next_end->kills)) {
        const auto death = dies_outside ? *killed_at : ends;
        for (auto& r : running) {  // the marks that were stored until then
          auto lived = rows[r.at].lived;
          while (r.since + death_evidence::next_mark(lived) < death) lived = death_evidence::next_mark(lived);
          rows[r.at].lived = lived;
        }
        if (!dies_outside) ++deaths[next_end->at];
        last_end = dies_outside ? how : own;
        return true;
      }
      if (then == nanoseconds::max()) return false;
      now = then;
      if (then == ends) {
        if (in_lane == next_end->at) in_lane.reset();
        if (on_trial == next_end->at) on_trial.reset();
        done.insert(next_end->at);
        rows.erase(next_end->at);
        c.forget(next_end->at);
        running.erase(next_end);
        next_trial(now);
      } else {
        const auto [since, at] = quarantined.front();
        quarantined.erase(quarantined.begin());
        in_lane = at;
        begin(at, now, since);
      }
    }
  }

  std::map<position, tried_event> events;
  delivery_counts::limits limits;
  seeded random;
  std::map<position, delivery_counts::row> rows;  // on disk
  std::set<position> done, condemned;
  std::map<position, int> deaths;  // of processes, by the event that killed them
  process_end last_end = process_end::unknown;
};

}  // namespace banyan::test
