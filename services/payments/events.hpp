// The events of payments, as stored; requests and conclusions are published.
#pragma once

#include <services/payments/api.hpp>

#include <banyan/journal/event.hpp>

namespace shop::payments {

// The intent, recorded before the acquirer hears of it.
struct payment_requested {
  static constexpr banyan::stored_as stored{"payments.requested", 1};
  std::string order, key;
  banyan::money amount;
  std::string card;
  banyan::instant at;
};
BOOST_DESCRIBE_STRUCT(payment_requested, (), (order, key, amount, card, at))

enum class conclusion : std::uint8_t { captured, declined, mismatched };
BOOST_DESCRIBE_ENUM(conclusion, captured, declined, mismatched)

// The acquirer's answer is known: from its answer to the charge, a look-up of it, or a settlement, whichever came
// first.
struct payment_concluded {
  static constexpr banyan::stored_as stored{"payments.concluded", 1};
  std::string order, key;
  conclusion how = conclusion::captured;
  std::string charge;   // the acquirer's id; empty: it refused to make one
  banyan::money taken;  // as the acquirer says; zero when declined
  std::string reason;   // why it was declined, or what does not match
};
BOOST_DESCRIBE_STRUCT(payment_concluded, (), (order, key, how, charge, taken, reason))

struct payment_voided {
  static constexpr banyan::stored_as stored{"payments.voided", 1};
  std::string order, reason;
  banyan::instant at;
};
BOOST_DESCRIBE_STRUCT(payment_voided, (), (order, reason, at))

// The intent to pay back, recorded before the acquirer hears of it.
struct refund_requested {
  static constexpr banyan::stored_as stored{"payments.refund_requested", 1};
  std::string order, key, reason;
};
BOOST_DESCRIBE_STRUCT(refund_requested, (), (order, key, reason))

struct payment_refunded {
  static constexpr banyan::stored_as stored{"payments.refunded", 1};
  std::string order, refund;  // the acquirer's id of it
  banyan::money amount;
};
BOOST_DESCRIBE_STRUCT(payment_refunded, (), (order, refund, amount))

// The acquirer called back. `attention`: how it differs from what is known here; empty: it does not.
struct settlement_recorded {
  static constexpr banyan::stored_as stored{"payments.settlement_recorded", 1};
  std::string payment;
  settlement said;
  std::string attention;
};
BOOST_DESCRIBE_STRUCT(settlement_recorded, (), (payment, said, attention))

}  // namespace shop::payments
