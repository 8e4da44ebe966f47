// Many sagas that sleep: what one costs in memory, how long a node with all of them takes to start, and their timers,
// due at once.
#include <banyan/core/free_memory.hpp>
#include <banyan/saga/saga_orders.hpp>

#include <tests/bench/saga/bench_node.hpp>
#include <tests/bench/saga/parts.hpp>
#include <tests/bench/saga/scratch_folder.hpp>
#include <tests/bench/saga/sqlite_memory.hpp>

#include <malloc.h>

#include <map>
#include <thread>

namespace saga_bench {
namespace {

// What malloc has given out, in bytes, without the memory of SQLite: page caches of the journal and of the views.
double memory_in_use() {
  give_back_free_memory();
  const auto heap = ::mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd) - sqlite_memory::in_use();
}

template <auto Function, class Input>
sent_request to_start(const bench_node& n, Input input) {
  saga_order order{.what = saga_command::start, .id = input.id, .payload = nested(input)};
  return n.request(as_command(make_message<saga_order_for<Function>>(saga_order_for<Function>{std::move(order)})));
}

double awake(const bench_node& n, std::string_view saga) { return n.metric("banyan_entities_active", saga); }

void wait_until_ready(const bench_node& n) {
  try {
    wait_until([&] { return n.is_ready(); });
  } catch (const std::exception&) {
    throw std::runtime_error{"the node is not ready: " + n.trouble()};
  }
}

}  // namespace

// Filled once; started again in each round.
void measure_sleeping(const settings& s, figures& all) {
  constexpr int before = 12'000;  // more than the node's bounded caches of events and streams by position
  auto& bytes = all.add({"sleeping", "memory of a sleeping saga, " + std::to_string(s.sleeping) + " of them", "bytes",
                         goal_kind::at_most, 200});
  auto& ready = all.add({"sleeping", "until the node is ready after a restart", "s", goal_kind::at_most, 2});
  const scratch_folder folder{s.folder};
  {
    bench_node n{folder.path()};
    const auto fill = [&](const std::string& prefix, int count) {
      send_all(
          n.system(), count, 256, [&](int i) { return to_start<sleeper>(n, sleep_long{prefix + std::to_string(i)}); },
          false,
          [&](int i) {
            if (i % 1'000 == 0) s.progress("sleeping", i, count);
          });
      wait_until_ready(n);
      wait_until([&] { return awake(n, "sleepers") <= 500; });
      std::this_thread::sleep_for(std::chrono::seconds{12});  // until their last looks at the clock are over
    };
    fill("before", before);
    const auto from = memory_in_use();
    fill("s", s.sleeping);
    bytes.add((memory_in_use() - from) / s.sleeping);
  }
  for (int round = 0; round < s.rounds; ++round) {
    s.progress("sleeping, restarted", round);
    const auto from = std::chrono::steady_clock::now();
    bench_node n{folder.path()};
    wait_until_ready(n);
    ready.add(std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count());
  }
}

namespace {

// Sagas of many steps, one after the other, until it is stopped: what other sagas do meanwhile.
class bystander {
 public:
  explicit bystander(bench_node& n) : thread_{[this, &n] { run(n); }} {}
  ~bystander() {
    stops_ = true;
    thread_.join();
  }

 private:
  void run(bench_node& n) {
    static std::atomic<int> next{0};
    while (!stops_) {
      const auto id = "bystander" + std::to_string(++next);
      send_all(
          n.system(), 1, 1,
          [&](int) {
            return n.request(as_command(make_message<run_flow>(run_flow{id, 200})));
          },
          true);
    }
  }
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

// The 99th percentile of the steps that ended between these.
double p99_of(const std::vector<arrivals::one>& all, moment from, moment to) {
  std::vector<double> took;
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].line > 1 && all[i].at >= from && all[i].at <= to)
      took.push_back(std::chrono::duration<double, std::milli>(all[i].at - all[i - 1].at).count());
  if (took.empty()) throw std::runtime_error{"the other saga made no step"};
  std::sort(took.begin(), took.end());
  return took[took.size() * 99 / 100];
}

struct drained {
  double per_second, quiet_p99, busy_p99;
  double early = 0, not_once = 0;
};

drained drain(bench_node& n, const settings& s, int round) {
  using namespace std::chrono_literals;
  const auto prefix = "t" + std::to_string(round) + "-";
  const auto done_before = n.metric("banyan_sagas_ended_total", "timed");
  // Later than what is looked at from memory, and time to start all of them.
  const auto lead = 26s + std::chrono::seconds{s.timers / 1'000};
  const auto due = system_clock().now() + lead;
  const auto due_at = std::chrono::steady_clock::now() + lead;
  const auto due_number = due.time_since_epoch().count();
  send_all(n.system(), s.timers, 256, [&](int i) {
    return to_start<timed>(n, sleep_until{prefix + std::to_string(i), due_number});
  });
  wait_until_ready(n);
  if (std::chrono::steady_clock::now() > due_at - 5s)
    throw std::runtime_error{"the sagas could not be started in time"};
  std::this_thread::sleep_until(due_at - 5s);
  came.watch("bystander");
  moment all_fired;
  std::vector<arrivals::one> steps;
  {
    bystander other{n};
    std::this_thread::sleep_until(due_at);
    wait_until([&] { return n.metric("banyan_sagas_ended_total", "timed") - done_before >= s.timers; }, 5ms);
    all_fired = std::chrono::steady_clock::now();
    steps = came.take();
  }
  came.watch({});
  drained d{};
  d.per_second = s.timers / std::chrono::duration<double>(all_fired - due_at).count();
  d.quiet_p99 = p99_of(steps, due_at - 4s, due_at - 200ms);
  d.busy_p99 = p99_of(steps, due_at, all_fired);
  std::map<std::string, int> fired;
  for (const auto& e : events_of(n.journal(), "timed")) {
    if (!e.stream.starts_with("timed-" + prefix)) continue;
    const auto turn = from_json<saga_turned>(e.payload);
    auto& times = fired[e.stream];
    if (!turn || turn->because.kind != saga_notice::fired) continue;
    ++times;
    if (turn->now < due) ++d.early;
  }
  for (const auto& [stream, times] : fired)
    if (times != 1) ++d.not_once;
  d.not_once += s.timers - static_cast<int>(fired.size());
  return d;
}

}  // namespace

void measure_timers(const settings& s, figures& all) {
  const auto count = std::to_string(s.timers);
  auto& rate = all.add({"timers", count + " due at once: fired and stored", "timers/s", goal_kind::at_least, 5'000});
  auto& p99 =
      all.add({"timers", "a step of another saga meanwhile, p99", "ms", goal_kind::ratio_at_most, 2, "before, quiet"});
  auto& early = all.add({"timers", "fired early", "timers", goal_kind::exactly, 0});
  auto& not_once = all.add({"timers", "fired not once", "timers", goal_kind::exactly, 0});
  const scratch_folder folder{s.folder};
  bench_node n{folder.path()};
  for (int round = 0; round < s.rounds; ++round) {
    s.progress("timers", round);
    const auto d = drain(n, s, round);
    rate.add(d.per_second);
    p99.add(d.busy_p99, d.quiet_p99);
    early.add(d.early);
    not_once.add(d.not_once);
  }
}

}  // namespace saga_bench
