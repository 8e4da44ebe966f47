// What the acquirer decides, as pure functions: valid input, the decision on a card, repeats under a key, refunds, and
// the settlements that follow.
//
//   if (auto valid = check_request(request); !valid) return valid.error();          // invalid_argument, `field`
//   charge made = decide_charge(key, request, clock.now());                         // captured or declined
//
// Errors: invalid_argument (400); refused with reason "key_reused" (422): the key was used with other content;
// conflict (409) with reason "not_captured", "currency_mismatch" or "refund_exceeds_charge".
#pragma once

#include <services/acquirer/payment.hpp>

#include <string_view>

namespace acquirer {

inline constexpr std::size_t max_key_bytes = 200, max_order_bytes = 200, max_card_bytes = 64;
inline constexpr std::int64_t max_amount_minor = 999'999'999'999;  // so that totals stay far from 64 bits

// 1 to 200 letters, digits and - . _ ~ : @ + =, which a path can hold as they are; not "." or "..".
banyan::result<void> check_key(std::string_view key, const char* field);
banyan::result<void> check_request(const charge_request& r);
banyan::result<void> check_request(const refund_request& r);

// Why the card's bank declines; nothing: it pays. Tokens that are not known are declined with "invalid_card".
std::optional<std::string> decline_reason(std::string_view card);

charge decide_charge(const std::string& key, const charge_request& r, instant now);
// Whether a request under the key of an existing charge repeats it; `card` is that of the charge.
banyan::result<void> check_repeat(const charge& existing, std::string_view card, const charge_request& r);

// `of` with what was refunded before.
banyan::result<refund> decide_refund(const std::string& key, const charge& of, const refund_request& r, instant now);
banyan::result<void> check_repeat(const refund& existing, std::string_view charge_key, const refund_request& r);

// The same for ever; known before the charge or refund is made.
std::string event_id_of_charge(std::string_view key);
std::string event_id_of_refund(std::string_view key);
settlement settlement_of(const charge& captured);
settlement settlement_of(const refund& r);

}  // namespace acquirer
