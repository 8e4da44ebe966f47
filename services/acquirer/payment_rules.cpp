#include <services/acquirer/payment_rules.hpp>

#include <banyan/core/ids.hpp>
#include <banyan/core/utf8.hpp>

#include <algorithm>
#include <array>

namespace acquirer {

namespace {

using banyan::code;
using banyan::error;
using banyan::result;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> cards_that_fail{
    {{"tok_declined", "insufficient_funds"},
     {"tok_stolen", "do_not_honour"},
     {"tok_expired", "expired_card"},
     {"tok_limit", "limit_exceeded"},
     {"tok_fraud", "suspected_fraud"}}};

error not_valid(std::string why, std::string field) {
  return error{code::invalid_argument, std::move(why)}.at(std::move(field));
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~:@+="}.find(c) != std::string_view::npos;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

result<void> check_amount(const money& m) {
  if (m.minor <= 0) return not_valid("an amount is greater than zero", "amount.minor");
  if (m.minor > max_amount_minor)
    return not_valid("an amount is at most " + std::to_string(max_amount_minor), "amount.minor");
  if (m.currency.size() != 3 ||
      !std::all_of(m.currency.begin(), m.currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return not_valid("a currency is three capital letters (ISO 4217)", "amount.currency");
  return {};
}

result<void> check_text(std::string_view text, std::size_t most, const char* field) {
  if (text.empty()) return not_valid("it must not be empty", field);
  if (text.size() > most) return not_valid("it is longer than " + std::to_string(most) + " bytes", field);
  if (!banyan::is_utf8(text) || has_control_character(text))
    return not_valid("it must be text without control characters", field);
  return {};
}

std::string id_from(std::string_view prefix, std::string_view scope, std::string_view name) {
  return std::string{prefix} + to_string(banyan::uuid_from_name(scope, name));
}

error key_reused(std::string what) {
  return error{code::refused, "the key was used for another " + std::move(what)}.because("key_reused");
}

}  // namespace

result<void> check_key(std::string_view key, const char* field) {
  if (key.empty() || key.size() > max_key_bytes)
    return not_valid("a key has 1 to " + std::to_string(max_key_bytes) + " characters", field);
  if (!std::all_of(key.begin(), key.end(), is_key_character) || key == "." || key == "..")
    return not_valid("a key consists of letters, digits and - . _ ~ : @ + =", field);
  return {};
}

result<void> check_request(const charge_request& r) {
  if (auto valid = check_text(r.order, max_order_bytes, "order"); !valid) return valid;
  if (auto valid = check_amount(r.amount); !valid) return valid;
  return check_text(r.card, max_card_bytes, "card");
}

result<void> check_request(const refund_request& r) { return check_amount(r.amount); }

std::optional<std::string> decline_reason(std::string_view card) {
  if (card == "tok_ok" || card == "tok_slow") return {};
  for (const auto& [token, reason] : cards_that_fail)
    if (token == card) return std::string{reason};
  return "invalid_card";
}

charge decide_charge(const std::string& key, const charge_request& r, instant now) {
  charge c{.id = id_from("ch_", "acquirer.charges", key),
           .key = key,
           .order = r.order,
           .status = charge_status::captured,
           .reason = decline_reason(r.card),
           .amount = r.amount,
           .refunded = {0, r.amount.currency},
           .created_at = now};
  if (c.reason) c.status = charge_status::declined;
  return c;
}

result<void> check_repeat(const charge& existing, std::string_view card, const charge_request& r) {
  if (existing.order == r.order && existing.amount == r.amount && card == r.card) return {};
  return key_reused("charge");
}

result<refund> decide_refund(const std::string& key, const charge& of, const refund_request& r, instant now) {
  if (of.status != charge_status::captured)
    return error{code::conflict, "the charge was declined: there is nothing to refund"}.because("not_captured");
  if (r.amount.currency != of.amount.currency)
    return error{code::conflict, "the charge is in " + of.amount.currency}
        .because("currency_mismatch")
        .at("amount.currency");
  const auto left = of.amount.minor - of.refunded.minor;
  if (r.amount.minor > left)
    return error{code::conflict,
                 "of the charge " + to_string(money{left, of.amount.currency}) + " can still be refunded"}
        .because("refund_exceeds_charge")
        .at("amount.minor");
  return refund{.id = id_from("re_", "acquirer.refunds", key),
                .key = key,
                .charge = of.key,
                .order = of.order,
                .amount = r.amount,
                .created_at = now};
}

result<void> check_repeat(const refund& existing, std::string_view charge_key, const refund_request& r) {
  if (existing.charge == charge_key && existing.amount == r.amount) return {};
  return key_reused("refund");
}

std::string event_id_of_charge(std::string_view key) { return id_from("evt_", "acquirer.charge.captured", key); }
std::string event_id_of_refund(std::string_view key) { return id_from("evt_", "acquirer.charge.refunded", key); }

settlement settlement_of(const charge& captured) {
  return {.event_id = event_id_of_charge(captured.key),
          .kind = "charge.captured",
          .key = captured.key,
          .order = captured.order,
          .amount = captured.amount,
          .at = captured.created_at};
}

settlement settlement_of(const refund& r) {
  return {.event_id = event_id_of_refund(r.key),
          .kind = "charge.refunded",
          .key = r.key,
          .order = r.order,
          .amount = r.amount,
          .at = r.created_at};
}

}  // namespace acquirer
