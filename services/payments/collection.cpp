#include <services/payments/collection.hpp>

#include <services/payments/payment.hpp>
#include <services/payments/signature.hpp>
#include <services/rules/text.hpp>

#include <utility>

namespace shop::payments {

using banyan::code;
using banyan::done;
using banyan::error;
using banyan::outcome;
using banyan::result;
using banyan::task;

namespace {

using acquirer_context = banyan::context<acquirer_api, payments_api>;

// Whether the acquirer has read the request and will never accept it, so that no charge is or will be made under this
// key.
bool is_final(const error& e) {
  const bool is_about_request = e.code == code::invalid_argument || e.code == code::refused;
  return is_about_request && e.outcome == outcome::not_applied;
}

result<done> without_reply(const result<payment_state_reply>& r) {
  if (!r) return r.error();
  return done{};
}

// Asks for the charge, and after it when its answer is lost. An error: the outcome is not known yet, or nothing was
// charged yet.
task<result<card_charge>> ask_for_charge(acquirer_context& ctx, const payment_state_reply& p) {
  charge_card request{p.key, p.order, p.amount, p.card};
  auto answer = co_await ctx.ask<acquirer_api, charge_card>(request);
  if (answer || answer.error().outcome != outcome::unknown) co_return answer;
  auto found = co_await ctx.ask<acquirer_api, get_charge>(p.key);
  if (found) co_return found;
  co_return answer;  // not there, or no answer again: the same key is sent again
}

// The payment with its conclusion recorded. What the acquirer refuses is looked up all the same: the refusal may be of
// the key, which a charge has already.
task<result<payment_state_reply>> conclude(acquirer_context& ctx, const payment_state_reply& p) {
  auto answer = co_await ask_for_charge(ctx, p);
  std::string refusal;
  if (!answer && is_final(answer.error())) {
    refusal = answer.error().reason.empty() ? "refused_by_acquirer" : answer.error().reason;
    auto found = co_await ctx.ask<acquirer_api, get_charge>(p.key);
    answer = std::move(found);
  }
  if (answer) {
    record_charge record{p.order, std::move(*answer)};
    co_return co_await ctx.ask<payments_api, record_charge>(record);
  }
  if (refusal.empty() || answer.error().code != code::not_found) co_return answer.error();
  record_refusal record{p.order, std::move(refusal)};
  co_return co_await ctx.ask<payments_api, record_refusal>(record);
}

}  // namespace

task<result<done>> take_payment(banyan::context<acquirer_api, payments_api> ctx, const payment_requested& e) {
  auto payment = co_await ctx.ask<payments_api, review_payment>(e.order);
  if (!payment) co_return payment.error();
  if (payment->concluded) co_return done{};  // by a settlement, or before a crash
  auto concluded = co_await conclude(ctx, *payment);
  co_return without_reply(concluded);
}

task<result<done>> pay_back(banyan::context<acquirer_api, payments_api> ctx, const refund_requested& e) {
  auto payment = co_await ctx.ask<payments_api, review_payment>(e.order);
  if (payment && !payment->concluded) {
    auto concluded = co_await conclude(ctx, *payment);
    payment = std::move(concluded);
  }
  if (!payment) co_return payment.error();
  if (!payment->taken || payment->status == payment_status::refunded) co_return done{};
  auto amount = *payment->taken;
  if (amount != payment->amount) {
    auto booked = co_await ctx.ask<acquirer_api, get_charge>(e.key);
    if (!booked) co_return booked.error();
    amount = booked->amount;
  }
  refund_charge request{e.key, refund_key(e.order), amount};
  auto answer = co_await ctx.ask<acquirer_api, refund_charge>(request);
  if (!answer) co_return answer.error();
  record_refund record{e.order, std::move(*answer)};
  auto recorded = co_await ctx.ask<payments_api, record_refund>(record);
  co_return without_reply(recorded);
}

task<result<settlement_reply>> take_settlement(banyan::context<payments_api> ctx, const settle& m) {
  auto secret = callback_secret();
  if (!secret) co_return secret.error();
  if (auto genuine = verify_signature(*secret, m.signature, m.body, ctx.now()); !genuine) co_return genuine.error();
  auto said = banyan::from_json<settlement>(m.body);
  if (!said) co_return said.error();
  const std::pair<const char*, const std::string&> ids[]{
      {"event_id", said->event_id}, {"kind", said->kind}, {"key", said->key}, {"order", said->order}};
  for (const auto& [field, id] : ids)
    if (!is_code(id, 200)) co_return error{code::invalid_argument, "it " + code_rule(200)}.at(field);
  record_settlement record{payment_of(*said), std::move(*said)};
  co_return co_await ctx.ask<payments_api, record_settlement>(record);
}

}  // namespace shop::payments
