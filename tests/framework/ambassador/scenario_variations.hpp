// The scenarios with other periods, shares, fleets and loads than those of the table: what holds in the table must hold
// here, or it is a property of the table.
#pragma once

#include <tests/framework/ambassador/scenarios.hpp>

namespace banyan::test {

inline const std::vector<scenario>& variations() {
  static const fleet_shape three{.replicas = 3}, one{.replicas = 1}, many{.replicas = 24};
  static const fleet_shape fails_fast{.failing_takes = 0.2}, fails_as_long{.failing_takes = 1};
  static const std::vector<scenario> all{
      {"sudden 10 %", 60, faults::sudden(0.1)},
      {"sudden 40 %", 60, faults::sudden(0.4)},
      {"sudden 60 %", 60, faults::sudden(0.6)},
      {"sudden 80 %", 60, faults::sudden(0.8)},
      {"sudden 100 %, 2 s", 32, faults::sudden(1, 2)},
      {"sudden 100 %, 10 s", 40, faults::sudden(1, 10)},
      {"sudden 100 %, 60 s", 90, faults::sudden(1, 60)},
      {"sudden 100 %, fails fast", 60, faults::sudden(1), fails_fast},
      {"sudden 100 %, one", 60, faults::sudden(1), one, 38},
      {"sudden 100 %, loaded", 60, faults::sudden(1), {}, 600},
      {"sudden 20 %, loaded", 60, faults::sudden(0.2), {}, 500},
      {"spikes 1 of 5 s", 91, faults::spikes(5, 1, 91)},
      {"spikes 2 of 20 s", 92, faults::spikes(20, 2, 92)},
      {"spikes 4 of 8 s", 90, faults::spikes(8, 4, 90)},
      {"spikes 10 of 30 s", 100, faults::spikes(30, 10, 100)},
      {"spikes 5 of 15 s, 60 %", 95, faults::spikes(15, 5, 95, 0.6)},
      {"spikes, fails fast", 95, faults::spikes(15, 5, 95), fails_fast},
      {"spikes, fails as long", 95, faults::spikes(15, 5, 95), fails_as_long},
      {"spikes, three replicas", 95, faults::spikes(15, 5, 95), three, 112},
      {"spikes, one replica", 95, faults::spikes(15, 5, 95), one, 38},
      {"spikes, 24 replicas", 95, faults::spikes(15, 5, 95), many, 900},
      {"spikes, loaded", 95, faults::spikes(15, 5, 95), {}, 600},
      {"slow rise, 60 s", 90, faults::slow_rise(60)},
      {"slow rise, fails fast", 60, faults::slow_rise(), fails_fast},
      {"oscillation 4 s", 90, faults::oscillation(4)},
      {"oscillation 20 s", 90, faults::oscillation(20)},
      {"oscillation 60 s", 90, faults::oscillation(60)},
      {"oscillation to 60 %", 90, faults::oscillation(10, 0.6)},
      {"oscillation, fails fast", 90, faults::oscillation(10), fails_fast},
      {"oscillation, as long", 90, faults::oscillation(10), fails_as_long},
      {"oscillation, three", 90, faults::oscillation(10), three, 112},
      {"oscillation, loaded", 90, faults::oscillation(10), {}, 600},
      {"slow queries, 4 times", 60, faults::slow_queries(4)},
      {"slow queries, 60 s", 90, faults::slow_queries(20, 60)},
      {"two of eight slow", 90, faults::some_slow(2)},
      {"one of three slow", 90, faults::some_slow(1), three, 112},
      {"one slow, 4 times", 90, faults::some_slow(1, 4)},
      {"three of eight failing", 90, faults::some_failing(3)},
      {"five of eight failing", 90, faults::some_failing(5)},
      {"one of three failing", 90, faults::some_failing(1), three, 112},
      {"one failing 50 %", 90, faults::some_failing(1, 0.5)},
      {"one failing, fails fast", 90, faults::some_failing(1), fails_fast},
      {"one failing, loaded", 90, faults::some_failing(1), {}, 700},
      {"flapping 0.2 s, 30 %", 90, faults::flapping(0.2, 0.3)},
      {"flapping 2 s, 30 %", 90, faults::flapping(2, 0.3)},
      {"flapping 5 s, 30 %", 90, faults::flapping(5, 0.3)},
      {"flapping 0.5 s, 10 %", 90, faults::flapping(0.5, 0.1)},
      {"flapping 0.5 s, 50 %", 90, faults::flapping(0.5, 0.5)},
      {"flapping, three", 90, faults::flapping(0.5, 0.3), three, 112},
      {"flapping, 24 replicas", 90, faults::flapping(0.5, 0.3), many, 900},
      {"flapping, loaded", 90, faults::flapping(0.5, 0.3), {}, 600},
  };
  return all;
}

}  // namespace banyan::test
