#include <services/acquirer/payment_rules.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace acquirer;
using banyan::code;

namespace {

const instant noon{std::chrono::seconds{1'800'000'000}};

charge_request asks(std::int64_t minor, std::string currency = "GBP", std::string card = "tok_ok") {
  return {"order-1", {minor, std::move(currency)}, std::move(card)};
}

refund_request back(std::int64_t minor, std::string currency = "GBP") { return {{minor, std::move(currency)}}; }

}  // namespace

TEST_CASE("a card decides whether a charge is captured", "[acquirer]") {
  const std::pair<const char*, const char*> cards[] = {{"tok_ok", ""},
                                                       {"tok_slow", ""},
                                                       {"tok_declined", "insufficient_funds"},
                                                       {"tok_stolen", "do_not_honour"},
                                                       {"tok_expired", "expired_card"},
                                                       {"tok_limit", "limit_exceeded"},
                                                       {"tok_fraud", "suspected_fraud"},
                                                       {"4111111111111111", "invalid_card"}};
  for (const auto& [card, reason] : cards) {
    INFO(card);
    const auto c = decide_charge("k", asks(1999, "GBP", card), noon);
    CHECK(c.status == (*reason ? charge_status::declined : charge_status::captured));
    CHECK(c.reason.value_or("") == reason);
    CHECK(c.amount == money{1999, "GBP"});
    CHECK(c.refunded == money{0, "GBP"});
    CHECK(c.created_at == noon);
  }
}

TEST_CASE("ids of charges and refunds follow from their keys", "[acquirer]") {
  const auto one = decide_charge("a", asks(1), noon), again = decide_charge("a", asks(1), noon + std::chrono::hours{1});
  CHECK(one.id == again.id);
  CHECK(one.id != decide_charge("b", asks(1), noon).id);
  CHECK(settlement_of(one).event_id == event_id_of_charge("a"));
  CHECK(event_id_of_charge("a") != event_id_of_refund("a"));
}

TEST_CASE("requests that are not valid are refused with the field", "[acquirer]") {
  const std::pair<charge_request, const char*> wrong[] = {
      {asks(0), "amount.minor"},
      {asks(-1), "amount.minor"},
      {asks(std::numeric_limits<std::int64_t>::min()), "amount.minor"},
      {asks(max_amount_minor + 1), "amount.minor"},
      {asks(1, ""), "amount.currency"},
      {asks(1, "gbp"), "amount.currency"},
      {asks(1, "GBPX"), "amount.currency"},
      {asks(1, "G1P"), "amount.currency"},
      {asks(1, "GBP", ""), "card"},
      {asks(1, "GBP", std::string(65, 'x')), "card"},
      {asks(1, "GBP", "tok\nok"), "card"},
      {{"", {1, "GBP"}, "tok_ok"}, "order"},
      {{std::string(201, 'x'), {1, "GBP"}, "tok_ok"}, "order"},
      {{"\xff", {1, "GBP"}, "tok_ok"}, "order"},
  };
  for (const auto& [request, field] : wrong) {
    INFO(request.order << " " << to_string(request.amount) << " " << request.card);
    const auto r = check_request(request);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == code::invalid_argument);
    CHECK(r.error().field == field);
  }
  CHECK(check_request(asks(max_amount_minor)));
  CHECK(check_request(asks(1)));
}

TEST_CASE("keys are texts that a path can hold", "[acquirer]") {
  for (const char* good : {"a", "order-1:charge", "018f6d2e-0000-7000-8000-000000000001", "A_b.~@+=", "..."})
    CHECK(check_key(good, "key"));
  for (const auto& bad :
       {std::string{}, std::string{"."}, std::string{".."}, std::string{"a b"}, std::string{"a/b"}, std::string{"a\\b"},
        std::string{"a%2f"}, std::string{"a\nb"}, std::string{"ä"}, std::string{"\"a\""}, std::string(201, 'a')}) {
    INFO(bad);
    CHECK_FALSE(check_key(bad, "key"));
  }
}

TEST_CASE("a key stands for one request", "[acquirer]") {
  const auto c = decide_charge("k", asks(1999), noon);
  CHECK(check_repeat(c, "tok_ok", asks(1999)));
  for (const auto& other : {asks(1998), asks(1999, "EUR"), asks(1999, "GBP", "tok_declined"),
                            charge_request{"order-2", {1999, "GBP"}, "tok_ok"}}) {
    const auto r = check_repeat(c, "tok_ok", other);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == code::refused);
    CHECK(r.error().reason == "key_reused");
  }
  const auto given = decide_refund("r", c, back(100), noon).value();
  CHECK(check_repeat(given, "k", back(100)));
  CHECK(check_repeat(given, "other", back(100)).error().reason == "key_reused");
  CHECK(check_repeat(given, "k", back(101)).error().reason == "key_reused");
}

TEST_CASE("a refund is never more than what is left of a captured charge", "[acquirer]") {
  auto c = decide_charge("k", asks(1000), noon);
  CHECK(decide_refund("r", c, back(1001), noon).error().reason == "refund_exceeds_charge");
  CHECK(decide_refund("r", c, back(1000, "EUR"), noon).error().reason == "currency_mismatch");
  CHECK(decide_refund("r", c, back(1000), noon).value().amount == money{1000, "GBP"});
  c.refunded.minor = 999;
  CHECK(decide_refund("r", c, back(2), noon).error().code == code::conflict);
  CHECK(decide_refund("r", c, back(1), noon));
  CHECK(decide_refund("r", decide_charge("d", asks(1000, "GBP", "tok_stolen"), noon), back(1), noon).error().reason ==
        "not_captured");
}

TEST_CASE("whatever refunds are tried, those that are accepted add up to at most the charge", "[acquirer][property]") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    auto c = decide_charge("k", asks(1 + static_cast<std::int64_t>(random() % 10'000)), noon);
    std::int64_t accepted = 0;
    for (int i = 0; i < 50; ++i) {
      const auto asked = 1 + static_cast<std::int64_t>(random() % 3'000);
      const auto left = c.amount.minor - accepted;
      const auto r = decide_refund("r", c, back(asked), noon);
      REQUIRE(r.has_value() == (asked <= left));
      if (r) accepted += r->amount.minor;
      c.refunded.minor = accepted;
    }
    REQUIRE(accepted <= c.amount.minor);
  }
}
