// The exit reason of an actor or another supervised child, in Erlang/OTP's terms. The child gives it when it stops
// itself; the supervisor decides by it whether to restart.
//
//   self().stop();                                           // normal: its work is done
//   self().stop({exit_reason::shutdown, "lease lost"});      // OTP's {shutdown, lease_lost}: expected, with a cause
//
// `failed` is the reason after an exception and the only one that a supervisor counts as a failure. It treats
// `normal` and `shutdown` alike; they differ for logs only.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace banyan {

struct exit_reason {
  enum kind_type : std::uint8_t { normal, shutdown, failed } kind;
  std::string because;

  exit_reason(kind_type k = normal, std::string why = {}) : kind{k}, because{std::move(why)} {}
  friend bool operator==(const exit_reason&, const exit_reason&) = default;
};

}  // namespace banyan
