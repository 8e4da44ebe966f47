#include <banyan/simulation/faults.hpp>

#include <banyan/simulation/seeded_random.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace banyan {

namespace {

using namespace std::chrono_literals;

struct card {
  fault_kind kind;
  crash_point during = crash_point::anywhere;
};

std::vector<card> deck_of(const fault_options& o) {
  std::vector<card> deck;
  const auto wanted = [](const auto& list, auto x) { return list.empty() || std::find(list.begin(), list.end(), x) != list.end(); };
  for (std::size_t k = 0; k < fault_kinds; ++k) {
    const auto kind = static_cast<fault_kind>(k);
    if (!wanted(o.kinds, kind)) continue;
    if (kind != fault_kind::crash) {
      deck.push_back({kind});
      continue;
    }
    for (std::size_t m = 0; m < crash_points; ++m)
      if (wanted(o.during, static_cast<crash_point>(m))) deck.push_back({kind, static_cast<crash_point>(m)});
  }
  return deck;
}

bool is_of_link(fault_kind k) { return k >= fault_kind::drop; }

// The other end of a link: the clients, or another node.
std::string other_end(const fault_options& o, const std::string& node, random_source& random) {
  const auto n = below(random, o.nodes.size());
  return o.nodes[n] == node ? std::string{clients} : o.nodes[n];
}

planned_fault draw(const fault_options& o, const card& c, random_source& random) {
  planned_fault f{.kind = c.kind, .node = o.nodes[below(random, o.nodes.size())], .during = c.during};
  f.at = between(random, 0ns, o.within);
  if (is_of_link(c.kind)) {
    f.to = other_end(o, f.node, random);
    if (below(random, 2) == 0) std::swap(f.node, f.to);
    f.lasts = between(random, 200ms, 3s);
    f.share = 0.1 + 0.1 * static_cast<double>(below(random, 5));
    if (c.kind == fault_kind::delay) f.jump = between(random, 20ms, 2s);
    return f;
  }
  switch (c.kind) {
    case fault_kind::crash:
      f.steps = static_cast<int>(below(random, c.during == crash_point::start ? 200 : 4));
      f.lasts = below(random, 3) == 0 ? 0ns : between(random, 50ms, 2s);
      break;
    case fault_kind::pause:
      f.lasts = between(random, 100ms, 6s);
      break;
    case fault_kind::clock_jump:
      f.jump = between(random, 1s, 2h) * (below(random, 2) == 0 ? 1 : -1);
      break;
    case fault_kind::slow_disk:
      f.lasts = between(random, 500ms, 4s);
      f.times = static_cast<int>(10 + below(random, 90));
      break;
    case fault_kind::full_queue:
      f.times = static_cast<int>(1 + below(random, 20));
      break;
    case fault_kind::oversized:
      f.times = static_cast<int>(1 + below(random, 3));
      break;
    default:
      break;
  }
  return f;
}

std::string seconds(nanoseconds t) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f s", std::chrono::duration<double>(t).count());
  return text.data();
}

std::string percent(double share) { return std::to_string(static_cast<int>(share * 100 + 0.5)) + " %"; }

}  // namespace

std::string_view to_string(fault_kind k) {
  constexpr std::array<std::string_view, fault_kinds> names{"crash",      "pause",     "clock jump", "failed sync", "slow disk",
                                                            "full queue", "oversized", "drop",       "delay",       "duplicate",
                                                            "reorder",    "cut",       "one-way cut"};
  return names[static_cast<std::size_t>(k)];
}

std::string_view to_string(crash_point m) {
  constexpr std::array<std::string_view, crash_points> names{"anything",      "an append", "a snapshot", "a projection's write",
                                                             "a passivation", "the start"};
  return names[static_cast<std::size_t>(m)];
}

std::string what_happens(const planned_fault& f) {
  const auto link = "the link " + f.node + " -> " + f.to;
  const auto lasts = " for " + seconds(f.lasts);
  switch (f.kind) {
    case fault_kind::crash:
      return "the power of " + f.node + " fails" +
             (f.during == crash_point::anywhere
                  ? std::string{}
                  : " during " + std::string{to_string(f.during)} + ", " + std::to_string(f.steps) + " messages in") +
             "; it is back after " + seconds(f.lasts);
    case fault_kind::pause:
      return f.node + " stands still" + lasts;
    case fault_kind::clock_jump:
      return "the clock of " + f.node + " jumps by " + seconds(f.jump);
    case fault_kind::failed_sync:
      return "the disk of " + f.node + " fails to sync once";
    case fault_kind::slow_disk:
      return "the disk of " + f.node + " is " + std::to_string(f.times) + " times slower" + lasts;
    case fault_kind::full_queue:
      return "the journal of " + f.node + " has no room for the next " + std::to_string(f.times) + " appends";
    case fault_kind::oversized:
      return "the journal of " + f.node + " finds the next " + std::to_string(f.times) + " appends too large";
    case fault_kind::drop:
      return link + " loses " + percent(f.share) + lasts;
    case fault_kind::delay:
      return link + " is slower by up to " + seconds(f.jump) + lasts;
    case fault_kind::duplicate:
      return link + " delivers " + percent(f.share) + " twice" + lasts;
    case fault_kind::reorder:
      return link + " delivers in any order" + lasts;
    case fault_kind::cut:
      return "the link " + f.node + " <-> " + f.to + " is cut" + lasts;
    case fault_kind::cut_one_way:
      return link + " is cut, this way only," + lasts;
  }
  return {};
}

std::string to_string(const planned_fault& f) { return seconds(f.at) + ": " + what_happens(f); }

fault_plan random_faults(const fault_options& options, random_source& random) {
  fault_plan plan;
  const auto deck = deck_of(options);
  if (deck.empty() || options.nodes.empty()) return plan;
  std::vector<card> left;
  for (int i = 0; i < options.count; ++i) {
    if (left.empty()) left = deck;
    const auto place = left.begin() + static_cast<std::ptrdiff_t>(below(random, left.size()));
    plan.push_back(draw(options, *place, random));
    left.erase(place);
  }
  std::stable_sort(plan.begin(), plan.end(), [](const planned_fault& a, const planned_fault& b) { return a.at < b.at; });
  return plan;
}

}  // namespace banyan
