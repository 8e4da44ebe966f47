// A handler and a subscription's handler that ask other services, for the tests of the kit.
#pragma once

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/service/handles.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace kit_test {

using namespace banyan;

struct price {
  std::string sku;
  std::int64_t pence = 0;
};
BOOST_DESCRIBE_STRUCT(price, (), (sku, pence))
struct get_price {
  using reply = price;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_price, (), (sku))
struct rebate {
  std::int64_t pence = 0;
};
BOOST_DESCRIBE_STRUCT(rebate, (), (pence))
struct get_rebate {
  using reply = rebate;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_rebate, (), (sku))
struct forgotten {
  std::int64_t pence = 0;
};
struct discount : forgotten {};  // whose description forgets a member, where the compiler does not see it
BOOST_DESCRIBE_STRUCT(discount, (), ())
struct get_discount {
  using reply = discount;
};
BOOST_DESCRIBE_STRUCT(get_discount, (), ())
struct prices_api {
  static constexpr std::string_view name = "prices";
  using operations = banyan::operations<op<get_price, idempotent::always>, op<get_rebate, idempotent::always>,
                                        op<get_discount, idempotent::always>>;
};

struct quote {
  std::string sku;
  std::int64_t pence = 0;
};
BOOST_DESCRIBE_STRUCT(quote, (), (sku, pence))
struct get_quote {
  using reply = quote;
  std::string sku;
  std::int64_t quantity = 1;
};
BOOST_DESCRIBE_STRUCT(get_quote, (), (sku, quantity))
struct total {
  std::int64_t pence = 0;
  instant at;
  std::string caller;
  uuid id;
};
BOOST_DESCRIBE_STRUCT(total, (), (pence, at, caller, id))
struct get_total {
  using reply = total;
  std::vector<std::string> skus;
};
BOOST_DESCRIBE_STRUCT(get_total, (), (skus))
struct quotes_api {
  static constexpr std::string_view name = "quotes";
  using operations = banyan::operations<op<get_quote, idempotent::always>, op<get_total, idempotent::always>>;
};

inline task<result<quote>> quote_price(context<prices_api> ctx, const get_quote& m) {
  if (m.quantity < 1) co_return error{code::invalid_argument, "nothing is wanted"}.at("quantity");
  if (m.quantity > 99) co_return error{code::refused, "there are not so many"}.because("too_many");
  if (m.quantity == 13) throw std::runtime_error{"no luck"};
  auto each = co_await ctx.ask<prices_api, get_price>(m.sku);
  if (!each) co_return each.error();
  auto less = co_await ctx.ask<prices_api, get_rebate>(m.sku);
  if (!less) co_return less.error();
  co_return quote{m.sku, each->pence * m.quantity - less->pence};
}

struct get_least {
  using reply = quote;
};
BOOST_DESCRIBE_STRUCT(get_least, (), ())
inline task<result<quote>> least_price(context<prices_api> ctx, const get_least&) {
  auto less = co_await ctx.ask<prices_api, get_discount>();
  if (!less) co_return less.error();
  co_return quote{"A1", less->pence};
}

inline task<result<total>> sum_prices(context<prices_api> ctx, const get_total& m) {
  std::vector<get_price> wanted;
  for (const auto& sku : m.skus) wanted.push_back({sku});
  auto prices = co_await ctx.ask_all<prices_api, get_price>(wanted);
  total t{0, ctx.now(), ctx.caller_context()->caller, ctx.new_id()};
  for (const auto& p : prices) {
    if (!p) co_return p.error();
    t.pence += p->pence;
  }
  co_return t;
}

struct booked {
  std::string parcel;
};
BOOST_DESCRIBE_STRUCT(booked, (), (parcel))
struct book_parcel {
  using reply = booked;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(book_parcel, (), (sku))
struct parcels_api {
  static constexpr std::string_view name = "parcels";
  using operations = banyan::operations<op<book_parcel, idempotent::by_key>>;
};

struct goods_sold {
  static constexpr stored_as stored{"goods.sold", 2};
  std::string sku;
  std::int64_t quantity = 1;
};
BOOST_DESCRIBE_STRUCT(goods_sold, (), (sku, quantity))

inline task<result<done>> send_parcel(context<parcels_api> ctx, const goods_sold& e) {
  if (e.quantity == 13) throw std::runtime_error{"no luck"};
  auto parcel = co_await ctx.ask<parcels_api, book_parcel>(e.sku);
  if (!parcel) co_return parcel.error();
  co_return done{};
}
inline task<result<done>> ignore(context<>, const goods_sold&) { co_return done{}; }

// The plan of the service of both.
inline plan quotes() {
  using namespace std::chrono_literals;
  return service<quotes_api>(
      handles<quote_price>{}, handles<sum_prices>{}, ambassador<prices_api>{.deadline = 300ms},
      ambassador<parcels_api>{.deadline = 2s},
      subscribes<send_parcel>{
          .topic = "goods.sold", .from = from_start, .max_attempts = 3, .max_crashes = 2, .handle_within = 5s});
}

}  // namespace kit_test
