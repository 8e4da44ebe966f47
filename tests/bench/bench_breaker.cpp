// Nanoseconds per call through a circuit breaker, beside one with a mutex and a ring in C++, and beside opossum and
// cockatiel of npm (node), which are installed into a temporary folder when the program starts.
//
//   bench_breaker [--rounds 7] [--calls 2000000] [--npm-calls 100000] [--json FILE]
//
// A call is permit and record, one of ten fails, none trips. Times of two threads are those of one of them, on one
// breaker. Time is passed in; "clock" reads the system's before the permit and before the record. Contestants take
// turns within a round; ratios to the last one, the reference, are taken per round, and medians are shown.
#include <tests/bench/breaker/mutex_breaker.hpp>
#include <tests/bench/breaker/npm_breakers.hpp>
#include <tests/bench/command_line.hpp>
#include <tests/bench/contest.hpp>

#include <banyan/circuit_breaker/breaker.hpp>

#include <atomic>
#include <iostream>
#include <thread>

using namespace banyan;
using namespace banyan::bench;

namespace {

using nanoseconds_per_call = std::function<double()>;

struct racer {
  std::string name;
  nanoseconds_per_call run;
  double goal = 0;  // at most; 0: none
  std::vector<double> times = {};
};
struct race {
  std::string name;
  std::vector<racer> who;  // the last one is the reference
};

struct virtual_clock {
  monotonic now{};
  monotonic operator()() { return now += nanoseconds{1'000}; }
};
struct system_time {
  monotonic operator()() { return std::chrono::steady_clock::now(); }
};

template <class Clock>
void call(breaker& b, Clock& clock, int i) {
  const auto admitted = b.acquire(clock());
  if (!admitted) throw std::logic_error{"a breaker that must not trip has tripped"};
  b.record(admitted.permit(), i % 10 == 0 ? call_outcome::failure : call_outcome::success, clock());
}
template <class Clock>
void call(mutex_breaker& b, Clock& clock, int i) {
  const auto started = clock();
  if (!b.acquire(started)) throw std::logic_error{"a breaker that must not trip has tripped"};
  b.record(i % 10 == 0, started, clock());
}

double per_call(stopwatch::time_point from, int calls) {
  return std::chrono::duration<double, std::nano>(stopwatch::now() - from).count() / calls;
}

template <class Clock, class Breaker>
double calls_of_one(int n, const circuit_breaker& options) {
  Breaker b{options};
  Clock clock;
  const auto from = stopwatch::now();
  for (int i = 0; i < n; ++i) call(b, clock, i);
  return per_call(from, n);
}

// The mean of both threads, which start together.
template <class Clock, class Breaker>
double calls_of_two(int n, const circuit_breaker& options) {
  Breaker b{options};
  std::atomic<int> ready{0};
  double times[2];
  const auto work = [&](double& time) {
    Clock clock;
    ++ready;
    while (ready.load() < 2) std::this_thread::yield();
    const auto from = stopwatch::now();
    for (int i = 0; i < n; ++i) call(b, clock, i);
    time = per_call(from, n);
  };
  std::thread other{[&] { work(times[1]); }};
  work(times[0]);
  other.join();
  return (times[0] + times[1]) / 2;
}

const circuit_breaker opens_at_once{
    .calls = 1, .min_calls = 1, .open_for = std::chrono::hours{24}, .open_for_at_most = std::chrono::hours{24}};

template <class Clock>
double refusals(int n) {
  breaker b{opens_at_once};
  Clock clock;
  const auto opened = clock();
  b.record(b.acquire(opened).permit(), call_outcome::failure, opened);
  const auto from = stopwatch::now();
  int admitted = 0;
  for (int i = 0; i < n; ++i) admitted += static_cast<bool>(b.acquire(clock()));
  const auto time = per_call(from, n);
  if (admitted != 0) throw std::logic_error{"an open breaker has admitted a call"};
  return time;
}
double refusals_by_mutex(int n) {
  mutex_breaker b{opens_at_once};
  virtual_clock clock;
  const auto started = clock();
  b.record(true, started, clock());
  const auto from = stopwatch::now();
  int admitted = 0;
  for (int i = 0; i < n; ++i) admitted += b.acquire(clock());
  const auto time = per_call(from, n);
  if (admitted != 0) throw std::logic_error{"an open breaker has admitted a call"};
  return time;
}

std::vector<race> races(int n) {
  const circuit_breaker by_count{};
  const circuit_breaker by_time{.window = breaker_window::time};
  return {
      {"permit + record, 1 thread",
       {{"count window", [=] { return calls_of_one<virtual_clock, breaker>(n, by_count); }, 25},
        {"time window", [=] { return calls_of_one<virtual_clock, breaker>(n, by_time); }, 25},
        {"count window, clock", [=] { return calls_of_one<system_time, breaker>(n, by_count); }},
        {"mutex, ring, clock", [=] { return calls_of_one<system_time, mutex_breaker>(n, by_count); }},
        {"mutex, ring", [=] { return calls_of_one<virtual_clock, mutex_breaker>(n, by_count); }}}},
      {"permit + record, 2 threads",
       {{"count window", [=] { return calls_of_two<virtual_clock, breaker>(n, by_count); }, 60},
        {"time window", [=] { return calls_of_two<virtual_clock, breaker>(n, by_time); }, 60},
        {"count window, clock", [=] { return calls_of_two<system_time, breaker>(n, by_count); }},
        {"mutex, ring, clock", [=] { return calls_of_two<system_time, mutex_breaker>(n, by_count); }},
        {"mutex, ring", [=] { return calls_of_two<virtual_clock, mutex_breaker>(n, by_count); }}}},
      {"refused, 1 thread",
       {{"open", [=] { return refusals<virtual_clock>(n); }, 10},
        {"open, clock", [=] { return refusals<system_time>(n); }},
        {"mutex, ring", [=] { return refusals_by_mutex(n); }}}},
  };
}

// Its contestants are measured by one process per round, from whose answer each takes its own.
race npm_race(const npm_breakers& npm, int n, int npm_calls) {
  auto round = std::make_shared<std::map<std::string, double>>();
  const auto of = [round](std::string name) { return [round, name] { return round->at(name); }; };
  return {"beside npm, 1 thread",
          {{"npm's function alone",
            [=, &npm] {
              *round = npm.measure(npm_calls);
              return round->at("bare");
            }},
           {"opossum, defaults", of("opossum")},
           {"opossum, no time-out", of("opossum_without_timeout")},
           {"opossum, refused", of("opossum_refused")},
           {"cockatiel, sampling", of("cockatiel")},
           {"cockatiel, refused", of("cockatiel_refused")},
           {"count window, clock", [n] { return calls_of_one<system_time, breaker>(n, {}); }}}};
}

// The first round warms up.
void run(std::vector<race>& all, int rounds) {
  for (int round = -1; round < rounds; ++round)
    for (auto& r : all)
      for (auto& w : r.who) {
        const auto time = w.run();
        if (round >= 0) w.times.push_back(time);
      }
}

void print(const std::vector<race>& all) {
  for (const auto& r : all) {
    std::printf("\n%-28s %12s %10s %20s\n", r.name.c_str(), "median ns", "ratio", "rounds ns");
    for (const auto& w : r.who) {
      std::printf("  %-26s %12.1f %9.2fx  ", w.name.c_str(), median(w.times),
                  median_ratio(w.times, r.who.back().times));
      for (const auto t : w.times) std::printf(" %7.1f", t);
      std::printf("\n");
    }
    for (const auto& w : r.who)
      if (w.goal > 0)
        std::printf("  goal of %s, at most %.0f ns: %s\n", w.name.c_str(), w.goal,
                    median(w.times) <= w.goal ? "met" : "NOT met");
  }
}

void write(std::ostream& out, const std::vector<race>& all, const std::string& missing) {
  out << "{\"bench\":\"breaker\",\"npm\":" << (missing.empty() ? "true" : "false") << ",\"comparisons\":[";
  for (const auto& r : all) {
    out << (&r == &all.front() ? "" : ",") << "{\"name\":\"" << r.name << "\",\"contestants\":[";
    for (const auto& w : r.who)
      out << (&w == &r.who.front() ? "" : ",") << "{\"name\":\"" << w.name << "\",\"nanoseconds\":" << median(w.times)
          << ",\"ratio\":" << median_ratio(w.times, r.who.back().times) << ",\"goal\":" << w.goal << "}";
    out << "]}";
  }
  out << "]}\n";
}

}  // namespace

int main(int argc, char** argv) {
  command_line line{"bench_breaker", "Nanoseconds per call through a circuit breaker, beside a mutex and npm's", 7};
  int calls = 2'000'000, npm_calls = 100'000;
  line.number("--calls", calls, "Calls per turn and thread", 100);
  line.number("--npm-calls", npm_calls, "Calls per turn of npm's breakers; 0: without them", 0);
  if (auto code = line.parse(argc, argv)) return *code;
  auto all = races(calls);
  std::string missing = "left out by --npm-calls 0";
  std::optional<npm_breakers> npm;
  if (npm_calls > 0) {
    npm.emplace();
    missing = npm->missing();
    if (missing.empty()) all.push_back(npm_race(*npm, calls, npm_calls));
  }
  {
    // A second thread, idle: the C library spares atomic operations in a program that has only one.
    std::atomic<bool> done{false};
    std::thread idle{[&] { done.wait(false); }};
    run(all, line.rounds());
    done = true;
    done.notify_one();
    idle.join();
  }
  std::printf("sizeof(breaker): %zu bytes; window of %d calls: %d bytes\n", sizeof(breaker), circuit_breaker{}.calls,
              (circuit_breaker{}.calls + 31) / 32 * 8);
  print(all);
  if (!missing.empty()) std::printf("\nNOT COMPARED WITH opossum AND cockatiel: %s\n", missing.c_str());
  return line.write_json([&](std::ostream& out) { write(out, all, missing); }) ? 0 : 1;
}
