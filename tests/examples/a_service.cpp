// The examples of the headers with which services are written, in one program that compiles: tests/examples/check compares them.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/schema.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/topic/listens.hpp>
#include <banyan/transport/endpoint_set.hpp>

#include <iostream>

namespace examples {

using namespace banyan;
using namespace std::chrono_literals;

// --- plan/operation.hpp

struct charged {};
struct charge {
  using reply = charged;
};
struct get_charge {
  using reply = charged;
};

struct payments_api {
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<banyan::op<charge, banyan::idempotent::by_key>,
                                        banyan::op<get_charge, banyan::idempotent::always>>;
};

struct charge_card {                       // was `charge`
  using reply = charged;
  static constexpr banyan::sent_as sent{"charge"};
};

// --- plan/describe_operation.hpp, plan/schema.hpp

std::string describe_charge(const application& app, std::string_view text_of_the_file) {
  operation o = describe_operation<charge>("payments", idempotent::by_key);   // "payments.charge" 1
  schema now = schema_of(app);
  result<schema> locked = parse_schema(text_of_the_file);
  for (const schema_change& c : compare(*locked, now)) std::cout << to_string(c) << '\n';
  return o.name;
}

// --- core/message_codec.hpp

std::optional<error> copy_by_codec(void* storage, const charge& body) {
  const message_codec* c = codec_of<charge>();
  std::string text;
  c->encode(text, &body);
  if (auto refused = c->decode(storage, text)) return *refused;
  c->destroy(storage);
  return std::nullopt;
}

// --- transport/endpoint_set.hpp

std::size_t change_nodes() {
  endpoint_set nodes{{{.node = "stock-1", .address = "10.0.0.7:7000"}}};
  auto list = nodes.now();
  nodes.set({});
  return list->size();
}

// --- plan/required.hpp

struct kept { required<"journal", std::string> journal; int snapshot_every = 100; };
kept pattern{.journal = "orders"};

// --- event_sourcing/event.hpp, and what the others need

namespace stored_names {
struct order_placed { static constexpr banyan::stored_as stored{"orders.placed", 1}; std::string id; };
}  // namespace stored_names

struct product {
  std::int64_t price = 0;
};
struct get_product {
  using reply = product;
  std::string sku;
};
struct catalog_api {
  static constexpr std::string_view name = "catalog";
  using operations = banyan::operations<op<get_product, idempotent::always>>;
};
struct stock_taken {};
struct take_stock {
  using reply = stock_taken;
  std::string sku;
  int quantity = 0;
};
struct inventory_api {
  static constexpr std::string_view name = "inventory";
  using operations = banyan::operations<op<take_stock, idempotent::by_key>>;
};

struct order_reply {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_reply, (), (id))
struct place_order {
  using reply = order_reply;
  std::string id, sku;
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (id, sku, price))
struct order_by_id {
  using reply = order_reply;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_by_id, (), (id))
struct checkout_request {
  using reply = order_reply;
  std::string order, sku;
};
struct quote {};
struct get_quote {
  using reply = quote;
};
struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<op<place_order, idempotent::by_key>, op<checkout_request, idempotent::by_key>>;
};
struct order_placed {
  static constexpr stored_as stored{"orders.placed", 1};
  std::string id, sku;
  int quantity = 1;
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (id, sku, quantity))
struct order_cancelled {
  static constexpr stored_as stored{"orders.cancelled", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_cancelled, (), (id))
struct order_state {
  bool is_placed = false;
};
BOOST_DESCRIBE_STRUCT(order_state, (), (is_placed))
struct order {
  using command = std::variant<place_order>;
  using event = std::variant<order_placed, order_cancelled>;
  using state = order_state;
  static decision<order> decide(const state&, const command& c, const decision_context&) {
    auto& place = std::get<place_order>(c);
    return accept<order>({order_placed{place.id, place.sku, 1}}, order_reply{place.id});
  }
  static void evolve(state& s, const event& e) { s.is_placed = std::holds_alternative<order_placed>(e); }
};

// --- service/context.hpp, service/handles.hpp

task<result<order_reply>> checkout(context<catalog_api, orders_api> ctx, const checkout_request& m);
result<quote> quote_price(context<> ctx, const get_quote& m);

task<result<order_reply>> checkout(context<catalog_api, orders_api> ctx, const checkout_request& m) {
  result<product> p = co_await ctx.ask<catalog_api, get_product>(m.sku);
  if (!p) co_return p.error();
  co_return co_await ctx.ask<orders_api, place_order>(m.order, m.sku, p->price);
}
result<quote> quote_price(context<>, const get_quote&) { return quote{}; }

// --- sharding/sharded.hpp

std::string order_id_of(const order::command& c) { return std::visit([](auto& x) { return x.id; }, c); }

// --- plan/service.hpp

banyan::plan describe() {
  return banyan::service<orders_api>(event_sourced<order>{.journal = "orders"},
                                     sharded<order>{.entity = order_id_of},
                                     ambassador<catalog_api>{.deadline = 800ms},
                                     handles<checkout>{});
}

// --- http/http_routes.hpp

auto face() { return http_routes{.routes = {command<place_order>("POST /orders"), query<order_by_id>("GET /orders/{id}")}}; }
auto one_route() { return http_routes{.routes = {command<place_order>("POST /orders")}}; }

// --- pub_sub/pub_sub.hpp

task<result<done>> on_order_placed(context<inventory_api> ctx, const order_placed& e) {
  auto taken = co_await ctx.ask<inventory_api, take_stock>(e.sku, e.quantity);
  if (!taken) co_return taken.error();
  co_return done{};
}
auto announces() { return publishes<order_placed>{.topic = "orders.placed"}; }
auto follows() { return subscribes<on_order_placed>{.topic = "orders.placed", .group = "inventory"}; }

// --- topic/listens.hpp, ambassador/breaker_changed.hpp

void call_the_engineer(const breaker_changed&) {}

task<result<done>> on_breaker_changed(context<>, const breaker_changed& e) {
  if (e.why == breaker_event_kind::tripped) call_the_engineer(e);
  co_return done{};
}
auto watch() { return listens<on_breaker_changed>{.topic = breakers_topic}; }

// --- cqrs/projection.hpp

struct sales_report {};
BOOST_DESCRIBE_STRUCT(sales_report, (), ())
struct get_sales {
  using reply = sales_report;
};

struct sales_by_month {
  using events = std::variant<order_placed, order_cancelled>;
  using queries = std::variant<get_sales>;
  static void create(view_writer& v);
  static void apply(view_writer& v, const events& e, const recorded_event& at);
  static result<sales_report> answer(view_reader& v, const get_sales& q);
};

void sales_by_month::create(view_writer&) {}
void sales_by_month::apply(view_writer&, const events&, const recorded_event&) {}
result<sales_report> sales_by_month::answer(view_reader&, const get_sales&) { return sales_report{}; }
auto view_of_it() { return projection<sales_by_month>{.of = "orders"}; }
auto readers_of_it() { return query_side<sales_by_month>{.replicas = 2}; }

// --- core/error.hpp

inline result<int> lines_of() {
  return error{code::invalid_argument, "quantity must not be zero"}.at("lines[2].quantity");
}
inline result<int> stock_of() {
  return error{code::refused, "only 3 left"}.because("out_of_stock");
}

}  // namespace examples

// --- event_sourcing/aggregate.hpp

namespace examples::accounts {

using namespace banyan;

struct account_reply {};
struct deposit_reply {
  std::int64_t balance = 0;
};
struct open_account {
  using reply = account_reply;
};
struct deposit {
  using reply = deposit_reply;
  std::int64_t amount = 0;
};
struct account_opened {
  static constexpr stored_as stored{"accounts.opened", 1};
};
struct deposited {
  static constexpr stored_as stored{"accounts.deposited", 1};
  std::int64_t amount = 0;
};

struct account {
  using command = std::variant<open_account, deposit>;
  using event = std::variant<account_opened, deposited>;
  struct state { bool open = false; std::int64_t balance = 0; };
  static decision<account> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

decision<account> account::decide(const state& s, const command& c, const decision_context&) {
  if (auto* d = std::get_if<deposit>(&c)) {
    if (!s.open) return refuse("account_closed", "the account is closed");
    return accept<account>({deposited{d->amount}}, deposit_reply{s.balance + d->amount});
  }
  return accept<account>({account_opened{}}, account_reply{});
}
void account::evolve(state& s, const event&) { s.open = true; }
static_assert(aggregate<account>);

}  // namespace examples::accounts
