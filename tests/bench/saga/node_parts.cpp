// A whole node on SQLite: steps a second, the latency of one, its bytes.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>

#include <tests/bench/saga/bench_node.hpp>
#include <tests/bench/saga/parts.hpp>
#include <tests/bench/saga/scratch_folder.hpp>

#include <semaphore>

namespace saga_bench {
namespace {

constexpr int live = 64, lines = 4;

// --- the services

struct run_process {
  using reply = flow_state;
  std::string id;
  int lines = 0;
};
BOOST_DESCRIBE_STRUCT(run_process, (), (id, lines))
// Appends an event and asks the stock, so many times.
struct append_and_ask {
  using reply = flow_state;
  std::string id;
  int times = 0;
};
BOOST_DESCRIBE_STRUCT(append_and_ask, (), (id, times))
struct flows_api {
  static constexpr std::string_view name = "flows";
  using operations = banyan::operations<op<run_flow, idempotent::by_key>, op<sleep_long, idempotent::by_key>,
                                        op<sleep_until, idempotent::by_key>>;
};
struct processes_api {
  static constexpr std::string_view name = "processes";
  using operations = banyan::operations<op<begin_process, idempotent::by_key>, op<note_answer, idempotent::by_key>,
                                        op<run_process, idempotent::always>, op<append_and_ask, idempotent::never>>;
};

result<item_reserved> reserve(context<>, const reserve_item& r) { return reserved_for(r); }
result<item_reserved> release(context<>, const release_item& r) { return item_reserved{r.sku, 1240}; }

// By hand, with subscriptions that ask: what was begun goes on after a crash.
std::counting_semaphore<>* ended = nullptr;

using process_context = context<stock_api, processes_api>;
task<result<done>> ask_next(process_context ctx, const std::string id, const reserve_item next) {
  auto answer = co_await ctx.ask<stock_api, reserve_item>(next);
  if (!answer) co_return answer.error();
  auto noted = co_await ctx.ask<processes_api, note_answer>(id, next.line, *answer);
  if (!noted) co_return noted.error();
  co_return done{};
}
task<result<done>> on_begun(process_context ctx, const process_begun& e) {
  auto asked = co_await ask_next(std::move(ctx), e.id, e.next);
  co_return asked;
}
task<result<done>> on_answered(process_context ctx, const line_answered& e) {
  if (!e.next) {
    ended->release();
    co_return done{};
  }
  auto asked = co_await ask_next(std::move(ctx), e.id, *e.next);
  co_return asked;
}

// By hand, in a handler: what was begun goes on when its caller asks again.
task<result<flow_state>> drive(process_context ctx, const run_process& r) {
  auto begun = co_await ctx.ask<processes_api, begin_process>(r.id, r.lines);
  if (!begun) co_return begun.error();
  for (int line = 1; line <= r.lines; ++line) {
    const auto next = process::line_of(r.id, line);
    auto answer = co_await ctx.ask<stock_api, reserve_item>(next);
    if (!answer) co_return answer.error();
    auto noted = co_await ctx.ask<processes_api, note_answer>(r.id, line, *answer);
    if (!noted) co_return noted.error();
  }
  flow_state end{r.id, r.lines};
  co_return end;
}

journal* bare_journal = nullptr;
class with_host : public context<stock_api> {
 public:
  explicit with_host(const context<stock_api>& c) : context<stock_api>{c} {}
  actor_host& host() { return host_; }
};
task<result<flow_state>> alone(context<stock_api> ctx, const append_and_ask& a) {
  with_host self{ctx};
  version at = 0;
  for (int i = 1; i <= a.times; ++i) {
    append_request r;
    auto& w = r.writes.emplace_back(stream_write{"alone-" + a.id, expected::exact(at), {}});
    line_answered e{a.id, i, {sku, 1234}, process::line_of(a.id, i)};
    w.events.push_back(
        {uuid_v7(self.now(), system_random()), std::string{line_answered::stored.type}, 1, to_json(e), {}});
    auto append = [&](completion<append_result> answered) { bare_journal->append(std::move(r), std::move(answered)); };
    auto stored = co_await self.host().wait_for<append_result>(std::chrono::seconds{10}, append);
    if (!stored) co_return stored.error();
    ++at;
    const auto next = process::line_of(a.id, i);
    auto answer = co_await ctx.ask<stock_api, reserve_item>(next);
    if (!answer) co_return answer.error();
  }
  flow_state end{a.id, a.times};
  co_return end;
}

// --- contestants: steps a second

double rate_of_steps(int flows, moment from) { return bench::rate(flows * lines, from); }

double saga_rate(bench_node& n, int flows, const std::string& prefix) {
  const auto from = bench::stopwatch::now();
  send_all(n.system(), flows, live, [&](int i) {
    return n.request(as_command(make_message<run_flow>(run_flow{prefix + std::to_string(i), lines})));
  });
  return rate_of_steps(flows, from);
}

double handler_rate(bench_node& n, int flows, const std::string& prefix) {
  const auto from = bench::stopwatch::now();
  send_all(n.system(), flows, live, [&](int i) {
    return n.request(as_command(make_message<run_process>(run_process{prefix + std::to_string(i), lines})));
  });
  return rate_of_steps(flows, from);
}

double subscription_rate(bench_node& n, int flows, const std::string& prefix) {
  std::counting_semaphore<> free{live};
  ended = &free;
  const auto from = bench::stopwatch::now();
  for (int i = 0; i < flows; ++i) {
    free.acquire();
    auto one = n.request(as_command(make_message<begin_process>(begin_process{prefix + std::to_string(i), lines})));
    n.system().ask_message(one.to, std::move(one.what), patience, [](result<message_ptr>) {});
  }
  for (int i = 0; i < live; ++i) free.acquire();
  return rate_of_steps(flows, from);
}

struct percentiles {
  double p50, p99;
};
percentiles of(std::vector<double> t) {
  if (t.empty()) throw std::runtime_error{"nothing was measured"};
  std::sort(t.begin(), t.end());
  return {t[t.size() / 2], t[t.size() * 99 / 100]};
}

}  // namespace

application bench_application(bool with_subscriptions) {
  using namespace std::chrono_literals;
  const ambassador<stock_api> to_stock{.deadline = 30s};
  const event_sourced<process> entities{.journal = "processes", .snapshot_every = 0};
  const sharded<process> shards{.entity = process_id, .shards = 64};
  const auto flows = service<flows_api>(to_stock, saga<flow>{.name = "flows", .id = flow_id},
                                        saga<sleeper>{.name = "sleepers", .id = sleeper_id, .max_active = 500},
                                        saga<timed>{.name = "timed", .id = timed_id, .max_active = 500});
  const auto stock = service<stock_api>(handles<reserve>{}, handles<release>{});
  if (!with_subscriptions)
    return {"bench",
            {stock, flows, service<processes_api>(to_stock, entities, shards, handles<drive>{}, handles<alone>{})}};
  return {"bench",
          {stock, flows,
           service<processes_api>(to_stock, entities, shards, handles<drive>{}, handles<alone>{},
                                  publishes<process_begun>{.topic = "processes.begun"},
                                  publishes<line_answered>{.topic = "processes.line_answered"},
                                  subscribes<on_begun>{.topic = "processes.begun", .from = from_start},
                                  subscribes<on_answered>{.topic = "processes.line_answered", .from = from_start})}};
}

void measure_steps(const settings& s, figures& all) {
  const scratch_folder folder{s.folder}, other_folder{s.folder};
  bench_node n{folder.path()}, with_subscriptions{other_folder.path(), true};
  auto& steps = all.add({"steps", "steps of 64 live sagas", "steps/s", goal_kind::ratio_at_least, 0.85,
                         "an aggregate, and subscriptions that ask"});
  auto& beside_handler =
      all.add({"steps", "the same", "steps/s", goal_kind::none, 0, "an aggregate, and a handler that asks"});
  for (int round = -1; round < s.rounds; ++round) {
    s.progress("steps", round);
    const auto prefix = "r" + std::to_string(round + 1) + "-";
    wait_until([&] { return n.is_ready(); });
    const auto a = saga_rate(n, s.flows, prefix + "s");
    wait_until([&] { return n.is_ready(); });
    const auto b = handler_rate(n, s.flows, prefix + "h");
    wait_until([&] { return n.is_ready() && with_subscriptions.is_ready(); });
    const auto c = subscription_rate(with_subscriptions, s.flows, prefix + "r");
    if (round < 0) continue;
    steps.add(a, c);
    beside_handler.add(a, b);
  }
}

void measure_latency(const settings& s, figures& all) {
  constexpr int times = 250, repeats = 4;
  const scratch_folder folder{s.folder};
  bench_node n{folder.path()};
  bare_journal = &n.journal();
  auto& p50 =
      all.add({"latency", "a step, p50", "us", goal_kind::ratio_at_most, 1.15, "one append and one request alone"});
  auto& p99 =
      all.add({"latency", "a step, p99", "us", goal_kind::ratio_at_most, 1.3, "one append and one request alone"});
  const auto gaps = [&](const std::string& id, auto request) {
    came.watch(id);
    send_all(n.system(), 1, 1, [&](int) { return n.request(as_command(std::move(request))); });
    const auto at = came.take();
    came.watch({});
    std::vector<double> all_gaps;
    for (std::size_t i = 11; i < at.size(); ++i)
      all_gaps.push_back(std::chrono::duration<double, std::micro>(at[i].at - at[i - 1].at).count());
    return all_gaps;
  };
  for (int round = -1; round < s.rounds; ++round) {
    s.progress("latency", round);
    std::vector<double> steps, reference;
    for (int i = 0; i < repeats; ++i) {
      const auto id = "l" + std::to_string(round + 1) + "-" + std::to_string(i);
      wait_until([&] { return n.is_ready(); });
      for (const auto g : gaps(id + "s", make_message<run_flow>(run_flow{id + "s", times}))) steps.push_back(g);
      wait_until([&] { return n.is_ready(); });
      for (const auto g : gaps(id + "a", make_message<append_and_ask>(append_and_ask{id + "a", times})))
        reference.push_back(g);
    }
    if (round < 0) continue;
    const auto a = of(std::move(steps)), b = of(std::move(reference));
    p50.add(a.p50, b.p50);
    p99.add(a.p99, b.p99);
  }
}

// Not a matter of time: one round.
void measure_bytes(const settings& s, figures& all) {
  constexpr int flows = 500;
  auto& payload = all.add(
      {"bytes", "of a step's event, payload", "bytes", goal_kind::ratio_at_most, 1.6, "the aggregate's events"});
  auto& file = all.add({"bytes", "of a step in the journal's file", "bytes", goal_kind::none, 0, "the aggregate's"});
  struct sizes {
    double payload = 0, file = 0;
  };
  const auto measure = [&](auto run, const std::string& category) {
    const scratch_folder folder{s.folder};
    sizes found;
    {
      bench_node n{folder.path()};
      run(n);
      for (const auto& e : events_of(n.journal(), category)) found.payload += static_cast<double>(e.payload.size());
    }
    found.file = static_cast<double>(std::filesystem::file_size(folder.path() / "data" / "journal.db"));
    found.payload /= flows * (lines + 1);
    found.file /= flows * (lines + 1);
    return found;
  };
  const auto a = measure([&](bench_node& n) { saga_rate(n, flows, "b"); }, "flows");
  const auto b = measure([&](bench_node& n) { handler_rate(n, flows, "b"); }, "processes");
  payload.add(a.payload, b.payload);
  file.add(a.file, b.file);
}

}  // namespace saga_bench
