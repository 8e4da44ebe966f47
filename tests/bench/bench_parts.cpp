// What each part of an ambassador costs a call, in nanoseconds, on one thread and on two that share it. The chain reads
// the clock once per call; that is not among them.
//
//   bench_parts [--calls 2000000] [--rounds 5] [--json FILE]
#include <banyan/ambassador/adaptive_limit.hpp>
#include <banyan/ambassador/balancer.hpp>
#include <banyan/ambassador/bulkhead.hpp>
#include <banyan/ambassador/latency_quantile.hpp>
#include <banyan/ambassador/outlier_detector.hpp>
#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/ambassador/token_bucket.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <tests/bench/command_line.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace banyan;
using namespace std::chrono_literals;

constexpr monotonic start{std::chrono::hours{1}};
constexpr timespan step = 1us;  // between two calls, of virtual time

// Time per call of the slower thread; the best of the rounds.
template <class Call>
double measure(int rounds, int calls, int threads, Call call) {
  double best = 1e9;
  auto first = start;
  for (int round = 0; round < rounds; ++round) {
    const auto run = [&, first](double& took) {
      seeded_random random{1};
      auto now = first;
      const auto began = std::chrono::steady_clock::now();
      for (int i = 0; i < calls; ++i) call(now += step.count(), random);
      took = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - began).count() / calls;
    };
    double mine = 0, others = 0;
    if (threads == 2) {
      std::thread other{run, std::ref(others)};
      run(mine);
      other.join();
    } else {
      run(mine);
    }
    best = std::min(best, std::max(mine, others));
    first += calls * step.count();
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  bench::command_line line{"bench_parts", "Nanoseconds per call of each part of an ambassador", 5};
  int calls = 2'000'000;
  line.number("--calls", calls, "per round and thread", 1000);
  if (auto code = line.parse(argc, argv)) return *code;

  std::string json;
  std::cout << std::left << std::setw(44) << "part" << std::right << std::setw(10) << "1 thread" << std::setw(11)
            << "2 threads" << "\n";
  const auto report = [&](const char* name, auto call) {
    const double one = measure(line.rounds(), calls, 1, call), two = measure(line.rounds(), calls, 2, call);
    std::cout << std::left << std::setw(44) << name << std::right << std::fixed << std::setprecision(1) << std::setw(10)
              << one << std::setw(11) << two << std::endl;
    json += std::string{json.empty() ? "" : ","} + "{\"part\":\"" + name + "\",\"one\":" + std::to_string(one) +
            ",\"two\":" + std::to_string(two) + "}";
  };

  token_bucket bucket{{.per_second = 1e8}, start};
  report("token_bucket: take", [&](monotonic now, random_source&) { bucket.take(now); });
  bulkhead permits;
  report("bulkhead: enter, release", [&](monotonic now, random_source&) {
    if (permits.try_enter()) permits.release(now);
  });
  retry_budget budget{{}, start};
  report("retry_budget: begin, end", [&](monotonic now, random_source&) {
    budget.begin();
    budget.end(now);
  });
  latency_quantile p95{{}, start};
  report("latency_quantile: record, value", [&](monotonic now, random_source&) {
    p95.record(nanoseconds{1000 + now.time_since_epoch().count() % 100'000}, now);
    static_cast<void>(p95.value(now));
  });
  adaptive_limit limit{{}, start};
  report("adaptive_limit: record", [&](monotonic now, random_source&) { limit.record(1ms, 10, now); });
  endpoint_load load;
  report("endpoint_load: begin, end", [&](monotonic now, random_source&) {
    load.begin();
    load.end(nanoseconds{1000 + now.time_since_epoch().count() % 100'000}, now);
  });
  std::vector<std::unique_ptr<balanced_endpoint>> eight;
  for (int i = 0; i < 8; ++i) {
    eight.push_back(std::make_unique<balanced_endpoint>("node-" + std::to_string(i)));
    eight.back()->load.begin();
    eight.back()->load.end(10ms, start);
  }
  for (const auto by : {balancing::p2c, balancing::round_robin, balancing::consistent_hash}) {
    const balancer choice{{.by = by}};
    report(("balancer: " + std::string{to_string(by)} + " of 8").c_str(), [&](monotonic now, random_source& random) {
      static_cast<void>(choice.choose(eight, [](std::size_t) { return true; }, random, 7, now));
    });
  }
  outlier_detector detector{{}, start};
  const auto record = std::make_shared<outlier_record>("node-1");
  detector.set_members({record}, start);
  report("outlier_detector: record", [&](monotonic now, random_source&) {
    detector.record(*record, attempt_result::success, 10ms, now);
  });
  const auto write = [&](std::ostream& out) { out << "{\"bench\":\"parts\",\"rows\":[" << json << "]}\n"; };
  return line.write_json(write) ? 0 : 1;
}
