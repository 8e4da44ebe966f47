#include <services/orders/checkout.hpp>

#include <services/orders/goods.hpp>
#include <services/payments/events.hpp>

#include <banyan/actor/message.hpp>

#include <algorithm>
#include <utility>

namespace shop::orders {

using banyan::code;
using banyan::done;
using banyan::durable;
using banyan::error;
using banyan::pending;
using banyan::result;
using inventory::inventory_api;
using inventory::stock_taken;
using inventory::take_stock;
using payments::conclusion;
using payments::payment_concluded;
using payments::payment_status;
using payments::payments_api;

namespace {

constexpr const char* stopped = "checkout_stopped";  // by an operator

error not_paid(const char* reason, const char* sentence) { return error{code::refused, sentence}.because(reason); }

// Its customer sees the reason, and nothing has come back yet. An order that he cancelled stays as it is.
durable<error> give_up(checkout_context& ctx, const std::string& id, error why) {
  const std::string reason = why.reason.empty() ? "checkout_failed" : why.reason;
  (void)co_await ctx.ask<orders_api, abandon_order>(id, reason);
  co_return why;
}

durable<result<done>> reserve_goods(checkout_context& ctx, const order_placed& e) {
  const auto wanted = sold_goods(e.id, e.lines);
  for (std::size_t from = 0; from < wanted.size(); from += movements_at_once) {
    std::vector<pending<stock_taken>> asked;
    for (std::size_t i = from; i < std::min(wanted.size(), from + movements_at_once); ++i) {
      const auto back = given_back(wanted[i]);
      asked.push_back(ctx.ask<inventory_api, take_stock>(wanted[i]).undone_by<inventory_api, take_stock>(back));
    }
    const auto taken = co_await ctx.all(asked);
    for (const auto& t : taken)
      if (!t) co_return t.error();
  }
  co_return done{};
}

// Movements that nothing can refuse.
template <class Context>
durable<result<done>> bring_in(Context& ctx, const std::vector<take_stock>& goods) {
  for (std::size_t from = 0; from < goods.size(); from += movements_at_once) {
    std::vector<pending<stock_taken>> asked;
    for (std::size_t i = from; i < std::min(goods.size(), from + movements_at_once); ++i)
      asked.push_back(ctx.template ask<inventory_api, take_stock>(goods[i]));
    const auto moved = co_await ctx.all(asked);
    for (const auto& m : moved)
      if (!m) co_return m.error();
  }
  co_return done{};
}

result<done> paid_by(conclusion how) {
  switch (how) {
    case conclusion::captured: return done{};
    case conclusion::declined: return not_paid("payment_declined", "the card was declined");
    case conclusion::mismatched: return not_paid("payment_mismatched", "another amount was taken than was asked for");
  }
  return not_paid("payment_unknown", "the payment ended in a way that this program does not know");
}

// Nobody told how the payment ended: it is looked at before the order is given up.
durable<result<done>> paid_after_all(checkout_context& ctx, const order_placed& e) {
  auto payment = co_await ctx.ask<payments_api, payments::review_payment>(e.id);
  if (!payment) co_return payment.error();
  switch (payment->status) {
    case payment_status::captured: co_return paid_by(conclusion::captured);
    case payment_status::declined: co_return paid_by(conclusion::declined);
    case payment_status::mismatched: co_return paid_by(conclusion::mismatched);
    default: co_return not_paid("payment_not_approved_in_time", "nobody approved the payment in time");
  }
}

durable<result<done>> collect_payment(checkout_context& ctx, const order_placed& e) {
  auto waits = co_await ctx.ask<orders_api, await_payment>(e.id);
  if (!waits) co_return waits.error();
  if (waits->status == order_status::confirmed) co_return done{};  // before there were sagas
  ctx.status("charging");
  auto concluded = ctx.event<payment_concluded>("payment");
  auto cancelled = ctx.event<order_withdrawn>("cancelled");
  const payments::charge request{e.id, e.total, e.payment.value_or(payments::default_card)};
  auto charged =
      co_await ctx.ask<payments_api, payments::charge>(request).undone_by<payments_api, payments::call_off>(e.id);
  if (!charged) co_return charged.error();
  ctx.status("waiting for the payment's approval");
  auto deadline = ctx.timer(payment_deadline);
  const auto came = co_await ctx.first(concluded, cancelled, deadline);
  if (came == 2) {
    const auto fired = deadline.get();
    if (!fired) co_return fired.error();
    co_return co_await paid_after_all(ctx, e);
  }
  if (came == 1) {
    const auto withdrawn = cancelled.get();
    if (!withdrawn) co_return withdrawn.error();
    co_return error{code::refused, "order " + e.id + " is cancelled"}.because("order_cancelled");
  }
  const auto end = concluded.get();
  if (!end) co_return end.error();
  co_return paid_by(end->how);
}

}  // namespace

durable<result<order_state_reply>> check_out(checkout_context ctx, const order_placed& e) {
  // First, so that its undo is last: an order whose checkout is stopped does not stay open.
  auto known = co_await ctx.ask<orders_api, review_order>(e.id).undone_by<orders_api, abandon_order>(e.id, stopped);
  if (!known) co_return known.error();

  ctx.status("reserving");
  auto reserved = co_await reserve_goods(ctx, e);
  if (!reserved) co_return co_await give_up(ctx, e.id, reserved.error());

  if (e.total.minor > 0) {
    auto paid = co_await collect_payment(ctx, e);
    if (!paid) co_return co_await give_up(ctx, e.id, paid.error());
  }

  ctx.status("confirming");
  auto confirmed =
      co_await ctx.ask<orders_api, confirm_order>(e.id).undone_by<orders_api, abandon_order>(e.id, stopped);
  if (!confirmed) co_return co_await give_up(ctx, e.id, confirmed.error());
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();

  const auto returned = returned_goods(*confirmed);
  auto came_in = co_await bring_in(ctx, returned);
  if (!came_in) co_return came_in.error();
  co_return order_state_reply{e.id, order_status::confirmed};
}

durable<result<order_state_reply>> take_back(return_context ctx, const order_cancelled& e) {
  const bool was_charged = e.was_charged.value_or(false);  // absent: it cost nothing, or is from before payments
  if ((e.was_confirmed || was_charged) && !e.by_checkout.value_or(false)) {
    if (auto stands = ctx.pivot(); !stands) co_return stands.error();
    if (was_charged) {
      auto paid_back = co_await ctx.ask<payments_api, payments::refund>(e.id, e.reason);
      if (!paid_back) co_return paid_back.error();
    }
    std::vector<take_stock> goods;
    for (auto& m : sold_goods(e.id, e.lines)) goods.push_back(given_back(std::move(m)));
    auto came_back = co_await bring_in(ctx, goods);
    if (!came_back) co_return came_back.error();
  }
  co_return order_state_reply{e.id, order_status::cancelled};
}

}  // namespace shop::orders
