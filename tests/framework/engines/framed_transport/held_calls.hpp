// A node that is called and keeps its calls until the test answers them; and the node that calls it.
#pragma once

#include <tests/framework/transport/calls.hpp>
#include <tests/framework/transport/prices.hpp>

#include <banyan/engines/framed_transport/call_listener.hpp>
#include <banyan/engines/framed_transport/framed_transport.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

namespace framed_test {

using namespace banyan;
using namespace prices_test;
using namespace std::chrono_literals;

// "A" is answered at once, with its own payload as the customer says; others are kept.
class held_calls {
 public:
  call_handler handler() {
    return [this](const encoded_call& c, timespan,
                  completion<encoded_answer> answer) -> std::unique_ptr<transport::attempt> {
      const std::lock_guard lock{mutex_};
      all_.push_back(c);
      if (c.payload.starts_with(R"({"sku":"A")")) {
        answer(encoded_answer{R"({"minor":)" + std::to_string(all_.size()) + R"(,"in":"gbp"})", 0, {}});
        return nullptr;
      }
      held_.push_back(std::move(answer));
      return std::make_unique<given_up_counter>(*this);
    };
  }
  std::size_t count() {
    const std::lock_guard lock{mutex_};
    return all_.size();
  }
  std::size_t ended() {  // answered, or given up
    const std::lock_guard lock{mutex_};
    return ended_;
  }
  void answer(std::size_t i, encoded_answer with = {R"({"minor":7,"in":"gbp"})", 0, {}}) {
    const std::lock_guard lock{mutex_};
    held_.at(i)(std::move(with));
  }

 private:
  struct given_up_counter final : transport::attempt {
    explicit given_up_counter(held_calls& c) : calls{c} {}
    ~given_up_counter() override {
      const std::lock_guard lock{calls.mutex_};
      ++calls.ended_;
    }
    held_calls& calls;
  };
  std::mutex mutex_;
  std::vector<encoded_call> all_;
  std::deque<completion<encoded_answer>> held_;
  std::size_t ended_ = 0;
};

struct node_pair {
  explicit node_pair(call_listener_options o = {}, framed_transport_options t = {}) : listening{std::move(o)} {
    if (listening.identity.node.empty()) listening.identity = {"shop", "stock-1"};
    if (t.identity.node.empty()) t.identity = {"shop", "front-1"};
    t.connect_timeout = test::patience;
    listen();
    listening.port = listener->port();  // when it comes back it is the same one
    to = {"stock-1", "127.0.0.1:" + std::to_string(listener->port())};
    auto made = make_framed_transport(std::move(t), metrics);
    REQUIRE(made);
    calls = std::move(*made);
  }
  void listen() {
    auto started = call_listener::start(listening, held.handler(), metrics);
    REQUIRE(started);
    listener = std::move(*started);
  }
  test::waiting_call ask(std::string sku, timespan left = 1min) {
    return test::call(*calls, to, get, get_price{std::move(sku), {}}, left);
  }
  double value(const std::string& line) const {
    const auto text = metrics.text();
    const auto at = text.find("\n" + line + " ");
    return at == text.npos ? 0 : std::stod(text.substr(at + line.size() + 2));
  }

  metrics_registry metrics;
  operation get = describe_operation<get_price>("prices", idempotent::always);
  held_calls held;
  call_listener_options listening;
  std::unique_ptr<call_listener> listener;
  std::shared_ptr<transport> calls;
  endpoint to;
};

}  // namespace framed_test
