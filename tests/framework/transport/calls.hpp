// Calls over a real transport, for tests that wait for them.
#pragma once

#include <banyan/transport/transport.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace banyan::test {

inline constexpr std::chrono::seconds patience{20};

class waiting_call {
 public:
  std::unique_ptr<transport::attempt> attempt;
  std::future<result<remote_answer>> answer;

  bool is_answered() const { return answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }
  result<message_ptr> get() {
    REQUIRE(answer.wait_for(patience) == std::future_status::ready);
    auto a = answer.get();
    if (!a) return a.error();
    return std::move(a->value);
  }
  error refusal() {
    auto a = get();
    REQUIRE_FALSE(a);
    return a.error();
  }
};

template <class Request>
waiting_call call(transport& by, const endpoint& to, const operation& what, Request request,
                  timespan left = std::chrono::minutes{1}) {
  const auto m = make_message<Request>(std::move(request));
  auto told = std::make_shared<std::promise<result<remote_answer>>>();
  waiting_call c;
  c.answer = told->get_future();
  c.attempt = by.send(to, what, *m, add_saturating(system_clock().steady(), left),
                      [told](result<remote_answer> r) { told->set_value(std::move(r)); });
  return c;
}

// Until another thread has done what must happen.
template <class F>
bool soon(F condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace banyan::test
