#include <services/orders/steps.hpp>

#include <algorithm>

namespace shop::orders {

using banyan::code;
using banyan::done;
using banyan::error;
using banyan::result;
using banyan::task;
using inventory::take_stock;

namespace {

constexpr std::size_t at_once =
    256;  // movements under way together: a SKU's queue is bounded, and an order may have 10,000 lines of one

constexpr std::string_view order_cancelled_reason = "order_cancelled", payment_voided_reason = "payment_voided";

// The movements of the lines whose goods leave a stock.
std::vector<take_stock> sold(const std::string& order, const std::vector<placed_line>& lines) {
  std::vector<take_stock> all;
  for (auto& l : lines)
    if (l.stocked.value_or(true) && l.quantity > 0)
      all.push_back({l.sku, order, l.line, l.quantity, "sale", l.stocked});
  return all;
}

take_stock undone(take_stock m) {
  m.quantity = -m.quantity;
  m.purpose = "give_back";
  return m;
}

// Answers in the order of the movements. Stops after the batch in which one could not be made for now.
task<std::vector<result<inventory::stock_taken>>> move_goods(order_context& ctx, const std::vector<take_stock>& all) {
  std::vector<result<inventory::stock_taken>> answers;
  for (std::size_t from = 0; from < all.size(); from += at_once) {
    std::vector<take_stock> batch(all.begin() + static_cast<std::ptrdiff_t>(from),
                                  all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), from + at_once)));
    auto moved = co_await ctx.ask_all<inventory::inventory_api, take_stock>(batch);
    bool all_moved = true;
    for (auto& m : moved) {
      all_moved = all_moved && m;
      answers.push_back(std::move(m));
    }
    if (!all_moved) break;
  }
  co_return answers;
}

// Movements that nothing can refuse; an error is tried again with the whole event.
task<result<done>> bring_in(order_context& ctx, const std::vector<take_stock>& all) {
  auto moved = co_await move_goods(ctx, all);
  for (auto& m : moved)
    if (!m) co_return m.error();
  co_return done{};
}

}  // namespace

task<result<reservation>> reserve_goods(order_context& ctx, const order_placed& e) {
  const auto wanted = sold(e.id, e.lines);
  auto answers = co_await move_goods(ctx, wanted);
  reservation made;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      if (answers[i]->tracked) made.taken.push_back(wanted[i]);
    } else if (answers[i].error().code == code::refused) {
      made.refusal = answers[i].error();
    } else {
      co_return answers[i].error();  // tried again: lines that were taken answer the same
    }
  }
  co_return made;
}

task<result<done>> give_back(order_context& ctx, const std::vector<take_stock>& taken) {
  std::vector<take_stock> back;
  for (auto& m : taken) back.push_back(undone(m));
  co_return co_await bring_in(ctx, back);
}

task<result<done>> give_back(order_context& ctx, const order_cancelled& e) {
  const auto taken = sold(e.id, e.lines);
  co_return co_await give_back(ctx, taken);
}

bool has_price(const order_placed& e) { return e.total.minor > 0; }

task<result<bool>> request_payment(order_context& ctx, const order_placed& e) {
  auto waits = co_await ctx.ask<orders_api, await_payment>(e.id);
  if (!waits && waits.error().reason == order_cancelled_reason) co_return false;
  if (!waits) co_return waits.error();
  if (waits->status == order_status::confirmed) co_return true;  // paid since, or confirmed before there were payments
  payments::charge request{e.id, e.total, e.payment.value_or(payments::default_card)};
  auto charged = co_await ctx.ask<payments::payments_api, payments::charge>(request);
  if (!charged && charged.error().reason == payment_voided_reason) co_return false;
  if (!charged) co_return charged.error();
  co_return true;
}

task<result<done>> refund_payment(order_context& ctx, const order_cancelled& e) {
  auto refunded = co_await ctx.ask<payments::payments_api, payments::refund>(e.id, e.reason);
  if (!refunded) co_return refunded.error();
  co_return done{};
}

task<result<bool>> confirm(order_context& ctx, const std::string& id) {
  auto confirmed = co_await ctx.ask<orders_api, confirm_order>(id);
  if (!confirmed && confirmed.error().reason == order_cancelled_reason) co_return false;
  if (!confirmed) co_return confirmed.error();
  std::vector<take_stock> returned;
  if (confirmed->returned)
    for (auto& l : *confirmed->returned) returned.push_back({l.sku, id, l.line, l.quantity, "sale", l.stocked});
  auto came_in = co_await bring_in(ctx, returned);
  if (!came_in) co_return came_in.error();
  co_return true;
}

task<result<done>> cancel(order_context& ctx, const std::string& id, const std::string& reason) {
  auto cancelled = co_await ctx.ask<orders_api, cancel_order>(id, reason);
  if (!cancelled && cancelled.error().reason != order_cancelled_reason) co_return cancelled.error();
  co_return done{};
}

}  // namespace shop::orders
