#include <banyan/circuit_breaker/circuit_breaker.hpp>

#include <string>

namespace banyan {
namespace {

using namespace std::chrono_literals;

class findings {
 public:
  void whole(const char* option, int value, int least, int most) {
    if (value < least || value > most)
      add(option, "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
          std::to_string(value));
  }
  void duration(const char* option, timespan value, timespan least, timespan most) {
    if (value < least || value > most)
      add(option, "a time span from " + to_string(least) + " to " + to_string(most), to_string(value));
  }
  // Also refuses what is not a number.
  void share(const char* option, double value, double least, const char* bounds) {
    if (!(value >= least && value <= 1)) add(option, bounds, std::to_string(value));
  }
  void add(const char* option, const std::string& expected, const std::string& found) {
    all.push_back(error{code::invalid_argument, "expected " + expected + ", found " + found}.at(option));
  }
  std::vector<error> all;
};

}  // namespace

std::vector<error> check(const circuit_breaker& o) {
  findings f;
  const bool by_count = o.window == breaker_window::count;
  if (!by_count && o.window != breaker_window::time) f.add("window", "count or time", std::to_string(int(o.window)));
  if (by_count) f.whole("calls", o.calls, 1, 100'000);
  if (!by_count) f.duration("length", o.length, 10ms, 1h);
  if (!by_count) f.whole("buckets", o.buckets, 1, 100);
  f.whole("min_calls", o.min_calls, 1, 1'000'000'000);
  if (by_count && o.calls >= 1 && o.min_calls > o.calls)
    f.add("min_calls", "at most `calls` (" + std::to_string(o.calls) + "), or no rate would ever trip the breaker",
          std::to_string(o.min_calls));
  f.share("failure_rate", o.failure_rate, 1e-6, "a share above 0, up to 1");
  f.share("slow_rate", o.slow_rate, 1e-6, "a share above 0, up to 1");
  f.duration("slow_after", o.slow_after, 0s, timespan::max());
  f.whole("consecutive", o.consecutive, 0, 1'000'000'000);
  f.duration("open_for", o.open_for, 1ms, 24h);
  f.duration("open_for_at_most", o.open_for_at_most, 1ms, 24h);
  if (o.open_for_at_most < o.open_for)
    f.add("open_for_at_most", "at least `open_for` (" + to_string(o.open_for) + ")", to_string(o.open_for_at_most));
  f.share("jitter", o.jitter, 0, "a share from 0 to 1");
  f.whole("probes", o.probes, 1, 32);
  f.duration("probe_limit", o.probe_limit, 1ms, 24h);
  f.duration("ramp", o.ramp, 0s, 24h);
  return f.all;
}

}  // namespace banyan
