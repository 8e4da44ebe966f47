// The operations of the card acquirer, the outside company that takes money from cards: what payments asks of it,
// whatever the link.
//
// A charge has a key, chosen by the shop before it asks. The same key is the same charge, however often it is sent: so
// a charge whose answer is lost is asked for again, or looked up, and never made twice. A card that is declined is an
// answer, not an error: nothing is wrong with the acquirer, and no breaker may open because of it.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace shop::payments {

enum class charge_status : std::uint8_t { captured, declined };
BOOST_DESCRIBE_ENUM(charge_status, captured, declined)

// A charge in the acquirer's book.
struct card_charge {
  std::string id;          // the acquirer's own
  std::string key, order;  // as they were sent
  charge_status status = charge_status::captured;
  banyan::money amount;
  std::optional<std::string> reason;  // why it was declined: "insufficient_funds"
};
BOOST_DESCRIBE_STRUCT(card_charge, (), (id, key, order, status, amount, reason))

struct charge_card {
  using reply = card_charge;
  std::string key, order;
  banyan::money amount;
  std::string card;  // a token that stands for a card; never the card's number
  std::string idempotency_key() const { return key; }
};
BOOST_DESCRIBE_STRUCT(charge_card, (), (key, order, amount, card))

// Not_found: no charge has this key, at this moment; one that is on its way may still arrive.
struct get_charge {
  using reply = card_charge;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(get_charge, (), (key))

struct card_refund {
  std::string id;      // the acquirer's own
  std::string key;     // the refund's, as it was sent
  std::string charge;  // the key of the charge
  banyan::money amount;
};
BOOST_DESCRIBE_STRUCT(card_refund, (), (id, key, charge, amount))

// Pays a charge back. The same refund key is the same refund.
struct refund_charge {
  using reply = card_refund;
  std::string key;     // of the charge
  std::string refund;  // the refund's own
  banyan::money amount;
  std::string idempotency_key() const { return refund; }
};
BOOST_DESCRIBE_STRUCT(refund_charge, (), (key, refund, amount))

struct acquirer_api {
  static constexpr std::string_view name = "acquirer";
  using operations = banyan::operations<banyan::op<charge_card, banyan::idempotent::by_key>,
                                        banyan::op<get_charge, banyan::idempotent::always>,
                                        banyan::op<refund_charge, banyan::idempotent::by_key>>;
};

}  // namespace shop::payments
