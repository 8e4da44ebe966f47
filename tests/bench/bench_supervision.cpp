// What it costs to be supervised, beside Erlang/OTP and beside raw CAF, on this machine and in this run.
//
//   bench_supervision [--rounds 5] [--crashes 2000] [--group-crashes 200] [--messages 500000] [--json FILE]
//
// Crashes: an actor (the observer) makes a child throw, and takes the time until the child has answered the next message. Ours is restarted
// in place; the next message waits behind the one that is crashed on ("queued"), or is sent when the child has said that it is back
// ("told"). Respawns, where the next message goes to a new actor: a pool that is asked for another child; a CAF actor that monitors its
// children and spawns the next one, which tells the observer; a gen_server under OTP's supervisor, which tells the observer, or whose
// registered name the observer looks up until it is somebody else's. Nobody writes a log. Then the same for one_for_all: one of 100
// children crashes, the last of them has started again.
//
// Throughput: an actor with twelve operations under a supervisor, of which the last is meant, beside a CAF actor with twelve handlers that
// nobody supervises, as in bench_messages. "trace, deadline, metrics": every message carries a trace, ids and a caller; every request has a
// deadline (it has in all of ours); each is counted, and timed by two readings of the clock.
//
// Without Erlang (Debian's erlang-base) the figures of the others are shown.
#include <banyan/observability/metrics.hpp>

#include <tests/bench/caf_crashes.hpp>
#include <tests/bench/command_line.hpp>
#include <tests/bench/erlang_crashes.hpp>
#include <tests/bench/our_crashes.hpp>

using namespace banyan;
using namespace banyan::bench;

namespace {

struct settings {
  int crashes = 2000, group_crashes = 200, messages = 500'000;
};

std::vector<race> races(actor_system& s, const settings& with, bool has_erlang) {
  const auto n = with.crashes, g = with.group_crashes;
  const latency goal{.p50 = 20, .p99 = 100}, group_goal{.p50 = 500};
  const auto plain = without_backoff(restart::one_for_one), patient = with_backoff(restart::one_for_one);
  race one{"crash -> next message handled",
           {{"in place, queued", [=, &s] { return crashes_in_place<queueing_observer>(s, plain, 1, n); }, goal},
            {"in place, queued, back-off", [=, &s] { return crashes_in_place<queueing_observer>(s, patient, 1, n); }, goal},
            {"in place, told", [=, &s] { return crashes_in_place<told_observer>(s, plain, 1, n); }, goal},
            {"respawn, pool", [=, &s] { return crashes_in_pool(s, n); }},
            {"CAF respawn, told", [=, &s] { return cafs_crashes(s, false, 1, n); }}}};
  race group{
      "one_for_all, 100 children",
      {{"in place", [=, &s] { return crashes_in_place<group_observer>(s, without_backoff(restart::one_for_all), 100, g); }, group_goal},
       {"CAF respawn", [=, &s] { return cafs_crashes(s, true, 100, g); }}}};
  if (has_erlang) {
    one.who.push_back({"Erlang/OTP respawn, polled", [=] { return erlangs_crashes("polled", n); }});
    one.who.push_back({"Erlang/OTP respawn, told", [=] { return erlangs_crashes("told", n); }});
    group.who.push_back({"Erlang/OTP", [=] { return erlangs_crashes("one_for_all", g); }});
  }
  return {one, group};
}

// What the framework counts of its commands and queries, too.
struct meter {
  explicit meter(metrics_registry& m)
      : calls{m.counter("bench_operations_total", "Operations handled.")}, seconds{m.histogram("bench_operation_seconds", "Their time.")} {}
  void begin(actor_host& h) { since = h.steady(); }
  void end(actor_host& h) {
    calls.add();
    seconds.observe(h.steady() - since);
  }
  counter calls;
  histogram seconds;
  monotonic since{};
};

template <template <int> class Operation, class Meter>
actor_factory service_with(Meter m) {
  return [m] { return std::make_unique<our_service<Operation, Meter>>(m); };
}

template <class Measure>
double supervised(actor_system& system, actor_factory make, Measure measure) {
  auto tree = supervisor_factory::make({.children = {{.name = "service", .make = std::move(make)}}}).value();
  auto top = system.spawn(tree, {.name = "top"});
  if (!system.ask_and_wait(top, await_children{}, std::chrono::seconds{10})) std::abort();
  auto measured = measure(tree.child("service"));
  stop_and_wait(top);
  return measured;
}

std::vector<comparison> throughputs(actor_system& s, metrics_registry& metrics, const settings& with) {
  const auto n = with.messages;
  auto send = [&s, n](actor_factory make, bool context) {
    return supervised(s, std::move(make), [&](const address& to) { return sends<last_operation>(s, to, n, context); });
  };
  auto ask = [&s, n](actor_factory make, bool context) {
    return supervised(s, std::move(make), [&](const address& to) { return asks<last_question>(s, to, n / 5, 10, context); });
  };
  meter m{metrics};
  return {{"12 operations, one way",
           {{"supervised", [=] { return send(service_with<operation_of>(no_meter{}), false); }, 1.0},
            {"trace, metrics", [=] { return send(service_with<operation_of>(m), true); }, 0.8},
            {"CAF, 12 handlers", [=, &s] { return cafs_sends<last_operation>(s, caf_operations, n); }}}},
          {"12 operations, asked, window 10",
           {{"supervised, limit 1 s", [=] { return ask(service_with<question_of>(no_meter{}), false); }, 1.0},
            {"trace, deadline, metrics", [=] { return ask(service_with<question_of>(m), true); }, 0.8},
            {"CAF request(1 s)", [=, &s] { return cafs_asks<last_question>(s, caf_questions, n / 5, 10, true); }},
            {"CAF request(infinite)", [=, &s] { return cafs_asks<last_question>(s, caf_questions, n / 5, 10, false); }}}}};
}

}  // namespace

int main(int argc, char** argv) try {
  command_line line{"bench_supervision", "What it costs to be supervised, beside Erlang/OTP and beside raw CAF", 5};
  settings with;
  line.number("--crashes", with.crashes, "Crashes of one child, per turn");
  line.number("--group-crashes", with.group_crashes, "Crashes of one among 100 children, per turn");
  line.number("--messages", with.messages, "Messages for throughput, per turn", batch);
  if (auto code = line.parse(argc, argv)) return *code;
  with.messages = with.messages / batch * batch;
  const bool has_erlang = is_erlang_there();
  metrics_registry metrics;
  actor_system system{{.threads = 2}};
  auto crashed = races(system, with, has_erlang);
  auto driven = throughputs(system, metrics, with);
  run(crashed, line.rounds());
  run(driven, line.rounds());
  print(crashed);
  print(driven);
  if (!has_erlang)
    std::printf("\nNO ERLANG HERE: its figures are missing, and ratios of the crashes are to CAF. Install erlang-base, then run again.\n");
  const bool written = line.write_json([&](std::ostream& out) {
    out << "{\"bench\":\"supervision\",\"crashes\":";
    write_json(out, crashed);
    out << ",\"throughput\":";
    write_json(out, driven);
    out << "}\n";
  });
  return written ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_supervision: %s\n", e.what());
  return 1;
}
