#include <services/payments/payment.hpp>

#include <services/rules/limits.hpp>
#include <services/rules/text.hpp>

#include <banyan/core/ids.hpp>

namespace shop::payments {

using banyan::accept;
using banyan::code;
using banyan::error;
using banyan::refuse;

namespace {

constexpr std::size_t most_reason = 500;

// A text of the acquirer, fit to be kept and shown.
std::string told(const std::optional<std::string>& text, const char* otherwise) {
  return text && is_name(*text, most_reason) ? *text : otherwise;
}

payment_reply reply_of(const std::string& order, const payment::state& s) { return {order, status_of(s), s.amount}; }

payment_state_reply state_of(const std::string& order, const payment::state& s) {
  payment_state_reply r{order, s.key, status_of(s), s.how.has_value(), s.amount, s.card, {}};
  if (s.how && *s.how != conclusion::declined) r.taken = s.taken;
  return r;
}

// The reply after these events.
banyan::decision<payment> accepted(const std::string& order, payment::state s, std::vector<payment::event> events) {
  for (const auto& e : events) payment::evolve(s, e);
  return accept<payment>(std::move(events), state_of(order, s));
}

// What the acquirer says of the charge, judged by what was asked for.
payment_concluded judge(const std::string& order, const payment::state& s, const card_charge& said) {
  const auto asked = to_string(s.amount);
  std::string wrong;
  if (said.key != s.key)
    wrong = "the answer is about another key";
  else if (said.order != order)
    wrong = "the answer is about another order";
  else if (said.amount.currency != s.amount.currency)
    wrong = "asked for " + asked + ", answered in another currency: " + to_string(said.amount);
  else if (said.amount.minor != s.amount.minor)
    wrong = "asked for " + asked + ", answered with another amount: " + to_string(said.amount);
  if (said.status == charge_status::declined)
    return {order, s.key, conclusion::declined, said.id, {0, s.amount.currency}, told(said.reason, "declined")};
  if (!wrong.empty()) return {order, s.key, conclusion::mismatched, said.id, said.amount, wrong};
  return {order, s.key, conclusion::captured, said.id, said.amount, {}};
}

banyan::decision<payment> request(const payment::state& s, const charge& c, const banyan::decision_context& ctx) {
  if (s.voided)
    return refuse("payment_voided", "the payment of order " + c.order + " was called off before it was asked for");
  if (s.requested) return accept<payment>({}, reply_of(c.order, s));
  payment_requested intent{c.order, charge_key(c.order), c.amount, c.card, ctx.now};
  return accept<payment>({std::move(intent)}, payment_reply{c.order, payment_status::requested, c.amount});
}

banyan::decision<payment> want_refund(payment::state s, const refund& r, const banyan::decision_context& ctx) {
  std::vector<payment::event> events;
  if (!s.requested && !s.voided) events.emplace_back(payment_voided{r.order, r.reason, ctx.now});
  if (s.requested && !s.refund_wanted && s.how != conclusion::declined)
    events.emplace_back(refund_requested{r.order, s.key, r.reason});
  for (const auto& e : events) payment::evolve(s, e);
  return accept<payment>(std::move(events), reply_of(r.order, s));
}

banyan::decision<payment> conclude(const payment::state& s, const record_charge& r) {
  if (s.how) return accepted(r.order, s, {});
  return accepted(r.order, s, {judge(r.order, s, r.answer)});
}

banyan::decision<payment> give_up(const payment::state& s, const record_refusal& r) {
  if (s.how) return accepted(r.order, s, {});
  payment_concluded end{r.order, s.key, conclusion::declined, {}, {0, s.amount.currency}, r.reason};
  return accepted(r.order, s, {std::move(end)});
}

banyan::decision<payment> settle_refund(const payment::state& s, const record_refund& r) {
  if (s.refunded || !s.refund_wanted || !s.how || *s.how == conclusion::declined) return accepted(r.order, s, {});
  // Of a mismatched charge, what the acquirer's book has is paid back, whatever its first answer was.
  const bool is_due = *s.how == conclusion::mismatched || r.answer.amount == s.taken;
  if (r.answer.charge != s.key || r.answer.key != refund_key(r.order) || !is_due)
    return error{code::conflict,
                 "asked for " + to_string(s.taken) + " to be paid back, answered with " + to_string(r.answer.amount)}
        .because("refund_mismatched");
  return accepted(r.order, s, {payment_refunded{r.order, r.answer.id, r.answer.amount}});
}

// How a settlement differs from what is known; empty: it does not.
std::string difference(const payment::state& s, const settlement& said) {
  if (!s.requested) return "the shop knows no charge with this key";
  const bool is_refund = said.kind == "charge.refunded";
  if (!is_refund && said.kind != "charge.captured") return "a kind that the shop does not know";
  if (said.key != (is_refund ? refund_key(said.order) : s.key)) return "the key is not of this kind";
  if (is_refund && !s.refund_wanted) return "refunded there, but nobody here asked for it";
  if (s.how == conclusion::declined) return "captured or refunded there, but declined here";
  const auto& known = s.how == conclusion::captured ? s.taken : s.amount;
  if (said.amount != known) return "there it is about " + to_string(said.amount) + ", here about " + to_string(known);
  return {};
}

// A capture that is told here first concludes the payment.
banyan::decision<payment> settled(const payment::state& s, const record_settlement& r) {
  std::vector<payment::event> events{settlement_recorded{r.payment, r.said, difference(s, r.said)}};
  if (s.requested && !s.how && r.said.kind == "charge.captured")
    events.emplace_back(
        judge(r.payment, s, {{}, r.said.key, r.said.order, charge_status::captured, r.said.amount, {}}));
  return accept<payment>(
      std::move(events),
      settlement_reply{r.said.event_id, s.requested ? settlement_status::recorded : settlement_status::unmatched});
}

}  // namespace

std::string charge_key(const std::string& order) { return to_string(banyan::uuid_from_name("acquirer charge", order)); }
std::string refund_key(const std::string& order) { return to_string(banyan::uuid_from_name("acquirer refund", order)); }

// No order's id has a slash.
std::string payment_of(const settlement& s) {
  const bool is_ours = s.key == charge_key(s.order) || s.key == refund_key(s.order);
  return is_ours ? s.order : "unknown/" + s.key;
}

payment_status status_of(const payment::state& s) {
  if (s.voided) return payment_status::voided;
  if (s.refunded) return payment_status::refunded;
  if (s.how == conclusion::declined) return payment_status::declined;
  if (s.refund_wanted) return payment_status::refunding;
  if (!s.how) return payment_status::requested;
  return *s.how == conclusion::captured ? payment_status::captured : payment_status::mismatched;
}

banyan::result<void> payment::validate(const command& c) {
  const auto wrong = [](const char* field, std::string sentence) {
    return error{code::invalid_argument, std::move(sentence)}.at(field);
  };
  if (auto* ask = std::get_if<charge>(&c)) {
    if (!is_code(ask->order)) return wrong("order", "an order id " + code_rule());
    if (ask->amount.currency != "GBP") return wrong("amount.currency", "this shop sells in GBP");
    if (ask->amount.minor <= 0 || ask->amount.minor > most_pence)
      return wrong("amount.minor", "an amount is positive, and at most ten thousand million pounds");
    if (!is_card_token(ask->card)) return wrong("card", "a card " + card_token_rule());
  }
  if (auto* off = std::get_if<call_off>(&c); off && !is_code(off->order))
    return wrong("order", "an order id " + code_rule());
  if (auto* back = std::get_if<refund>(&c)) {
    if (!is_code(back->order)) return wrong("order", "an order id " + code_rule());
    if (!back->reason.empty() && !is_name(back->reason, 128)) return wrong("reason", "a reason " + name_rule(128));
  }
  return {};
}

banyan::decision<payment> payment::decide(const state& s, const command& c, const banyan::decision_context& ctx) {
  if (auto* ask = std::get_if<charge>(&c)) return request(s, *ask, ctx);
  if (auto* back = std::get_if<refund>(&c)) return want_refund(s, *back, ctx);
  if (auto* off = std::get_if<call_off>(&c)) return want_refund(s, {off->order, "order_cancelled"}, ctx);
  if (auto* said = std::get_if<record_settlement>(&c)) return settled(s, *said);
  if (!s.requested) return error{code::not_found, "no payment of order " + ctx.entity};
  if (auto* r = std::get_if<record_charge>(&c)) return conclude(s, *r);
  if (auto* r = std::get_if<record_refusal>(&c)) return give_up(s, *r);
  if (auto* r = std::get_if<record_refund>(&c)) return settle_refund(s, *r);
  return accepted(std::get<review_payment>(c).order, s, {});
}

void payment::evolve(state& s, const event& e) {
  if (auto* r = std::get_if<payment_requested>(&e)) {
    s.requested = true;
    s.key = r->key;
    s.amount = r->amount;
    s.card = r->card;
  }
  if (auto* r = std::get_if<payment_concluded>(&e)) {
    s.how = r->how;
    s.taken = r->taken;
  }
  if (std::get_if<payment_voided>(&e)) s.voided = true;
  if (std::get_if<refund_requested>(&e)) s.refund_wanted = true;
  if (std::get_if<payment_refunded>(&e)) s.refunded = true;
}

}  // namespace shop::payments
