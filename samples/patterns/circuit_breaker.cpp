// Circuit breaker: when a pipe bursts, shut the main valve first; water that keeps flowing helps nobody, and the pipe
// can be mended. Netflix Hystrix made it known: a service that calls one that is down stops calling it, answers at
// once, and lets it recover.
//
// Here a shop charges cards ten times a second, and the card company is down from second 2 to second 7. The time is
// virtual, so that each run prints the same:
//
//   circuit_breaker
//
// In a service the breaker is an option of its link to another service; this one stands alone around a function.
#include <banyan/circuit_breaker/guarded.hpp>

#include <cstdio>
#include <string>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct virtual_clock final : banyan::clock {
  nanoseconds passed{0};
  instant now() const override { return instant{passed}; }
  monotonic steady() const override { return monotonic{passed}; }
};

struct card_company {
  const virtual_clock& time;
  int asked = 0;
  result<int> charge(int pence) {
    ++asked;
    if (time.passed >= 2s && time.passed < 7s) return error{code::unavailable, "no connection to the card company"};
    return pence;
  }
};

double seconds(monotonic t) { return std::chrono::duration<double>(t.time_since_epoch()).count(); }

}  // namespace

int main() {
  virtual_clock time;
  card_company company{time};
  int refused = 0;

  const auto tell = [&](const breaker_event& e) {
    if (e.kind == breaker_event_kind::refused && ++refused > 1) return;  // the first one is enough to see
    std::printf("%6.2f s  %s -> %s", seconds(e.at), to_string(e.kind).data(), to_string(e.state).data());
    if (e.kind == breaker_event_kind::tripped)
      std::printf(": %.0f %% of %d calls failed, next probe at %.2f s", e.failure_rate * 100,
                  static_cast<int>(e.calls), seconds(e.retry_at));
    std::printf("\n");
  };
  breaker valve{{.calls = 20, .min_calls = 10, .open_for = 1s}, 42, tell};
  auto charge = guard(valve, time, [&](int pence) { return company.charge(pence); });

  int charged = 0, failed = 0;
  for (int call = 0; call < 150; ++call, time.passed += 100ms) {
    const auto answer = charge(1999);
    if (answer) {
      ++charged;
    } else if (answer.error().reason != circuit_open) {
      ++failed;
    } else if (refused == 1) {
      ++refused;
      std::printf("          %s\n", to_string(answer.error()).c_str());
    }
  }
  const auto now = valve.snapshot(time.steady());
  std::printf("%6.2f s  %s: %d charged, %d failed, %d refused at once; the card company was asked %d times\n",
              seconds(time.steady()), to_string(now.state).data(), charged, failed, static_cast<int>(now.refused),
              company.asked);
  return now.state == breaker_state::closed && charged + failed == company.asked ? 0 : 1;
}
