#include "checkout.hpp"

#include <chrono>

namespace shop {

using banyan::code;
using banyan::error;
using banyan::pending;

namespace {

durable<result<std::int64_t>> reserve_all(checkout_context& ctx, const order_placed& e) {
  std::vector<pending<stock_reserved>> asked;
  for (auto& l : e.lines)
    asked.push_back(ctx.ask<inventory_api, reserve_stock>(e.id, l.line, l.sku, l.quantity)
                        .undone_by<inventory_api, release_stock>(e.id, l.line, l.sku, l.quantity));
  auto reserved = co_await ctx.all(asked);
  std::int64_t pieces = 0;
  for (std::size_t i = 0; i < reserved.size(); ++i) {
    if (!reserved[i]) co_return reserved[i].error();
    pieces += e.lines[i].quantity;
  }
  co_return pieces;
}

}  // namespace

durable<result<order_state>> check_out(checkout_context ctx, const order_placed& e) {
  ctx.status("reserving");
  auto reserved = co_await reserve_all(ctx, e);
  if (!reserved) co_return reserved.error();

  ctx.status("charging");
  auto paid = co_await ctx.ask<payments_api, charge>(e.id, e.total).undone_by<payments_api, refund>(e.id);
  if (!paid) co_return paid.error();

  if (paid->needs_approval) {
    ctx.status("waiting for the customer's bank");
    auto minutes = ctx.remember("approval_minutes", [] { return 15; });
    auto approval = ctx.event<payment_approved>("approval");
    auto deadline = ctx.timer(std::chrono::minutes{minutes});
    if (co_await ctx.first(approval, deadline) == 1)
      co_return error{code::refused, "nobody approved the payment"}.because("not_approved_in_time");
    auto answer = approval.get();
    if (!answer) co_return answer.error();
    if (!answer->approved) co_return error{code::refused, "the bank said no"}.because("not_approved");
  }

  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  co_return co_await ctx.ask<orders_api, confirm_order>(e.id);
}

}  // namespace shop
