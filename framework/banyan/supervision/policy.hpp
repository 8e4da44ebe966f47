// What a supervisor is told about its children, as values: which of them fall together, which come back, how fast, how often, and how
// long each may take to end. The terms and the outcomes are Erlang/OTP's (Armstrong 2003; the `supervisor` behaviour); back-off is ours.
//
//   supervision_policy p{.strategy = restart::rest_for_one};                              // back-off, never gives up
//   supervision_policy q{.backoff = no_backoff, .limit = intensity{.restarts = 3, .within = 5s}};   // OTP's way
//   supervision_policy r{.auto_shutdown = auto_shutdown::all_significant};               // ends when its work is done
//
// With back-off an outage of a dependency does not kill the tree: a child that can not start is tried again after 0, 50 ms, 100 ms ... 10 s,
// for ever. Without it a child that fails too often ends the supervisor, which its own supervisor then restarts (escalation).
#pragma once

#include <banyan/core/backoff.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Who is restarted when one child fails.
enum class restart : std::uint8_t {
  one_for_one,   // it alone
  one_for_all,   // all of them: they can not work without each other
  rest_for_one,  // it and those started after it: later ones depend on earlier ones
};
std::string_view to_string(restart r);

// After which ends a child comes back.
enum class restart_type : std::uint8_t {
  permanent,  // always
  transient,  // when it failed (crashed, could not start); not when it stopped by itself, normally or with `shutdown`
  temporary,  // never, also not when a sibling's failure takes it along; it is forgotten
};
std::string_view to_string(restart_type t);

// Whether a supervisor ends (with `shutdown`, its children before it) because significant children ended by themselves and will not come
// back. It is for groups that exist for the sake of some of their children: a connection and what serves it. A significant child is
// transient or temporary.
enum class auto_shutdown : std::uint8_t { never, any_significant, all_significant };
std::string_view to_string(auto_shutdown a);

// More than `restarts` of them `within` this time: the supervisor ends its children, last one first, and itself.
struct intensity {
  int restarts = 5;
  timespan within = std::chrono::seconds{10};
};

inline constexpr std::nullopt_t no_backoff = std::nullopt;

struct supervision_policy {
  restart strategy = restart::one_for_one;
  std::optional<backoff_policy> backoff = backoff_policy{};  // counted per child
  std::optional<intensity> limit = {};                       // unset: none with back-off, 5 in 10 s without
  banyan::auto_shutdown auto_shutdown = banyan::auto_shutdown::never;
};

// A handler that does not return can not be killed in C++. A child that is not done in its time is left behind: it gets no
// more messages, it is reported, and a fresh one takes its place.
inline constexpr timespan abandon_at_once{nanoseconds{0}};
inline constexpr timespan wait_forever{nanoseconds::max()};

struct child_policy {
  std::string name;                                  // unique among its siblings
  restart_type type = restart_type::permanent;
  timespan shutdown = std::chrono::seconds{5};       // for an ordered end
  bool significant = false;                          // for auto_shutdown
};

// Everything wrong with them, one sentence each; nothing may start before this is empty.
std::vector<std::string> check(const supervision_policy& policy, const std::vector<child_policy>& children);

}  // namespace banyan
