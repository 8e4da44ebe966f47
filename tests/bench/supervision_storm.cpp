// What crashing and coming and going leave behind: nothing. And what a child costs that fails as soon as it starts.
//
//   supervision_storm [--crashes 1000000] [--children 100000] [--seconds 10]
//
// Each part warms up with a tenth of what it measures; then memory is read, the storm passes, and memory is read again: what the
// program holds of the heap (mallinfo2), and what it holds of the machine (resident, after malloc_trim). Both must be within 5 % of what
// they were. Exit code 1: they are not, or 1,000 failures cost more than 1 % of a processor.
//
// Under a sanitizer the heap is not malloc's: there its leak check is the judge.
#include <banyan/actor/system.hpp>
#include <banyan/supervision/pool.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <tests/bench/command_line.hpp>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool heap_is_known = false;
#else
constexpr bool heap_is_known = true;
#endif

// --- measures --------------------------------------------------------------------------------------------------------

struct memory {
  double heap = 0, resident = 0;  // bytes
};

memory memory_now() {
  malloc_trim(0);
  std::ifstream statm{"/proc/self/statm"};
  double all = 0, resident = 0;
  statm >> all >> resident;
  auto heap = mallinfo2();
  return {static_cast<double>(heap.uordblks + heap.hblkhd), resident * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double seconds_since(std::chrono::steady_clock::time_point from) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

// What malloc keeps for what may come is not what we are looking for: what each thread has at hand for its next allocations counts as used
// for mallinfo2, and only the first arena gives its free end back to the machine. This program runs without the one and with one arena.
void without_reserves_of_malloc(char** argv) {
  if (std::getenv("GLIBC_TUNABLES")) return;
  setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1", 1);
  execv("/proc/self/exe", argv);
}

// The heap of an empty system is about 1 MB: letters on their way can be more than 5 % of it.
constexpr double in_flight = 64e3;

bool everything_holds = true;

// `storm(n)` is one of the size n. What it starts it must have ended, and been told so, before it returns.
void leaves_nothing(const char* what, int n, const std::function<void(int)>& storm) {
  storm(std::max(1, n / 10));
  auto before = memory_now();
  auto from = std::chrono::steady_clock::now();
  storm(n);
  const auto took = seconds_since(from);
  auto after = memory_now();
  // Workers put away what they have just finished with a moment after they said so.
  for (const auto until = std::chrono::steady_clock::now() + 5s;
       after.heap > before.heap * 1.05 && std::chrono::steady_clock::now() < until;) {
    std::this_thread::yield();
    after = memory_now();
  }
  const auto heap = after.heap / before.heap - 1, resident = after.resident / before.resident - 1;
  auto is_back = [](double now, double was) { return now <= was * 1.05 || now <= was + in_flight; };
  const bool holds = !heap_is_known || (is_back(after.heap, before.heap) && is_back(after.resident, before.resident));
  everything_holds = everything_holds && holds;
  std::printf("%-62s %9d %8.2f s %7.2f us  heap %8.0f -> %8.0f kB %+6.1f %%  resident %6.1f -> %6.1f MB %+6.1f %%  %s\n", what, n, took,
              took / n * 1e6, before.heap / 1e3, after.heap / 1e3, heap * 100, before.resident / 1e6, after.resident / 1e6, resident * 100,
              holds ? "ok" : "GREW");
  std::fflush(stdout);
}

// --- actors ----------------------------------------------------------------------------------------------------------

struct boom {};
struct ping {
  using reply = int;
};
struct idle {};

// Like real ones it has a timer set for later and a question under way when it crashes.
struct child : actor {
  explicit child(bool is_busy = false) : is_busy_{is_busy} {}
  void started() override {
    if (!is_busy_) return;
    self().after(1h, idle{});
    self().run(wait());
  }
  task<void> wait() { co_await self().sleep(10min); }
  behavior make_behavior() override {
    return behavior{}
        .on<boom>([](const boom&) { throw std::runtime_error{"boom"}; })
        .on<ping>([](const ping&) { return 1; })
        .on<idle>([](const idle&) {});
  }
  bool is_busy_;
};

template <class T>
T must(result<T> r) {
  if (r) return std::move(*r);
  std::fprintf(stderr, "%s\n", to_string(r.error()).c_str());
  std::exit(1);
}

child_spec spec(std::string name, bool is_busy) {
  return {.name = std::move(name), .make = [is_busy] { return std::make_unique<child>(is_busy); }};
}

// Without an intensity, which would rightly remember a second's worth of restarts.
supervision_policy at_once() { return {.backoff = backoff_policy{.quiet = 0s}}; }

void crashes(actor_system& system, const address& who, int n) {
  for (int i = 0; i < n; ++i) {
    system.send(who, boom{});
    if (i % 500 == 499) must(system.ask_and_wait(who, ping{}, 1min));
  }
  must(system.ask_and_wait(who, ping{}, 1min));
}

// Told under the lock: who waits may be gone as soon as it has the lock.
class countdown {
 public:
  explicit countdown(int n) : left_{n} {}
  void one_less() {
    const std::lock_guard lock{mutex_};
    if (--left_ == 0) none_left_.notify_all();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    none_left_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_left_;
  int left_;
};

void start_and_end_one_by_one(actor_system& system, const address& pool, int n, bool is_busy) {
  for (int i = 0; i < n; ++i) {
    auto who = must(system.ask_and_wait(pool, start_child{spec("", is_busy)}, 1min));
    must(system.ask_and_wait(pool, terminate_member{who}, 1min));
  }
}

void start_all_then_end_all(actor_system& system, const address& pool, int n) {
  std::vector<address> all(static_cast<std::size_t>(n));
  countdown starting{n}, ending{n};
  for (int i = 0; i < n; ++i)
    system.ask(pool, start_child{spec("one of many", false)}, 1min, [&, i](result<address> r) {
      all[static_cast<std::size_t>(i)] = must(std::move(r));
      starting.one_less();
    });
  starting.wait();
  for (auto& who : all)
    system.ask(pool, terminate_member{who}, 1min, [&](result<done> r) {
      must(std::move(r));
      ending.one_less();
    });
  ending.wait();
}

struct parent : actor {
  struct raise {
    using reply = done;
    int n;
  };
  behavior make_behavior() override {
    return behavior{}.on<raise>([this](const raise& r) {
      for (int i = 0; i < r.n; ++i) self().spawn([] { return std::make_unique<child>(); }, {.name = "child " + std::to_string(i)});
    });
  }
};

void raise_and_end(actor_system& system, int n) {
  auto p = system.spawn([] { return std::make_unique<parent>(); });
  must(system.ask_and_wait(p, parent::raise{n}, 1min));
  countdown ended{1};
  stop_actor(p, [&](result<done>) { ended.one_less(); });
  ended.wait();
}

// --- a child that can not live -----------------------------------------------------------------------------------------

void costs_next_to_nothing(int seconds) {
  struct hopeless : actor {
    explicit hopeless(std::atomic<int>* s) {
      ++*s;
      s->notify_one();
    }
    void started() override { throw std::runtime_error{"at once"}; }
    behavior make_behavior() override { return {}; }
  };
  std::atomic<int> starts{0};
  actor_system system{{.threads = 2}};
  auto report = [](const char* what, int n, double processor, double time) {
    const auto share = processor / time;
    std::printf("%-62s %9d failures, %.4f s of a processor in %.0f s: %.4f %%\n", what, n, processor, time, share * 100);
    return share < 0.01;
  };
  {
    auto quiet = processor_seconds();  // what the system itself uses
    std::this_thread::sleep_for(1s * seconds);
    quiet = processor_seconds() - quiet;
    auto used = processor_seconds();
    auto tree =
        must(supervisor_factory::make({.children = {{.name = "hopeless", .make = [&] { return std::make_unique<hopeless>(&starts); }}}}));
    auto top = system.spawn(tree);
    std::this_thread::sleep_for(1s * seconds);
    used = processor_seconds() - used;
    report("fails instantly, default back-off, real clock", starts, used, seconds);
    std::printf("%-62s %9s           %.4f s of a processor\n", "  as long, without it", "", quiet);
    stop_actor(top);
  }
  {  // 1,000 failures, each as dear as one without a wait, in the time that back-off gives them: 8 s or more apiece
    starts = 0;
    auto p =
        must(supervisor_factory::make({.policy = {.backoff = backoff_policy{.min = 0ms, .max = 0ms}},
                                       .children = {{.name = "hopeless", .make = [&] { return std::make_unique<hopeless>(&starts); }}}}));
    auto used = processor_seconds();
    auto top = system.spawn(p);
    for (int n = starts; n < 1000; n = starts) starts.wait(n);
    used = processor_seconds() - used;
    countdown ended{1};
    stop_actor(top, [&](result<done>) { ended.one_less(); });
    ended.wait();
    everything_holds = report("fails instantly 1,000 times, over what back-off makes of it", 1000, used, 990 * 8.0) && everything_holds;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (heap_is_known) without_reserves_of_malloc(argv);
  bench::command_line line{"supervision_storm", "What crashes, comings and goings leave behind, and what a child costs that can not live", 1};
  int n_crashes = 1'000'000, n_children = 100'000, seconds = 10;
  line.number("--crashes", n_crashes, "Crashes of each kind");
  line.number("--children", n_children, "Children of each kind");
  line.number("--seconds", seconds, "For the child that can not live", 1, 3600);
  if (auto code = line.parse(argc, argv)) return *code;
  for (int round = 0; round < line.rounds(); ++round) {
    actor_system system{{.threads = 2}};
    auto tree = must(supervisor_factory::make({.policy = at_once(), .children = {spec("plain", false), spec("busy", true)}}));
    auto top = system.spawn(tree, {.name = "top"});
    auto pool = system.spawn(must(pool_factory::make({})), {.name = "pool"});
    must(system.ask_and_wait(top, await_children{}, 1min));
    leaves_nothing("crashes of one child, restarted in place", n_crashes, [&](int n) { crashes(system, tree.child("plain"), n); });
    leaves_nothing("crashes of one with a timer set and a question under way", n_crashes,
                   [&](int n) { crashes(system, tree.child("busy"), n); });
    leaves_nothing("children of a pool, started and ended one by one", n_children,
                   [&](int n) { start_and_end_one_by_one(system, pool, n, false); });
    leaves_nothing("the same, with a timer set and a question under way", n_children,
                   [&](int n) { start_and_end_one_by_one(system, pool, n, true); });
    leaves_nothing("children of a pool, all started and then all ended", n_children,
                   [&](int n) { start_all_then_end_all(system, pool, n); });
    leaves_nothing("named children of an actor, ended with it", n_children, [&](int n) { raise_and_end(system, n); });
  }
  costs_next_to_nothing(seconds);
  const bool written = line.write_json([](std::ostream& out) {
    out << "{\"bench\":\"supervision_storm\",\"holds\":" << (everything_holds ? "true" : "false") << "}\n";
  });
  return everything_holds && written ? 0 : 1;
}
