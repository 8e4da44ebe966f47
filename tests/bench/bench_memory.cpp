// Bytes per actor and per entity, beside an actor of raw CAF in the same run.
//
//   bench_memory [--actors 1000000] [--json FILE]
//
// Idle actor: spawned, without a name, with one handler. Active entity: an event-sourced order of two lines, whose
// shard activated it for the second one, with two remembered commands, and idle since. Passivated entity: the same,
// passivated after it; what is left of it in memory, since it is the journal that remembers it (nothing here).
//
// Every kind is counted in a process of its own. "In use" is what malloc has given out and not got back, with its own
// overhead; "resident" is what the process has grown by, after free memory was given back.
#include <banyan/actor/native_system.hpp>
#include <banyan/core/free_memory.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/sharding/shard.hpp>
#include <banyan/sharding/shard_map.hpp>

#include <tests/bench/command_line.hpp>
#include <tests/bench/memory_subjects.hpp>

#include <caf/all.hpp>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <semaphore>
#include <stdexcept>
#include <thread>

using namespace banyan;
using namespace banyan::bench;

namespace {

struct footprint {
  double in_use = 0, resident = 0;  // bytes
};

footprint now() {
  const auto heap = ::mallinfo2();
  long pages = 0, resident = 0;
  if (auto* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return {static_cast<double>(heap.uordblks + heap.hblkhd), static_cast<double>(resident * ::sysconf(_SC_PAGESIZE))};
}

// What `fill` adds for each of `count`.
template <class Fill>
footprint growth(int count, Fill fill) {
  give_back_free_memory();
  const auto before = now();
  fill();
  give_back_free_memory();
  const auto after = now();
  return {(after.in_use - before.in_use) / count, (after.resident - before.resident) / count};
}

void wait_until(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{10};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error{"it did not come about in time"};
    std::this_thread::yield();
  }
}

// --- the kinds ----------------------------------------------------------------------------------------------
// None of them is tidied up: that would take longer than it took to make them, and the process ends.

struct hello {};
std::atomic<int> started_actors{0};

struct idle : actor {
  behavior make_behavior() override { return behavior{}.on<hello>([this](const hello&) { ++heard_; }); }
  void started() override { ++started_actors; }
  int heard_ = 0;
};
struct have_children {
  int count = 0;
};
struct parent : actor {
  behavior make_behavior() override {
    return behavior{}.on<have_children>([this](const have_children& h) {
      for (int i = 0; i < h.count; ++i) self().spawn([] { return std::make_unique<idle>(); });
    });
  }
};

footprint idle_actors(int count) {
  auto& system = *new actor_system{{.threads = 2}};
  const auto above = system.spawn([] { return std::make_unique<parent>(); });
  return growth(count, [&] {
    system.send(above, have_children{count});
    wait_until([&] { return started_actors == count; });
  });
}

footprint cafs_actors(int count) {
  auto& system = *new actor_system{{.threads = 2}};
  auto& all = *new std::vector<caf::actor>;
  all.reserve(static_cast<std::size_t>(count));
  return growth(count, [&] {
    for (int i = 0; i < count; ++i) {
      all.push_back(system.get_native().caf.spawn([](caf::event_based_actor*) -> caf::behavior {
        ++started_actors;
        return {[](int) {}};
      }));
    }
    wait_until([&] { return started_actors == count; });
  });
}

class orders {
 public:
  explicit orders(int most_active)
      : routing_{"purchase", 64, std::chrono::hours{1}, most_active, order_of, order_of, false} {
    const auto make = [this] {
      return std::make_unique<shard>(routing_, entities_, journal_, command_meters{}, census_);
    };
    for (int i = 0; i < routing_.shards; ++i) shards_.push_back(system_.spawn(make));
  }

  // Of this many orders more, one command for each.
  void use(int count) {
    constexpr int under_way = 1000;
    std::counting_semaphore<under_way> free{under_way};
    std::atomic<int> refused{0};
    for (int i = 0; i < count; ++i) {
      free.acquire();
      const auto id = to_string(uuid_from_name("bench", std::to_string(next_++)));
      add_line add{id, "customer-4711", {"SKU-300400", 2, 450}};
      const auto& to = shards_[shard_of(id, static_cast<std::uint32_t>(shards_.size()))];
      system_.ask(to, std::move(add), std::chrono::minutes{1}, {[&](result<std::int64_t> answer) {
        if (!answer) ++refused;
        free.release();
      }});
    }
    for (int i = 0; i < under_way; ++i) free.acquire();
    if (refused > 0) throw std::runtime_error{"commands were refused"};
  }
  std::int64_t active() const { return census_->active(); }
  // Those that were passivated have ended, too.
  bool is_settled() const { return static_cast<std::int64_t>(system_.counters().stopped) + active() == next_; }

 private:
  entity_spec entities_{erase<purchase>(), "orders", 100, 64};
  shard_spec routing_;
  forgetful_journal journal_;
  std::shared_ptr<entity_census> census_ = std::make_shared<entity_census>();
  actor_system system_{{.threads = 2}};
  std::vector<address> shards_;
  std::int64_t next_ = 0;
};

footprint active_entities(int count) {
  auto& all = *new orders{0};
  const auto grown = growth(count, [&] { all.use(count); });
  if (all.active() != count) throw std::runtime_error{"not all entities are active"};
  return grown;
}

footprint passivated_entities(int count) {
  constexpr int most_active = 1000;
  auto& all = *new orders{most_active};
  all.use(2 * most_active);
  const auto settle = [&] { wait_until([&] { return all.active() <= most_active && all.is_settled(); }); };
  settle();
  return growth(count, [&] {
    all.use(count);
    settle();
  });
}

// --- the table ----------------------------------------------------------------------------------------------

struct kind {
  std::string name;
  footprint (*count)(int);
  double budget = 0;  // bytes; 0: none
  footprint each = {};
};

// In a process of its own: nothing that another kind has freed is used again.
footprint count_apart(const kind& k, int count) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
  const auto child = ::fork();
  if (child < 0) throw std::runtime_error{"no process"};
  if (child == 0) {
    int code = 1;
    try {
      const auto each = k.count(count);
      code = ::write(ends[1], &each, sizeof each) == sizeof each ? 0 : 1;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "bench_memory: %s: %s\n", k.name.c_str(), e.what());
    }
    ::_exit(code);
  }
  ::close(ends[1]);
  footprint each;
  const bool told = ::read(ends[0], &each, sizeof each) == sizeof each;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!told || status != 0) throw std::runtime_error{k.name + " could not be counted"};
  return each;
}

void print(const std::vector<kind>& all) {
  std::printf("%-22s %10s %10s %10s %10s %10s\n", "bytes for each", "in use", "resident", "budget", "of budget",
              "of CAF's");
  for (const auto& k : all) {
    std::printf("%-22s %10.0f %10.0f ", k.name.c_str(), k.each.in_use, k.each.resident);
    if (k.budget > 0)
      std::printf("%10.0f %9.2fx", k.budget, k.each.in_use / k.budget);
    else
      std::printf("%10s %10s", "-", "-");
    std::printf(" %9.2fx\n", k.each.in_use / all.back().each.in_use);
  }
  for (const auto& k : all)
    if (k.budget > 0)
      std::printf("budget of %s %.0f bytes: %s\n", k.name.c_str(), k.budget,
                  k.each.in_use <= k.budget ? "met" : "NOT met");
}

void write_json(std::ostream& out, const std::vector<kind>& all, int count) {
  out << "{\"bench\":\"memory\",\"unit\":\"bytes\",\"count\":" << count << ",\"kinds\":[";
  for (const auto& k : all)
    out << (&k == &all.front() ? "" : ",") << "{\"name\":\"" << k.name << "\",\"in_use\":" << k.each.in_use
        << ",\"resident\":" << k.each.resident << ",\"budget\":" << k.budget << "}";
  out << "]}\n";
}

}  // namespace

int main(int argc, char** argv) try {
  command_line line{"bench_memory", "Bytes per actor and per entity, beside an actor of raw CAF", 1};
  int count = 1'000'000;
  line.number("--actors", count, "How many of each kind", 1000);
  if (auto code = line.parse(argc, argv)) return *code;
  std::vector<kind> all{{"idle actor", idle_actors, 1500},
                        {"active entity", active_entities, 1500},
                        {"passivated entity", passivated_entities, 200},
                        {"idle actor of CAF", cafs_actors}};
  for (auto& k : all) k.each = count_apart(k, count);
  print(all);
  return line.write_json([&](std::ostream& out) { write_json(out, all, count); }) ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_memory: %s\n", e.what());
  return 1;
}
