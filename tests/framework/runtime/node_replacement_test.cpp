// A part of a service that will not end is left behind; whoever sends to it reaches the one in its place.
#include <tests/framework/runtime/node_access.hpp>
#include <tests/framework/observability/captured_log.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/supervision/supervised.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct linger {
  using reply = done;
};
BOOST_DESCRIBE_STRUCT(linger, (), ())
struct fall {
  using reply = done;
};
BOOST_DESCRIBE_STRUCT(fall, (), ())

std::promise<void> entered, let_go;
std::atomic<int> lingered{0};

// The first time it does not come back before the test lets it.
result<done> do_linger(context<>, const linger&) {
  if (lingered.fetch_add(1) == 0) {
    entered.set_value();
    let_go.get_future().wait();
  }
  return done{};
}
result<done> do_fall(context<>, const fall&) { return done{}; }

struct parts_api {
  static constexpr std::string_view name = "parts";
  using operations = banyan::operations<op<linger>, op<fall>>;
};

template <class M>
result<done> ask(const node& n) {
  auto l = make_message<M>();
  return n.system().ask_and_wait(n.directory().find(type_of<M>())->for_message(*l), M{}, 10s);
}

}  // namespace

TEST_CASE("requests reach the replacement of a part that was left behind, which is counted") {
  test::captured_log log{log_level::off};
  const application app{"app",
                        {service<parts_api>(handles<do_linger>{.workers = 1}, handles<do_fall>{.workers = 1},
                                            supervised{.strategy = restart::one_for_all, .shutdown = 50ms})}};
  memory_journal journal;
  memory_view_disk views;
  std::unique_ptr<node> running;
  actor_system system{{.threads = 3}};
  running = node::start(app, system, test::standing_on(journal, journal.history(), views)).value();
  auto l = make_message<linger>();
  const auto first = running->directory().find(type_of<linger>())->for_message(*l);
  system.send(first, linger{});
  entered.get_future().wait();

  const auto falls = make_message<fall>();
  post_work(running->directory().find(type_of<fall>())->for_message(*falls), [](actor_host&) { throw std::runtime_error{"no luck"}; });
  // Until the shutdown time is over they go to the first, which does not answer; afterwards at once.
  while (running->directory().find(type_of<linger>())->for_message(*l) == first) std::this_thread::yield();
  result<done> answer = error{};
  for (int i = 0; i < 1'000'000 && !answer; ++i) answer = ask<linger>(*running);
  CHECK(answer);
  CHECK(lingered == 2);

  const auto metrics = running->metrics().text();
  CHECK(metrics.find(R"(banyan_child_abandoned_total{child="handles.linger.*",supervisor="parts"} 1)") != metrics.npos);
  CHECK(metrics.find(R"(banyan_child_crashes_total{child="handles.fall.*",supervisor="parts"} 1)") != metrics.npos);
  CHECK(metrics.find(R"(banyan_child_crashes_total{child="handles.linger.*",supervisor="parts"} 0)") != metrics.npos);
  CHECK(metrics.find(R"(banyan_supervisor_escalations_total{supervisor="parts"} 0)") != metrics.npos);
  let_go.set_value();
  system.shutdown();
}
