// The API of the payments service: the operations that other services, the edge and the acquirer may call.
//
// A payment belongs to one order and is named by its id. It is taken once and paid back at most once, in full. What is
// asked of this service is recorded and answered at once; the acquirer is asked in the background (collection.hpp), for
// minutes if need be, and the end is published on the topic "payments.concluded".
#pragma once

#include <services/payments/acquirer_api.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/core/time.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shop::payments {

inline constexpr const char* default_card = "tok_ok";  // of an order that names no card: guests, and what is replayed

enum class payment_status : std::uint8_t {
  requested,   // the acquirer is to be asked, or its answer is not known yet
  captured,    // the money is there
  declined,    // the card was declined, or the acquirer refuses the charge; no money was taken
  mismatched,  // the acquirer took, or says it took, another amount or currency: blocked, and to be paid back
  refunding,   // to be paid back; not done yet, or not known to be
  refunded,    // paid back
  voided       // called off before it was asked for: never charged
};
BOOST_DESCRIBE_ENUM(payment_status, requested, captured, declined, mismatched, refunding, refunded, voided)

struct payment_reply {
  std::string order;
  payment_status status = payment_status::requested;
  banyan::money amount;
};
BOOST_DESCRIBE_STRUCT(payment_reply, (), (order, status, amount))

// Takes the money for an order. Answered when the intent is recorded; refused with reason "payment_voided" when it was
// called off before.
struct charge {
  using reply = payment_reply;
  static constexpr auto optional_fields = banyan::fields("card");
  std::string order;
  banyan::money amount;             // positive, at most 10^12 pence
  std::string card = default_card;  // a token (rules/text.hpp)
  std::string idempotency_key() const { return order; }
};
BOOST_DESCRIBE_STRUCT(charge, (), (order, amount, card))

// Pays an order's money back. A charge whose outcome is not known is paid back once it is; one that was never asked for
// is called off, so that it can not be made afterwards; of one that was declined there is nothing to pay back.
struct refund {
  using reply = payment_reply;
  std::string order;
  std::string reason;  // for people
  std::string idempotency_key() const { return order; }
};
BOOST_DESCRIBE_STRUCT(refund, (), (order, reason))

// The same for an order that is given up, whoever else pays it back meanwhile, and for whatever reason.
struct call_off {
  using reply = payment_reply;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(call_off, (), (order))

struct payment_view {
  std::string order, key;
  payment_status status = payment_status::requested;
  banyan::money amount;
  std::optional<std::string> charge;     // the acquirer's id of it
  std::optional<std::string> reason;     // why it was declined, called off or blocked; or what it waits for
  std::optional<std::string> attention;  // what somebody has to look into
  banyan::instant requested_at;
};
BOOST_DESCRIBE_STRUCT(payment_view, (), (order, key, status, amount, charge, reason, attention, requested_at))

struct get_payment {
  using reply = payment_view;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(get_payment, (), (order))

struct payment_list {
  std::vector<payment_view> payments;  // by order
  std::optional<std::string> next;     // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(payment_list, (), (payments, next))

// Payments, or those in one status, or those that need attention.
struct get_payments {
  using reply = payment_list;
  static constexpr auto optional_fields = banyan::fields("attention", "limit");
  std::optional<payment_status> status;
  bool attention = false;
  std::optional<std::string> after;
  int limit = 50;  // 1 to 500
};
BOOST_DESCRIBE_STRUCT(get_payments, (), (status, attention, after, limit))

struct payments_report {
  std::int64_t waiting = 0;  // requested or refunding: the acquirer has the word
  std::int64_t captured = 0, declined = 0, refunded = 0, attention = 0;
  banyan::money taken, paid_back;  // as the acquirer confirmed it, in pounds; of other currencies `attention` tells
};
BOOST_DESCRIBE_STRUCT(payments_report, (), (waiting, captured, declined, refunded, attention, taken, paid_back))

struct get_payments_report {
  using reply = payments_report;
};
BOOST_DESCRIBE_STRUCT(get_payments_report, (), ())

enum class settlement_status : std::uint8_t { recorded, unmatched };
BOOST_DESCRIBE_ENUM(settlement_status, recorded, unmatched)

struct settlement_reply {
  std::string event_id;
  settlement_status status = settlement_status::recorded;  // unmatched: the shop knows no such charge
};
BOOST_DESCRIBE_STRUCT(settlement_reply, (), (event_id, status))

// The acquirer calls back: its body as it was sent, and the header that signs it (signature.hpp). Idempotent by the
// event's id in the body.
struct settle {
  using reply = settlement_reply;
  std::string signature, body;
};
BOOST_DESCRIBE_STRUCT(settle, (), (signature, body))

// What such a body says.
struct settlement {
  std::string event_id;
  std::string kind;  // "charge.captured", "charge.refunded"
  std::string key;   // of the charge or of the refund
  std::string order;
  banyan::money amount;
};
BOOST_DESCRIBE_STRUCT(settlement, (), (event_id, kind, key, order, amount))

// What follows is asked by this service of itself.
// -----------------------------------------------------------------------------------

struct payment_state_reply {
  std::string order, key;
  payment_status status = payment_status::requested;
  bool concluded = false;  // the acquirer's answer to the charge is known
  banyan::money amount;    // asked for
  std::string card;
  std::optional<banyan::money> taken;  // as the acquirer says; absent: nothing, as far as is known
};
BOOST_DESCRIBE_STRUCT(payment_state_reply, (), (order, key, status, concluded, amount, card, taken))

// The payment itself, not its view, which follows.
struct review_payment {
  using reply = payment_state_reply;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(review_payment, (), (order))

// What the acquirer answered to the charge.
// The id is of the content: asked once more, the acquirer may answer otherwise.
struct record_charge {
  using reply = payment_state_reply;
  std::string order;
  card_charge answer;
  std::string idempotency_key() const { return order + banyan::to_json(answer); }
};
BOOST_DESCRIBE_STRUCT(record_charge, (), (order, answer))

// The acquirer refuses the charge itself, for good: no card can help.
struct record_refusal {
  using reply = payment_state_reply;
  std::string order, reason;
  std::string idempotency_key() const { return order + "/" + reason; }
};
BOOST_DESCRIBE_STRUCT(record_refusal, (), (order, reason))

struct record_refund {
  using reply = payment_state_reply;
  std::string order;
  card_refund answer;
  std::string idempotency_key() const { return order + banyan::to_json(answer); }
};
BOOST_DESCRIBE_STRUCT(record_refund, (), (order, answer))

// `payment`: the entity whose stream takes it; the order's, or one made up for a key that the shop does not know.
struct record_settlement {
  using reply = settlement_reply;
  std::string payment;
  settlement said;
  std::string idempotency_key() const { return said.event_id; }
};
BOOST_DESCRIBE_STRUCT(record_settlement, (), (payment, said))

struct payments_api {
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<
      banyan::op<charge, banyan::idempotent::by_key>, banyan::op<refund, banyan::idempotent::by_key>,
      banyan::op<call_off, banyan::idempotent::always>,
      banyan::op<get_payment, banyan::idempotent::always>, banyan::op<get_payments, banyan::idempotent::always>,
      banyan::op<get_payments_report, banyan::idempotent::always>, banyan::op<settle, banyan::idempotent::always>,
      banyan::op<review_payment, banyan::idempotent::always>, banyan::op<record_charge, banyan::idempotent::always>,
      banyan::op<record_refusal, banyan::idempotent::always>, banyan::op<record_refund, banyan::idempotent::always>,
      banyan::op<record_settlement, banyan::idempotent::by_key>>;
};

}  // namespace shop::payments
