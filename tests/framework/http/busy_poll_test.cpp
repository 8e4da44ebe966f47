#include <banyan/http/busy_poll.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

// An I/O context whose work comes after so many polls without any; "W" in the log is a wait in the kernel. Each poll
// takes a microsecond.
struct context_of_script {
  std::vector<int> empty_polls;  // before each piece of work
  std::string log = {};
  std::chrono::nanoseconds time{};

  bool stopped() const { return empty_polls.empty(); }
  std::size_t poll() {
    time += 1us;
    if (stopped() || empty_polls.front()-- > 0) {
      log += '.';
      return 0;
    }
    return work();
  }
  std::size_t run_one() {
    if (stopped()) return 0;
    log += 'W';
    return work();
  }
  std::size_t work() {
    log += '!';
    empty_polls.erase(empty_polls.begin());
    return 1;
  }
};

std::string run(std::vector<int> empty_polls, std::chrono::nanoseconds limit) {
  context_of_script context{std::move(empty_polls)};
  banyan::run_with_busy_poll(context, limit, [&] { return context.time; });
  return context.log;
}

}  // namespace

TEST_CASE("work that comes within the limit is found by polling, later work by a wait", "[busy_poll]") {
  CHECK(run({0, 3, 1}, 5us) == "!...!.!");
  CHECK(run({0, 100, 1}, 5us) == "!......W!.!");
}

TEST_CASE("without a limit each wait follows one poll", "[busy_poll]") {
  CHECK(run({0, 1, 100}, 0us) == "!.W!.W!");
}

TEST_CASE("a context that is stopped while it is polled is left", "[busy_poll]") {
  struct stops : context_of_script {
    std::size_t poll() {
      if (log.size() == 3) empty_polls.clear();
      return context_of_script::poll();
    }
  };
  stops context{{{100}}};
  banyan::run_with_busy_poll(context, 1h, [&] { return context.time; });
  CHECK(std::count(context.log.begin(), context.log.end(), 'W') == 0);
}
