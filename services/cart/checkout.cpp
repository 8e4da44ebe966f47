#include <services/cart/checkout.hpp>

#include <algorithm>

namespace shop::cart {

using banyan::code;
using banyan::done;
using banyan::error;
using banyan::outcome;
using banyan::result;
using banyan::task;

namespace {

using checkout_context = banyan::context<cart_api, orders::orders_api>;

orders::checkout order_of(const begun_checkout& b) {
  orders::checkout order{b.order, b.customer, {}, "sale", {}, b.payment};
  for (const auto& l : b.lines)
    order.lines.push_back({static_cast<int>(order.lines.size()) + 1, l.sku, l.quantity, {}, {}});
  return order;
}

// Whether there will never be such an order, so that the lines go back into the cart.
bool is_final(const error& e) {
  const bool is_about_order = e.code == code::refused || e.code == code::invalid_argument || e.code == code::conflict;
  return is_about_order && e.outcome == outcome::not_applied;
}

std::vector<std::string> rejected_skus(const orders::order_reply& placed, const begun_checkout& b) {
  std::vector<std::string> skus;
  for (const auto& r : placed.rejected)
    if (r.line >= 1 && static_cast<std::size_t>(r.line) <= b.lines.size())
      skus.push_back(b.lines[static_cast<std::size_t>(r.line) - 1].sku);
  return skus;
}

// Places the order and records the end; answers with the order, or with why there is none.
task<result<orders::order_reply>> complete(checkout_context& ctx, const begun_checkout& b) {
  auto order = order_of(b);
  auto placed = co_await ctx.ask<orders::orders_api, orders::checkout>(order);
  if (!placed && !is_final(placed.error())) co_return placed.error();
  end_checkout end{b.customer, b.order, placed.has_value(), {}};
  if (placed) end.back = rejected_skus(*placed, b);
  auto ended = co_await ctx.ask<cart_api, end_checkout>(end);
  if (!ended) co_return ended.error();
  co_return placed;
}

}  // namespace

task<result<orders::order_reply>> check_out(banyan::context<cart_api, orders::orders_api> ctx,
                                            const check_out_cart& m) {
  begin_checkout begin{m.customer, m.order ? *m.order : to_string(ctx.new_id()), m.payment};
  auto begun = co_await ctx.ask<cart_api, begin_checkout>(begin);
  if (!begun) co_return begun.error();
  co_return co_await complete(ctx, *begun);
}

task<result<done>> finish_checkout(banyan::context<cart_api, orders::orders_api> ctx, const checkout_begun& e) {
  begun_checkout begun{e.customer, e.order, e.lines, e.payment};
  auto placed = co_await complete(ctx, begun);
  if (placed || is_final(placed.error())) co_return done{};
  co_return placed.error();
}

}  // namespace shop::cart
