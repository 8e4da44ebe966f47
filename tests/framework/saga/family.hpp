// A sale that asks for a shipment, both of them sagas: the parent waits for days for its child.
#pragma once

#include "stepped_node.hpp"

#include <banyan/sharding/shard.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace saga_tests {

struct shipped {
  std::string parcel;
};
BOOST_DESCRIBE_STRUCT(shipped, (), (parcel))
struct ship {
  using reply = shipped;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(ship, (), (id))
struct cancel_shipment {
  using reply = shipped;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(cancel_shipment, (), (id))
struct shipping_api {
  static constexpr std::string_view name = "shipping";
  using operations = banyan::operations<op<ship, idempotent::by_key>, op<cancel_shipment, idempotent::by_key>>;
};
struct arrival {
  bool is_damaged = false;
};
BOOST_DESCRIBE_STRUCT(arrival, (), (is_damaged))

// The child: reserves a van, and waits until the parcel has arrived.
inline durable<result<shipped>> ship_parcel(saga_context<shop::inventory_api> ctx, const ship& m) {
  auto van = co_await ctx.ask<shop::inventory_api, shop::reserve_stock>(m.id, 1, "van", 1)
                 .undone_by<shop::inventory_api, shop::release_stock>(m.id, 1, "van", 1);
  if (!van) co_return van.error();
  auto arrived = co_await ctx.event<arrival>("arrived");
  if (!arrived) co_return arrived.error();
  if (arrived->is_damaged) co_return error{code::refused, "the parcel is damaged"}.because("damaged");
  co_return shipped{"p-" + m.id};
}

// Another child: once its van is on the way, it arrives.
inline durable<result<shipped>> ship_for_certain(saga_context<shop::inventory_api> ctx, const ship& m) {
  auto van = co_await ctx.ask<shop::inventory_api, shop::reserve_stock>(m.id, 1, "van", 1);
  if (!van) co_return van.error();
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  auto arrived = co_await ctx.event<arrival>("arrived");
  if (!arrived) co_return arrived.error();
  co_return shipped{"p-" + m.id};
}

// The parent.
inline durable<result<shipped>> sell(saga_context<shipping_api, shop::payments_api> ctx, const shop::order_placed& e) {
  auto paid = co_await ctx.ask<shop::payments_api, shop::charge>(e.id, e.total)
                  .undone_by<shop::payments_api, shop::refund>(e.id);
  if (!paid) co_return paid.error();
  co_return co_await ctx.ask<shipping_api, ship>(e.id).undone_by<shipping_api, cancel_shipment>(e.id);
}

template <auto Function>
saga_spec spec_of(const std::string& name) {
  saga_spec s;
  s.name = s.category = name;
  s.versions.push_back({1, saga_code_of<Function>(name, 1)});
  s.routing.aggregate = name;
  s.routing.shards = 1;
  s.routing.passivate_after = 30s;
  return s;
}

// Cancels the saga, as a handler of the shipping service does; what was shipped is fetched.
class canceller final : public actor {
 public:
  canceller(std::function<address()> shipping, int& fetched) : shipping_{std::move(shipping)}, fetched_{&fetched} {}
  behavior make_behavior() override {
    return behavior{}.on_message<cancel_shipment>([this](message_ptr& m) { self().run(cancel(std::move(m))); });
  }

 private:
  task<void> cancel(message_ptr m) {
    const auto id = m->as<cancel_shipment>().id;
    auto order = make_message<saga_order>(
        saga_order{.what = saga_command::cancel, .id = id, .because = "by the order"});
    auto context = std::make_shared<message_context>();
    context->command = m->context->command;
    order->context = std::move(context);
    const auto receipt = co_await self().ask_message<saga_receipt>(shipping_(), 5s, std::move(order));
    const auto reason = receipt ? std::string{} : receipt.error().reason;
    if (reason == "saga_ended") ++*fetched_;
    if (receipt || reason == "already_stopped" || reason == "saga_ended")
      banyan::answer<shipped>(*m, shipped{id});
    else if (reason == "too_late")
      m->fail(error{code::refused, "it is on the way"}.because("on_the_way"));
    else
      m->fail(receipt.error());
  }
  std::function<address()> shipping_;
  int* fetched_;
};

class family final : public stepped_node {
 public:
  family() {
    shipping.request = type_of<ship>();
    shipping.input_of = [](message& m) { return nested(m.as<ship>()); };
    shipping.answer = &detail::stored_reply_message<shipped>;
    shipping.id_of = [](message& m) { return m.as<ship>().id; };
    for (auto* of : {&sales, &shipping}) {
      of->routing.entity = of->routing.place = [of](message& m) { return of->saga_of(m); };
    }
    power_on();
  }
  ~family() override {
    settle();
    s.reset();
  }

  result<saga_receipt> order(const address& to, saga_order o, const std::string& command) {
    o.id = "o17";
    auto a = send(to, std::move(o), command, 10s);
    settle();
    return value_of(a);
  }
  static saga_order start() { return {.what = saga_command::start, .id = "o17", .payload = nested(shop::an_order())}; }
  static saga_order arrives(bool is_damaged = false) {
    return {.what = saga_command::receive, .id = "o17", .name = "arrived", .payload = nested(arrival{is_damaged})};
  }
  // As its clock does after a restart.
  void wake(const address& shard) {
    s->system.send(shard, wake_saga{"o17"});
    settle();
  }
  std::vector<std::string> turns(const saga_spec& of) const { return turns_of(of.category + "-o17"); }
  std::string ending(const saga_spec& of) const { return ending_of(of.category + "-o17"); }
  int count(const std::string& name) const {
    return static_cast<int>(std::count(services.executed.begin(), services.executed.end(), name));
  }

  saga_spec sales = spec_of<sell>("sales"), shipping = spec_of<ship_parcel>("shipping");
  address seller, shipper;
  bool seller_is_reachable = true;          // for orders of other sagas
  int asked = 0;                            // the operation that the child answers
  int fetched = 0;                          // parcels, by who cancels
  std::map<std::string, int> activated;

 private:
  void begin() override {
    seller = shard_of(sales);
    shipper = shard_of(shipping);
    directory_->add(type_of<ship>(), {.choose = [this](message&) {
                      ++asked;
                      return shipper;
                    }});
    add_service([this] { return std::make_unique<canceller>([this] { return shipper; }, fetched); },
                {type_of<cancel_shipment>()});
  }
  void end() override { seller = shipper = {}; }
  address shard_of(const saga_spec& spec) {
    saga_operations operations;
    add_operations<shop::inventory_api>(operations);
    add_operations<shop::payments_api>(operations);
    add_operations<shipping_api>(operations);
    saga_surroundings shared{.spec = spec, .journal = *power, .scope = *scope_, .operations = std::move(operations)};
    shared.route = [this](const std::string& saga, message&) {
      if (saga == "sales" && !seller_is_reachable) return address{};
      return saga == "sales" ? seller : shipper;
    };
    shared.has_clock = true;
    shared.verify_all = true;
    auto around = std::make_shared<const saga_surroundings>(std::move(shared));
    hosted_entities hosted;
    hosted.category = spec.category;
    hosted.make = [this, around](hosted_entities::stream_name stream) {
      ++activated[around->spec.name];
      return std::make_unique<saga_entity>(std::move(stream), around);
    };
    return s->system.spawn([&spec, hosted] { return std::make_unique<shard>(spec.routing, hosted); });
  }
};

}  // namespace saga_tests
