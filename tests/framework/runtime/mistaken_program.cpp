// A program whose plan is full of mistakes; check_command_test says what `check` must tell of each.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>

namespace mistaken {

using namespace banyan;

struct receipt {
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(receipt, (), (number))

// --- what is asked

struct place_order {
  using reply = receipt;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (id))
struct open_draft {
  using reply = receipt;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(open_draft, (), (id))
struct quote {
  using reply = receipt;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(quote, (), (sku))
struct checkout {
  using reply = receipt;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(checkout, (), (sku))
struct reserve {
  using reply = receipt;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(reserve, (), (sku))
struct send_mail {
  using reply = receipt;
  std::string to;
};
BOOST_DESCRIBE_STRUCT(send_mail, (), (to))
struct nobody_answers {
  using reply = receipt;
};
BOOST_DESCRIBE_STRUCT(nobody_answers, (), ())
struct list_orders {
  using reply = receipt;
};
BOOST_DESCRIBE_STRUCT(list_orders, (), ())
struct get_sales {
  using reply = receipt;
};
BOOST_DESCRIBE_STRUCT(get_sales, (), ())
struct get_stock {
  using reply = receipt;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_stock, (), (sku))

struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<op<place_order>, op<quote, idempotent::always>, op<checkout>>;
};
struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<op<reserve>, op<get_stock, idempotent::always>>;
};
struct payments_api {  // of no service here
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<>;
};
struct mailing_api {
  static constexpr std::string_view name = "mailing";
  using operations = banyan::operations<>;
};
struct nameless_api {
  static constexpr std::string_view name = "";
  using operations = banyan::operations<>;
};

// --- what is stored

struct order_placed {
  static constexpr stored_as stored{"orders.placed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (id))
struct order_placed_with_sum {  // which nobody stores
  static constexpr stored_as stored{"orders.placed", 2};
  std::string id;
  int pence = 0;
};
BOOST_DESCRIBE_STRUCT(order_placed_with_sum, (), (id, pence))
struct order_cancelled {
  static constexpr stored_as stored{"orders.cancelled", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_cancelled, (), (id))
struct draft_opened {
  static constexpr stored_as stored{"orders.draft_opened", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(draft_opened, (), (id))

struct known {
  bool is_known = false;
};
BOOST_DESCRIBE_STRUCT(known, (), (is_known))

struct order {
  using command = std::variant<place_order>;
  using event = std::variant<order_placed>;
  using state = known;
  static decision<order> decide(const state&, const command& c, const decision_context&) {
    return accept<order>({order_placed{std::get<place_order>(c).id}}, receipt{});
  }
  static void evolve(state& s, const event&) { s.is_known = true; }
};
struct draft {
  using command = std::variant<open_draft>;
  using event = std::variant<draft_opened>;
  using state = known;
  static decision<draft> decide(const state&, const command& c, const decision_context&) {
    return accept<draft>({draft_opened{std::get<open_draft>(c).id}}, receipt{});
  }
  static void evolve(state& s, const event&) { s.is_known = true; }
};
std::string order_id_of(const order::command& c) { return std::get<place_order>(c).id; }
std::string draft_id_of(const draft::command& c) { return std::get<open_draft>(c).id; }

// --- views

struct order_list {
  using events = std::variant<order_placed>;
  using queries = std::variant<list_orders>;
  static void create(view_writer& v) { v.run("CREATE TABLE orders (id TEXT PRIMARY KEY)"); }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<receipt> answer(view_reader&, const list_orders&) { return receipt{}; }
};
struct sales {
  using events = std::variant<order_placed>;
  using queries = std::variant<get_sales>;
  static void create(view_writer& v) {
    v.run("CREATE TABLE sales (pence INTEGER NOT NULL)");
    v.run("CREATE INDEX by_month ON sales (month)");
  }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<receipt> answer(view_reader&, const get_sales&) { return receipt{}; }
};
struct turnover {
  using events = std::variant<order_placed_with_sum>;
  using queries = std::variant<get_sales>;
  static void create(view_writer& v) { v.run("CREATE TABLE turnover (pence INTEGER NOT NULL)"); }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<receipt> answer(view_reader&, const get_sales&) { return receipt{}; }
};
struct stock_list {
  using events = std::variant<order_placed>;
  using queries = std::variant<get_stock>;
  static void create(view_writer& v) { v.run("CREATE TABLE stock (sku TEXT PRIMARY KEY)"); }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<receipt> answer(view_reader& v, const get_stock& q) {
    const auto found = v.query<std::string>("SELECT sku FROM stock WHERE sku = ?1 AND amount > 0", q.sku);
    return receipt{static_cast<int>(found.size())};
  }
};

// --- handlers

result<receipt> quote_price(context<>, const quote&) { return receipt{}; }
result<receipt> mail(context<>, const send_mail&) { return receipt{}; }
task<result<receipt>> check_out(context<stock_api> ctx, const checkout& c) {
  auto reserved = co_await ctx.ask<stock_api, reserve>(c.sku);
  co_return reserved;
}
task<result<done>> when_placed(context<>, const order_placed&) { co_return done{}; }
task<result<done>> when_placed_with_sum(context<>, const order_placed_with_sum&) { co_return done{}; }
task<result<done>> when_cancelled(context<>, const order_cancelled&) { co_return done{}; }

route_spec of_text(route_spec r) {
  r.request_shape = [] { return shape::text(); };
  return r;
}

plan orders() {
  return service<orders_api>(event_sourced<order>{.journal = "orders"}, sharded<order>{.entity = order_id_of},
                             sharded<order>{.entity = order_id_of, .shards = 8, .name = "few"},
                             event_sourced<draft>{.journal = "orders"}, sharded<draft>{.entity = draft_id_of},
                             publishes<order_placed>{.topic = "orders.placed"}, handles<quote_price>{},
                             handles<check_out>{},
                             ambassador<stock_api>{}, projection<order_list>{.of = "ordres"}, query_side<order_list>{},
                             projection<sales>{.of = "orders"}, query_side<sales>{}, projection<turnover>{.of = "orders"},
                             subscribes<when_placed_with_sum>{.topic = "orders.placed"},
                             http_routes{.routes = std::vector{
                                             query<list_orders>("GETT /orders"),
                                             query<list_orders>("GET /orders", {.name = "all_orders"}),
                                             of_text(query<get_sales>("GET /sales")),
                                         }});
}

plan stock() {
  return service<stock_api>(handles<quote_price>{}, ambassador<orders_api>{}, projection<stock_list>{.of = "orders"},
                            query_side<stock_list>{},
                            subscribes<when_placed>{.topic = "orders.placed", .group = "fulfilment"},
                            subscribes<when_placed>{.topic = "orders.palced"},
                            http_routes{.routes = std::vector{query<get_stock>("GET /stock/{skuu}")}});
}

plan mailing() {
  return service<mailing_api>(handles<mail>{.name = "bad name"}, ambassador<payments_api>{},
                              subscribes<when_placed>{.topic = "orders.placed", .group = "fulfilment"},
                              subscribes<when_cancelled>{.topic = "orders.placed"},
                              http_routes{.routes = std::vector{
                                              query<list_orders>("GET /orders", {.name = "mailed_orders"}),
                                              query<nobody_answers>("GET /nothing"),
                                          }});
}

}  // namespace mistaken

int main(int argc, char** argv) {
  using namespace mistaken;
  return banyan::run(argc, argv, {"mistaken", {orders(), stock(), mailing(), banyan::service<nameless_api>()}});
}
