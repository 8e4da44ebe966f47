#include <banyan/circuit_breaker/half_open.hpp>

#include <algorithm>
#include <cmath>

namespace banyan {
namespace {

std::uint8_t least(double rate, int probes) {
  const auto millionths = std::uint64_t{rate_in_millionths(rate)} * static_cast<std::uint64_t>(probes);
  return static_cast<std::uint8_t>((millionths + 999'999) / 1'000'000);
}

}  // namespace

std::uint32_t rate_in_millionths(double rate) { return static_cast<std::uint32_t>(std::lround(rate * 1e6)); }

half_open::half_open(const circuit_breaker& o)
    : probes_{static_cast<std::uint8_t>(o.probes)},
      fails_at_{least(o.failure_rate, o.probes)},
      fails_at_slow_{least(o.slow_rate, o.probes)} {}

void half_open::begin(std::int64_t* memory) noexcept {
  ends_ = memory;
  leased_ = spent_ = 0;
  counted_ = failures_ = slow_ = 0;
}

int half_open::admit(monotonic ends) noexcept {
  const int place = __builtin_ctzll(~std::uint64_t{leased_ | spent_});
  if (place >= probes_) return none;
  leased_ |= 1u << place;
  ends_[place] = ends.time_since_epoch().count();
  return place;
}

void half_open::expire(monotonic now) noexcept {
  const auto t = now.time_since_epoch().count();
  for (auto rest = leased_; rest != 0; rest &= rest - 1) {
    const int place = __builtin_ctz(rest);
    if (ends_[place] <= t) record(place, call_outcome::failure, false);
  }
}

void half_open::record(int place, call_outcome outcome, bool slow) noexcept {
  const auto bit = 1u << place;
  if (!(leased_ & bit)) return;
  leased_ &= ~bit;
  if (outcome == call_outcome::ignored) return;
  spent_ |= bit;
  ++counted_;
  failures_ += outcome == call_outcome::failure;
  slow_ += slow;
}

half_open::verdict half_open::judge() const noexcept {
  if (failures_ >= fails_at_ || slow_ >= fails_at_slow_) return verdict::fails;
  const int rest = probes_ - counted_;
  return failures_ + rest < fails_at_ && slow_ + rest < fails_at_slow_ ? verdict::works : verdict::open_question;
}

monotonic half_open::first_end() const noexcept {
  auto first = monotonic::max().time_since_epoch().count();
  for (auto rest = leased_; rest != 0; rest &= rest - 1) first = std::min(first, ends_[__builtin_ctz(rest)]);
  return monotonic{nanoseconds{first}};
}

}  // namespace banyan
