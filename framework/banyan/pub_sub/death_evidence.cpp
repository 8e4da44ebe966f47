#include <banyan/pub_sub/death_evidence.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace banyan {

namespace {

constexpr double k = 0.2;                                       // exponent of the calibrator
constexpr auto first_mark = std::chrono::milliseconds{10};
constexpr auto attempts_in_a_wait = 8;  // min. W / last lifetime; below, p is too close to 1

}  // namespace

process_end process_end_of(const char* last_end) {
  using namespace std::string_view_literals;
  constexpr std::array own{"SIGSEGV"sv, "SIGABRT"sv, "SIGBUS"sv, "SIGILL"sv, "SIGFPE"sv};
  constexpr std::array outside{"ordered"sv, "SIGTERM"sv, "SIGINT"sv, "SIGHUP"sv, "SIGQUIT"sv};
  const std::string_view text = last_end ? last_end : "";
  if (std::find(own.begin(), own.end(), text) != own.end()) return process_end::own_fault;
  return std::find(outside.begin(), outside.end(), text) != outside.end() ? process_end::from_outside : process_end::unknown;
}

nanoseconds death_evidence::draw(random_source& random) const {
  const auto unit = static_cast<double>(random.next() >> 11) * 0x1p-53;  // [0, 1)
  return nanoseconds{static_cast<std::int64_t>(unit * static_cast<double>(is_.wait.count()))};
}

void death_evidence::died(nanoseconds lived, process_end how, const trial_limits& l) {
  if (how == process_end::from_outside) return;
  const auto latest = latest_death(lived);
  if (needs_trial()) {
    is_.all_own_fault = (is_.decades <= 0 || is_.all_own_fault) && how == process_end::own_fault;
    add(static_cast<double>(latest.count()) / static_cast<double>(is_.wait.count()));
  }
  is_.wait = std::min(std::max({l.first_wait, 2 * is_.wait, attempts_in_a_wait * latest}), std::max(l.first_wait, l.longest_wait));
}

void death_evidence::died_waiting(process_end how, const trial_limits& l) {
  if (how == process_end::from_outside) return;
  add(1);
  is_.wait = l.first_wait;  // processes are being ended anyway: a short wait gives the event an attempt in between
}

void death_evidence::survived(const trial_limits& l) {
  if (!needs_trial()) return;
  add(1);
  is_.wait = l.first_wait;
}

bool death_evidence::is_proven(const trial_limits& l) const {
  return is_.decades >= (is_.all_own_fault ? l.proof_of_own_fault : l.proof);
}

nanoseconds death_evidence::next_mark(nanoseconds lived) {
  nanoseconds mark = first_mark;
  while (mark <= lived) mark += mark / 2;
  return mark;
}

nanoseconds death_evidence::latest_death(nanoseconds lived) { return next_mark(next_mark(lived)); }

void death_evidence::add(double p) {
  is_.decades = std::max(0.0, is_.decades + std::log10(k) + (k - 1) * std::log10(std::min(1.0, p)));
}

}  // namespace banyan
