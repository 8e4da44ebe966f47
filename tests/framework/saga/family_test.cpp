// Sagas that wait for one another: the answer of one is an order to the other, so nobody asks again and again, and none
// of them must stay in memory.
#include "saga_node.hpp"

#include <banyan/sharding/shard.hpp>

using namespace saga_tests;

namespace {

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
durable<result<shipped>> ship_parcel(saga_context<shop::inventory_api> ctx, const ship& m) {
  auto van = co_await ctx.ask<shop::inventory_api, shop::reserve_stock>(m.id, 1, "van", 1)
                 .undone_by<shop::inventory_api, shop::release_stock>(m.id, 1, "van", 1);
  if (!van) co_return van.error();
  auto arrived = co_await ctx.event<arrival>("arrived");
  if (!arrived) co_return arrived.error();
  if (arrived->is_damaged) co_return error{code::refused, "the parcel is damaged"}.because("damaged");
  co_return shipped{"p-" + m.id};
}

// Another child: once its van is on the way, it arrives.
durable<result<shipped>> ship_for_certain(saga_context<shop::inventory_api> ctx, const ship& m) {
  auto van = co_await ctx.ask<shop::inventory_api, shop::reserve_stock>(m.id, 1, "van", 1);
  if (!van) co_return van.error();
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  auto arrived = co_await ctx.event<arrival>("arrived");
  if (!arrived) co_return arrived.error();
  co_return shipped{"p-" + m.id};
}

// The parent.
durable<result<shipped>> sell(saga_context<shipping_api, shop::payments_api> ctx, const shop::order_placed& e) {
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
    const auto told = co_await self().ask_message<saga_receipt>(shipping_(), 5s, std::move(order));
    const auto reason = told ? std::string{} : told.error().reason;
    if (reason == "saga_ended") ++*fetched_;
    if (told || reason == "already_stopped" || reason == "saga_ended")
      banyan::answer<shipped>(*m, shipped{id});
    else if (reason == "too_late")
      m->fail(error{code::refused, "it is on the way"}.because("on_the_way"));
    else
      m->fail(told.error());
  }
  std::function<address()> shipping_;
  int* fetched_;
};

class family {
 public:
  family() {
    shipping.request = type_of<ship>();
    shipping.input_of = [](message& m) { return nested(m.as<ship>()); };
    shipping.answer = &detail::stored_reply_message<shipped>;
    shipping.id_of = [](message& m) { return m.as<ship>().id; };
    for (auto* s : {&sales, &shipping}) {
      s->routing.entity = s->routing.place = [s](message& m) { return s->saga_of(m); };
    }
    services.journal = &journal;
    power_on();
  }
  ~family() {
    settle();
    s.reset();
  }
  void power_on() {
    power = std::make_unique<power_switch>(journal);
    s = std::make_unique<test::stepped>();
    s->clock.time = time;
    s->scheduler.set_time(time);
    where = std::make_unique<directory>();
    scope = std::make_unique<service_scope>();
    scope->service = "orders";
    scope->directory = where.get();
    scope->own = std::make_shared<plain_link>(*where, 5s);
    const auto to = s->system.spawn([this] { return std::make_unique<services_actor>(services); });
    for (const auto* type : {type_of<shop::reserve_stock>(), type_of<shop::release_stock>(), type_of<shop::charge>(),
                             type_of<shop::refund>()})
      where->add(type, {.to = to});
    seller = shard_of(sales);
    shipper = shard_of(shipping);
    where->add(type_of<ship>(), {.choose = [this](message&) {
                 ++asked;
                 return shipper;
               }});
    const auto cancels =
        s->system.spawn([this] { return std::make_unique<canceller>([this] { return shipper; }, fetched); });
    where->add(type_of<cancel_shipment>(), {.to = cancels});
  }
  address shard_of(const saga_spec& spec) {
    saga_operations operations;
    add_operations<shop::inventory_api>(operations);
    add_operations<shop::payments_api>(operations);
    add_operations<shipping_api>(operations);
    saga_surroundings shared{.spec = spec, .journal = *power, .scope = *scope, .operations = std::move(operations)};
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
  void fail_power(random_source& random) {
    power->on = false;
    journal.crash(random);
    time = s->clock.time;
    seller = shipper = {};
    s.reset();
    power_on();
  }
  bool step(test::counting_random& random) {
    if (random.below(3) == 0 && journal.step()) return true;
    if (s->scheduler.jobs() > 0) return s->step(random);
    if (journal.step()) return true;
    const auto due = s->scheduler.next_timer();
    if (due == monotonic::max()) return false;
    s->advance(std::max<nanoseconds>(due - s->clock.time, 0ns));
    return true;
  }
  void settle() {
    do s->run();
    while (journal.step());
  }
  void pass(nanoseconds d) {
    for (const auto until = s->clock.time + d; s->clock.time < until;) {
      settle();
      const auto next = std::min(s->scheduler.next_timer(), until);
      s->advance(std::max<nanoseconds>(next - s->clock.time, 1ns));
    }
    settle();
  }
  template <class M>
  test::stepped::answer_slot<message_ptr> send(const address& to, M m, const std::string& command,
                                               timespan limit = 10s) {
    auto l = make_message<M>(std::move(m));
    auto context = std::make_shared<message_context>();
    if (!command.empty()) context->command = uuid_from_name("test", command);
    l->context = std::move(context);
    test::stepped::answer_slot<message_ptr> a;
    s->system.ask_message(to, std::move(l), limit, a.slot());
    return a;
  }
  result<saga_receipt> order(const address& to, saga_order o, const std::string& command) {
    o.id = "o17";
    auto a = send(to, std::move(o), command);
    settle();
    return saga_node::value_of(a);
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
  std::vector<std::string> turns(const saga_spec& of) const {
    std::vector<std::string> found;
    for (const auto& e : journal.log())
      if (e.stream == of.category + "-o17") found.push_back(e.payload);
    return found;
  }
  std::string ending(const saga_spec& of) const {
    const auto all = turns(of);
    if (all.empty()) return "not started";
    const auto last = from_json<saga_turned>(all.back());
    if (!last->end) return "no end";
    return std::string{boost::describe::enum_to_string(last->end->how, "")} + " " + last->end->result.text;
  }
  int count(const std::string& name) const {
    return static_cast<int>(std::count(services.executed.begin(), services.executed.end(), name));
  }

  saga_spec sales = spec_of<sell>("sales"), shipping = spec_of<ship_parcel>("shipping");
  memory_journal journal{{.executor = memory_journal::by_hand}};
  shop_services services;
  std::unique_ptr<power_switch> power;
  monotonic time{1h};
  std::unique_ptr<directory> where;
  std::unique_ptr<service_scope> scope;
  std::unique_ptr<test::stepped> s;
  address seller, shipper;
  bool seller_is_reachable = true;          // for orders of other sagas
  int asked = 0;                            // the operation that the child answers
  int fetched = 0;                          // parcels, by who cancels
  std::map<std::string, int> activated;
};

const std::string arrived = R"(done {"ok":{"parcel":"p-o17"}})";

}  // namespace

TEST_CASE("a saga asks another one: it is told that it has begun, and gets its answer days later") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  f.pass(72h);
  CHECK(f.asked == 1);
  CHECK(f.activated["sales"] == 1);  // it was not activated again to ask
  CHECK(f.ending(f.shipping) == "no end");
  CHECK(f.turns(f.sales).back().find(R"("because":{"kind":"begun","number":2})") != std::string::npos);
  CHECK(f.turns(f.shipping).front().find(R"("reply_to":{"saga":"sales","id":"o17","run":1,"number":2)") !=
        std::string::npos);
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.pass(1s);
  CHECK(f.ending(f.shipping) == arrived);
  CHECK(f.ending(f.sales) == arrived);
  CHECK(f.asked == 1);
  CHECK(f.activated["sales"] == 2);  // for the answer
}

TEST_CASE("the error of the other saga is the step's outcome, whatever its code") {
  SECTION("it was refused") {
    family f;
    CHECK(f.order(f.seller, family::start(), "start"));
    CHECK(f.order(f.shipper, family::arrives(true), "arrived"));
    f.pass(10s);
    CHECK(f.ending(f.shipping).find("damaged") != std::string::npos);
    CHECK(f.ending(f.sales).starts_with("undone"));
    CHECK(f.ending(f.sales).find("damaged") != std::string::npos);
    CHECK(f.count("refund") == 1);
  }
  SECTION("it was out of time") {
    family f;
    f.shipping.give_up_after = 1h;
    CHECK(f.order(f.seller, family::start(), "start"));
    f.wake(f.shipper);
    f.pass(10s);
    f.s->advance(2h);
    f.wake(f.shipper);
    f.pass(1min);
    CHECK(f.ending(f.shipping).find("saga_out_of_time") != std::string::npos);
    CHECK(f.ending(f.sales).find("saga_out_of_time") != std::string::npos);
    CHECK(f.count("refund") == 1);
    CHECK(f.asked == 1);
  }
}

TEST_CASE("who cancels a saga ends the one that it waits for, by the undo action of the step") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  f.pass(1h);
  saga_order cancel{.what = saga_command::cancel, .because = "the customer left", .by = "ann"};
  CHECK(f.order(f.seller, cancel, "cancel"));
  f.pass(1min);
  CHECK(f.ending(f.shipping).starts_with("undone"));
  CHECK(f.count("release_stock") == 1);
  CHECK(f.ending(f.sales).starts_with("undone"));
  CHECK(f.count("refund") == 1);
  const auto& undone = f.services.executed;
  CHECK(std::find(undone.begin(), undone.end(), "release_stock") < std::find(undone.begin(), undone.end(), "refund"));
}

TEST_CASE("an order to end that comes when the other saga has ended well takes back what was done") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  // Both are under way at once.
  auto one = f.send(f.shipper, family::arrives(), "arrived");
  saga_order cancel{.what = saga_command::cancel, .id = "o17", .because = "the customer left"};
  auto other = f.send(f.seller, cancel, "cancel");
  f.pass(1min);
  CHECK(f.ending(f.shipping) == arrived);
  const auto end = f.ending(f.sales);
  CHECK((end == arrived || end.starts_with("undone")));
  CHECK(f.count("refund") == (end == arrived ? 0 : 1));
}

TEST_CASE("an order to end is refused past the pivot: when that saga has ended well, its work is taken back, once") {
  family f;
  f.shipping.versions.front().code = saga_code_of<ship_for_certain>("shipping", 1);
  CHECK(f.order(f.seller, family::start(), "start"));
  f.pass(1h);
  CHECK(f.order(f.seller, {.what = saga_command::cancel, .because = "the customer left"}, "cancel"));
  f.pass(1h);
  CHECK(f.ending(f.sales) == "no end");
  CHECK(f.turns(f.sales).back().find("on_the_way") != std::string::npos);
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.pass(1min);
  CHECK(f.ending(f.shipping) == arrived);
  CHECK(f.fetched == 1);
  CHECK(f.ending(f.sales).starts_with("undone"));
  CHECK(f.count("refund") == 1);
  CHECK(rebuild_saga(nullptr, f.turns(f.sales)));
}

TEST_CASE("an aborted saga ends the one that it waits for too") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  CHECK(f.order(f.seller, {.what = saga_command::abort, .because = "a test"}, "abort"));
  f.pass(1min);
  CHECK(f.ending(f.shipping).starts_with("undone"));
  CHECK(f.ending(f.sales).starts_with("undone"));
  CHECK(f.count("refund") == 1);
}

TEST_CASE("an answer is given until it is taken") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  f.seller_is_reachable = false;
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.pass(1h);
  CHECK(f.ending(f.shipping) == arrived);
  CHECK(f.ending(f.sales) == "no end");
  f.seller_is_reachable = true;
  f.pass(2min);
  CHECK(f.ending(f.sales) == arrived);
  CHECK(f.asked == 1);
}

TEST_CASE("a request that is none of the saga's own waits for the end, as any caller's") {
  family f;
  auto m = make_message<ship>(ship{"o17"});
  auto context = std::make_shared<message_context>();
  context->command = uuid_from_name("test", "another");
  const saga_parent parent{"sales", "o17", 1, 2, uuid_from_name("test", "its step"), 1};
  context->asking_saga = std::make_shared<const std::string>(to_json(parent));
  m->context = std::move(context);
  test::stepped::answer_slot<message_ptr> a;
  f.s->system.ask_message(f.shipper, std::move(m), 10s, a.slot());
  f.settle();
  CHECK(a.count() == 0);
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.settle();
  CHECK(saga_node::value_of<shipped>(a)->parcel == "p-o17");
}

TEST_CASE("sixteen sagas may wait for one another") {
  const auto answer_at = [](int depth) {
    family f;
    auto m = make_message<ship>(ship{"o17"});
    auto context = std::make_shared<message_context>();
    context->command = uuid_from_name("test", "step");
    const saga_parent parent{"sales", "o17", 1, 2, context->command, depth};
    context->asking_saga = std::make_shared<const std::string>(to_json(parent));
    m->context = std::move(context);
    test::stepped::answer_slot<message_ptr> a;
    f.s->system.ask_message(f.shipper, std::move(m), 10s, a.slot());
    f.settle();
    return saga_node::value_of(a);
  };
  CHECK(answer_at(16));
  const auto refused = answer_at(17);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "saga_too_deep");
  CHECK(refused.error().outcome == outcome::not_applied);
}

TEST_CASE("the power fails before any step of two sagas, one of which waits for the other") {
  struct story {
    const char* what;
    bool is_damaged, cancels;
  };
  int cuts_made = 0;
  for (const auto& t : {story{"it arrives", false, false}, story{"it is damaged", true, false},
                        story{"it is cancelled", false, true}})
    for (std::uint64_t seed = 1; seed <= 2; ++seed)
      for (int cut = 0;; ++cut) {
        INFO(t.what << ", seed " << seed << ", cut " << cut);
        test::counting_random random{seed};
        family f;
        bool was_cut = false;
        const auto ended = [&](const saga_spec& of) {
          const auto end = f.ending(of);
          return end != "no end" && end != "not started";
        };
        int since_poke = 1000;
        for (int i = 0; !ended(f.sales) || !ended(f.shipping); ++i) {
          REQUIRE(i < 20'000);
          if (i == cut) {
            f.fail_power(random);
            was_cut = true;
            since_poke = 1000;
          }
          // Clients repeat their orders now and then; the clock wakes the saga with open steps after a restart, and
          // never the other.
          if (++since_poke > 300) {
            since_poke = 0;
            if (f.turns(f.sales).empty()) (void)f.send(f.seller, family::start(), "start");
            if (i >= cut) f.s->system.send(f.seller, wake_saga{"o17"});
            if (!f.turns(f.shipping).empty() && !ended(f.shipping) && !t.cancels)
              (void)f.send(f.shipper, family::arrives(t.is_damaged), "arrived");
            saga_order cancel{.what = saga_command::cancel, .id = "o17", .because = "a test"};
            if (!f.turns(f.shipping).empty() && t.cancels) (void)f.send(f.seller, cancel, "cancel");
          }
          f.step(random);
        }
        f.pass(1min);
        const bool well = !t.is_damaged && !t.cancels;
        CHECK(f.ending(f.sales).starts_with(well ? "done" : "undone"));
        CHECK(f.ending(f.shipping).starts_with(well ? "done" : "undone"));
        CHECK(f.count("charge") == 1);
        CHECK(f.count("reserve_stock") == 1);
        CHECK(f.count("refund") == (well ? 0 : 1));
        CHECK(f.count("release_stock") == (well ? 0 : 1));
        for (const auto* of : {&f.sales, &f.shipping}) {
          const auto turns = f.turns(*of);
          CHECK(rebuild_saga(of->code_of(1), turns));  // each turn replays
          CHECK(rebuild_saga(nullptr, turns));         // also without code
        }
        if (!was_cut) break;
        ++cuts_made;
      }
  CHECK(cuts_made > 200);
}
