// A stepped_node with one saga.
#pragma once

#include "stepped_node.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace saga_tests {

inline saga_spec checkout_spec() {
  saga_spec spec;
  spec.name = "orders.checkout";
  spec.category = "checkouts";
  spec.versions.push_back({1, saga_code_of<shop::check_out>("orders.checkout", 1)});
  return spec;
}

class saga_node;

// Services of a test besides those of the shop. What they know outlives the node.
struct more_services {
  std::function<void(saga_operations&)> operations = {};
  std::function<void(saga_node&)> begin = {};  // after the power is on: add_service()
  saga_meters meters = {};
};

class saga_node final : public stepped_node {
 public:
  explicit saga_node(saga_spec spec_of = checkout_spec(), std::string saga = "o17", more_services others = {})
      : spec{std::move(spec_of)}, id{std::move(saga)}, more{std::move(others)} {
    power_on();
  }
  ~saga_node() override {
    if (s) settle();
    s.reset();
  }

  // An actor of the same saga beside the first, as there may be while its shard moves.
  address another() {
    saga_operations operations;
    add_operations<shop::inventory_api>(operations);
    add_operations<shop::payments_api>(operations);
    add_operations<shop::orders_api>(operations);
    if (more.operations) more.operations(operations);
    auto around = std::make_shared<const saga_surroundings>(
        saga_surroundings{.spec = spec, .journal = *power, .scope = *scope_, .operations = std::move(operations),
                          .meters = more.meters, .blocked = blocked, .attention = attention, .verify_all = true});
    auto stream = std::make_shared<const std::string>(spec.category + "-" + id);
    return s->system.spawn([around, stream] { return std::make_unique<saga_entity>(stream, around); });
  }

  // --- orders
  template <class M>
  test::stepped::answer_slot<message_ptr> send(M m, const std::string& command, timespan limit = 10s) {
    return stepped_node::send(who, std::move(m), command, limit);
  }
  saga_order to_start(const shop::order_placed& input = shop::an_order()) const {
    return {.what = saga_command::start, .id = id, .payload = nested(input)};
  }
  result<saga_receipt> order(saga_order o, const std::string& command = {}) {
    o.id = id;
    auto a = send(std::move(o), command);
    settle();
    return value_of(a);
  }
  result<saga_receipt> start() { return order(to_start(), "start"); }
  result<saga_description> described() {
    auto a = send(describe_saga{id}, {});
    settle();
    return value_of<saga_description>(a);
  }

  std::vector<std::string> turns(int run = 1) const {
    return turns_of(spec.category + "-" + id + (run == 1 ? "" : "~" + std::to_string(run)));
  }
  std::string ending() const { return ending_of(spec.category + "-" + id); }

  saga_spec spec;
  std::string id;
  more_services more;
  std::shared_ptr<unreadable_streams> blocked = std::make_shared<unreadable_streams>();
  std::shared_ptr<unreadable_streams> attention = std::make_shared<unreadable_streams>();
  address who;

 private:
  void begin() override {
    if (more.begin) more.begin(*this);
    who = another();
  }
  void end() override { who = {}; }
};

}  // namespace saga_tests
