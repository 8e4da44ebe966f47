// The aggregate of an order's payment: requested, then concluded by what the acquirer says, then perhaps paid back.
//
//   requested -> captured | declined | mismatched;   captured | mismatched -> refunding -> refunded;   nothing ->
//   voided
//
// The intents (charge, refund) are recorded before the acquirer is asked. Its first answer concludes the payment,
// whether it comes with the charge, by a look-up or by a settlement; what comes later changes nothing. An answer is
// taken only if it is about the charge that was asked for: another key, order, currency or amount is a mismatch. Then
// the order is not served for it: the money goes back in full, as much as the acquirer says it took, and the payment
// stays marked for attention.
//
// Paying back before the outcome of the charge is known is only noted down: it is done once the outcome is known.
#pragma once

#include <services/payments/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>
#include <vector>

namespace shop::payments {

// The acquirer's idempotency keys of an order's charge and of its refund: the same whenever they are asked for, and fit
// for a URL and a header.
std::string charge_key(const std::string& order);
std::string refund_key(const std::string& order);
// The entity that takes a settlement: the order's payment when the key is that of the order that it names; else one of
// its own.
std::string payment_of(const settlement& s);

struct payment {
  using command =
      std::variant<charge, refund, call_off, review_payment, record_charge, record_refusal, record_refund,
                   record_settlement>;
  using event = std::variant<payment_requested, payment_concluded, payment_voided, refund_requested, payment_refunded,
                             settlement_recorded>;
  struct state {
    bool requested = false, voided = false, refund_wanted = false, refunded = false;
    std::string key;
    banyan::money amount;
    std::string card;
    std::optional<conclusion> how;
    banyan::money taken;
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<payment> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(payment::state, (), (requested, voided, refund_wanted, refunded, key, amount, card, how, taken))

payment_status status_of(const payment::state& s);

}  // namespace shop::payments
