// Why a run of something supervised ended, in Erlang/OTP's terms: an actor says it when it stops itself, a supervisor decides by it.
//
//   self().stop();                                           // normal: its work is done
//   self().stop({exit_reason::shutdown, "lease lost"});      // OTP's {shutdown, lease_lost}: it was to end, and here is why
//
// A failure is thrown; `failed` as a reason is what becomes of that. Only `failed` is a failure to a supervisor: `normal` and `shutdown`
// differ for whoever reads them.
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
