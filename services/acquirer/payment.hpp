// The acquirer's values: charges and refunds, as they are asked for, kept and answered. JSON of the API and of the
// callbacks is theirs.
//
// A charge is asked for under a key of the client's choice (the Idempotency-Key), by which it is found again. It is
// captured or declined at once and stays so; a captured one can be refunded, in parts, up to its amount. Amounts are
// positive, in minor units of an ISO 4217 currency.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace acquirer {

using banyan::instant;
using banyan::money;

enum class charge_status : std::uint8_t { captured, declined };
BOOST_DESCRIBE_ENUM(charge_status, captured, declined)

struct charge_request {
  std::string order;  // the client's reference
  money amount;
  std::string card;  // a test token, see `decline_reason`
};
BOOST_DESCRIBE_STRUCT(charge_request, (), (order, amount, card))

struct charge {
  std::string id, key, order;
  charge_status status = charge_status::captured;
  std::optional<std::string> reason;  // of a declined one
  money amount;
  money refunded;  // so far
  instant created_at{};
};
BOOST_DESCRIBE_STRUCT(charge, (), (id, key, order, status, reason, amount, refunded, created_at))

struct refund_request {
  money amount;
};
BOOST_DESCRIBE_STRUCT(refund_request, (), (amount))

struct refund {
  std::string id, key, charge, order;  // `charge` is the key of the refunded charge
  money amount;
  instant created_at{};
};
BOOST_DESCRIBE_STRUCT(refund, (), (id, key, charge, order, amount, created_at))

// A page of charges in the order in which they were made.
struct charge_page {
  std::vector<charge> charges;
  std::optional<std::string> next;  // `after` of the next page; none: this is the last
};
BOOST_DESCRIBE_STRUCT(charge_page, (), (charges, next))

struct refund_list {
  std::vector<refund> refunds;
};
BOOST_DESCRIBE_STRUCT(refund_list, (), (refunds))

struct currency_totals {
  std::int64_t charges = 0, captured_minor = 0, declined = 0, refunds = 0, refunded_minor = 0;
  friend bool operator==(const currency_totals&, const currency_totals&) = default;
};
BOOST_DESCRIBE_STRUCT(currency_totals, (), (charges, captured_minor, declined, refunds, refunded_minor))

// `captured_minor` and `refunded_minor` of different currencies are not added up: they are by currency only.
struct book_totals {
  std::int64_t charges = 0, captured = 0, declined = 0, refunds = 0;
  std::map<std::string, currency_totals> by_currency;
  std::int64_t callbacks_pending = 0;
};
BOOST_DESCRIBE_STRUCT(book_totals, (), (charges, captured, declined, refunds, by_currency, callbacks_pending))

// The body of a settlement callback. `key` is that of the charge or of the refund.
struct settlement {
  std::string event_id;  // the same whenever this event is sent
  std::string kind;      // "charge.captured" or "charge.refunded"
  std::string key, order;
  money amount;
  instant at{};
};
BOOST_DESCRIBE_STRUCT(settlement, (), (event_id, kind, key, order, amount, at))

}  // namespace acquirer
