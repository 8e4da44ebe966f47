// Supervision policies as values: which children restart together, which are restarted, how fast, how often, and how
// long each may take to end. Terms and outcomes are Erlang/OTP's (Armstrong 2003; the `supervisor` behaviour);
// back-off is an addition.
//
//   supervision_policy p{.strategy = restart::rest_for_one};                              // back-off, never gives up
//   supervision_policy q{.backoff = no_backoff, .limit = intensity{.restarts = 3, .within = 5s}};   // as OTP
//   supervision_policy r{.auto_shutdown = auto_shutdown::all_significant};               // ends when its work is done
//
// With back-off an outage of a dependency does not kill the tree: a child that can not start is retried after 0, 50
// ms, 100 ms ... 10 s, without end. Without back-off, a child that fails too often ends its supervisor, which its
// own supervisor then restarts (escalation).
#pragma once

#include <banyan/core/backoff.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Which children are restarted when one fails.
enum class restart : std::uint8_t {
  one_for_one,   // the failed one
  one_for_all,   // all children: they depend on each other
  rest_for_one,  // it and those started after it, which depend on it
};
std::string_view to_string(restart r);

// Which exits lead to a restart.
enum class restart_type : std::uint8_t {
  permanent,  // always
  transient,  // after a failure (crash, failed start), not after `normal` or `shutdown`
  temporary,  // never, not even with its siblings; it is removed
};
std::string_view to_string(restart_type t);

// Whether a supervisor ends (with `shutdown`, after its children) when significant children have ended by themselves
// and are not restarted. For groups that exist for some of their children, such as a connection and the actors
// serving it. A significant child is transient or temporary.
enum class auto_shutdown : std::uint8_t { never, any_significant, all_significant };
std::string_view to_string(auto_shutdown a);

// The restart limit: more than `restarts` `within` this time end the supervisor, after its children (last one
// first).
struct intensity {
  int restarts = 5;
  timespan within = std::chrono::seconds{10};
};

inline constexpr std::nullopt_t no_backoff = std::nullopt;

struct supervision_policy {
  restart strategy = restart::one_for_one;
  std::optional<backoff_policy> backoff = backoff_policy{};  // per child
  std::optional<intensity> limit = {};                       // unset: unlimited with back-off, 5 in 10 s without
  banyan::auto_shutdown auto_shutdown = banyan::auto_shutdown::never;
};

// C++ can not kill a handler that does not return. A child that exceeds its shutdown time is abandoned: it gets no
// more messages, it is reported, and a new actor takes its place.
inline constexpr timespan abandon_at_once{nanoseconds{0}};
inline constexpr timespan wait_forever{nanoseconds::max()};

struct child_policy {
  std::string name;                                  // unique among its siblings
  restart_type type = restart_type::permanent;
  timespan shutdown = std::chrono::seconds{5};       // time limit of an ordered end
  bool significant = false;                          // for auto_shutdown
};

// All mistakes, one sentence each; nothing may start unless this is empty.
std::vector<std::string> check(const supervision_policy& policy, const std::vector<child_policy>& children);

}  // namespace banyan
