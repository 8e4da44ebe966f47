#include <banyan/ambassador/token_bucket.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace banyan {

namespace {

constexpr std::int64_t second = 1'000'000'000;  // ns
constexpr double slowest = 1e-5, fastest = 1e9;

std::string rate_text(double per_second) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", per_second);
  return text;
}

}  // namespace

token_bucket::token_bucket(rate_limit_options options, monotonic now) : start_{now} { adopt(options); }

// Units are the smallest power of ten per token that gives the rate nine digits: then units per second are at most 1e9,
// a second's part of them fits into 64 bits after the multiplication, and the sum lasts for 292 years.
void token_bucket::adopt(rate_limit_options options) {
  const double rate = std::clamp(options.per_second, slowest, fastest);
  token_ = 1;
  while (rate * static_cast<double>(token_) * 10 <= 1e9) token_ *= 10;
  per_second_ = std::llround(rate * static_cast<double>(token_));
  const auto burst = options.burst > 0 ? options.burst : std::max<std::int64_t>(1, static_cast<std::int64_t>(rate));
  burst_ = std::min(burst, INT64_MAX / 4 / token_) * token_;
}

token_bucket::units token_bucket::gained(monotonic now) const {
  const auto elapsed = std::max((now - start_).count(), latest_);
  return elapsed / second * per_second_ + elapsed % second * per_second_ / second;
}

token_bucket::units token_bucket::level(monotonic now) const {
  const auto g = gained(now);
  return burst_ + g - std::max(spent_, g);
}

bool token_bucket::take(monotonic now) {
  const std::lock_guard lock{mutex_};
  latest_ = std::max(latest_, (now - start_).count());
  const auto g = gained(now);
  spent_ = std::max(spent_, g);
  if (burst_ + g - spent_ < token_) return false;
  spent_ += token_;
  return true;
}

nanoseconds token_bucket::retry_after(monotonic now) const {
  const std::lock_guard lock{mutex_};
  const auto g = gained(now);
  const auto wanted = std::max(spent_, g) + token_ - burst_;  // to be gained since `start_`
  if (wanted <= g) return nanoseconds{0};
  const auto rest = wanted % per_second_ * second;
  const auto when = wanted / per_second_ * second + (rest + per_second_ - 1) / per_second_;
  return nanoseconds{std::max<std::int64_t>(when - (now - start_).count(), 0)};
}

error token_bucket::refusal(monotonic now) const {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(retry_after(now));
  const std::lock_guard lock{mutex_};
  const auto rate = static_cast<double>(per_second_) / static_cast<double>(token_);
  return error{code::exhausted, "the limit of " + rate_text(rate) + " calls a second is reached"}
      .because("rate_limited")
      .after(wait);
}

void token_bucket::set(rate_limit_options options, monotonic now) {
  const std::lock_guard lock{mutex_};
  const auto tokens = static_cast<double>(level(now)) / static_cast<double>(token_);
  adopt(options);
  start_ = now;
  latest_ = 0;
  const auto kept = std::min(tokens * static_cast<double>(token_), static_cast<double>(burst_));
  spent_ = burst_ - static_cast<units>(kept);
}

}  // namespace banyan
