// The engines that the conformance suite of calls between nodes runs against. A new engine is one more entry in
// transport_engines.cpp.
#pragma once

#include <tests/framework/transport/calls.hpp>
#include <tests/framework/transport/prices.hpp>

#include <banyan/engines/framed_transport/call_listener.hpp>
#include <banyan/transport/transport.hpp>

#include <memory>
#include <string>
#include <vector>

namespace transport_test {

using namespace banyan;
using namespace prices_test;

// Two nodes: one that is called, and the transport of the other.
class two_nodes {
 public:
  virtual ~two_nodes() = default;
  virtual transport& calls() = 0;
  virtual endpoint called() const = 0;
  virtual void stop_called() = 0;  // without a word, as when it is killed
};

struct transport_engine {
  std::string name;
  std::function<std::unique_ptr<two_nodes>(call_handler)> start;
};
const std::vector<transport_engine>& transport_engines();

// The service of prices.hpp on real threads, and calls to it.
struct price_server {
  price_server();
  ~price_server() { system.shutdown(); }
  call_handler handler();

  operation get = describe_operation<get_price>("prices", idempotent::always);
  operation set = describe_operation<set_price>("prices", idempotent::by_key);
  std::vector<context_ptr> seen;  // look at it when the call is answered
  int ended = 0;
  directory here;
  actor_system system{{.threads = 2}};
};

struct world : price_server {
  explicit world(const transport_engine& e) : nodes{e.start(handler())} {}
  test::waiting_call ask(std::string sku, timespan left = std::chrono::minutes{1}) {
    return test::call(nodes->calls(), nodes->called(), get, get_price{std::move(sku), {}}, left);
  }
  // Calls of a connection are taken up in their order, so what was asked before is under way now.
  void wait_until_taken_up() { REQUIRE(ask("A").get()); }
  std::unique_ptr<two_nodes> nodes;
};

template <class Body>
void on_every_transport(Body body) {
  for (const auto& engine : transport_engines()) {
    DYNAMIC_SECTION(engine.name) {
      world w{engine};
      body(w);
    }
  }
}

}  // namespace transport_test
