// Messages per second of our actors beside raw CAF actors, on the same two worker threads, in the same run.
//
//   bench_messages [--rounds 7] [--requests 100000] [--json FILE]
//
// ask: one client with 1, 10 or 100 calls under way to one server, each call with a limit of one second. send: one way. dispatch: the same
// to an actor with twelve operations, of which the last is meant. "context": every message carries a trace, ids and a caller.
#include <tests/bench/caf_traffic.hpp>
#include <tests/bench/command_line.hpp>

using namespace banyan;
using namespace banyan::bench;

namespace {

template <class Server, class Measure>
double with_server(actor_system& system, Measure measure) {
  auto server = bench::spawn<Server>(system);
  auto measured = measure(server);
  stop_and_wait(server);
  return measured;
}

std::vector<comparison> comparisons(actor_system& s, int n) {
  std::vector<comparison> all;
  for (auto [window, goal] : {std::pair{1, 1.2}, {10, 1.8}, {100, 2.5}}) {
    auto ours = [&s, n, w = window](bool context) {
      return with_server<our_server>(s, [&](const address& to) { return asks<ping>(s, to, n, w, context); });
    };
    auto theirs = [&s, n, w = window](bool limited) { return cafs_asks<ping>(s, caf_server, n, w, limited); };
    all.push_back({"ask, window " + std::to_string(window),
                   {{"ask, limit 1 s", [=] { return ours(false); }, goal},
                    {"ask, limit 1 s, context", [=] { return ours(true); }},
                    {"CAF request(infinite)", [=] { return theirs(false); }},
                    {"CAF request(1 s)", [=] { return theirs(true); }}}});
  }
  const int m = std::max(n * 5 / batch, 1) * batch;
  auto one_way = [&s, m](bool context) {
    return with_server<our_server>(s, [&](const address& to) { return sends<bump>(s, to, m, context); });
  };
  auto dispatched = [&s, m](bool context) {
    return with_server<our_service<operation_of>>(s, [&](const address& to) { return sends<last_operation>(s, to, m, context); });
  };
  all.push_back({"send",
                 {{"send", [=] { return one_way(false); }},
                  {"send, context", [=] { return one_way(true); }},
                  {"CAF send", [=, &s] { return cafs_sends<bump>(s, caf_server, m); }}}});
  all.push_back({"dispatch, 12 operations",
                 {{"service", [=] { return dispatched(false); }, 1.0},
                  {"service, context", [=] { return dispatched(true); }},
                  {"CAF, 12 handlers", [=, &s] { return cafs_sends<last_operation>(s, caf_operations, m); }}}});
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  command_line line{"bench_messages", "Messages per second of our actors beside raw CAF actors", 7};
  int requests = 100'000;
  line.number("--requests", requests, "Messages per turn", batch);
  if (auto code = line.parse(argc, argv)) return *code;
  actor_system system{{.threads = 2}};
  auto all = comparisons(system, requests);
  return contest(line, "messages", all);
}
