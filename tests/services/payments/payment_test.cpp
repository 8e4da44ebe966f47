// The rules of a payment.
#include <services/payments/payment.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::payments;
using test_kit::given;

namespace {

const instant noon{std::chrono::sys_days{std::chrono::December / 1 / 2010} + std::chrono::hours{12}};
const std::string key = charge_key("o1"), back_key = refund_key("o1");
const money price{610, "GBP"}, nothing{0, "GBP"};

const payment_requested requested{"o1", key, price, "tok_visa", noon};
const payment_concluded captured{"o1", key, conclusion::captured, "ch_1", price, ""};
const payment_concluded declined{"o1", key, conclusion::declined, "ch_1", nothing, "insufficient_funds"};
const refund_requested to_be_refunded{"o1", key, "customer"};
const payment_refunded refunded{"o1", "re_1", price};
const card_charge answer{"ch_1", key, "o1", charge_status::captured, price, {}};
const card_refund paid_back{"re_1", back_key, key, price};

payment_state_reply state(payment_status status, bool concluded, std::optional<money> taken = {}) {
  return {"o1", key, status, concluded, price, "tok_visa", std::move(taken)};
}
payment_concluded mismatched(const money& taken, std::string reason) {
  return {"o1", key, conclusion::mismatched, "ch_1", taken, std::move(reason)};
}

}  // namespace

TEST_CASE("the intent to charge is recorded with its key, amount and currency") {
  given<payment>()
      .at(noon)
      .when(charge{"o1", price, "tok_visa"})
      .then({requested})
      .then_reply(payment_reply{"o1", payment_status::requested, price});
  given<payment>({requested}).when(charge{"o1", price, "tok_visa"}).then({});
  CHECK(charge_key("o1") == key);
  CHECK(charge_key("o2") != key);
  CHECK(refund_key("o1") != key);
}

TEST_CASE("what can not be charged is refused with its field") {
  given<payment>().when(charge{"o1", {0, "GBP"}, "tok_ok"}).then_error(code::invalid_argument, "amount.minor");
  given<payment>().when(charge{"o1", {-5, "GBP"}, "tok_ok"}).then_error(code::invalid_argument, "amount.minor");
  given<payment>().when(charge{"o1", {5, "EUR"}, "tok_ok"}).then_error(code::invalid_argument, "amount.currency");
  given<payment>().when(charge{"o1", price, "4111111111111111"}).then_error(code::invalid_argument, "card");
  given<payment>().when(charge{"", price, "tok_ok"}).then_error(code::invalid_argument, "order");
  given<payment>().when(review_payment{"o1"}).then_error(code::not_found);
}

TEST_CASE("the acquirer's first answer concludes the payment, and what comes later changes nothing") {
  given<payment>({requested})
      .when(record_charge{"o1", answer})
      .then({captured})
      .then_reply(state(payment_status::captured, true, price));
  auto no = answer;
  no.status = charge_status::declined;
  no.reason = "insufficient_funds";
  given<payment>({requested})
      .when(record_charge{"o1", no})
      .then({declined})
      .then_reply(state(payment_status::declined, true));
  given<payment>({requested, captured})
      .when(record_charge{"o1", no})
      .then({})
      .then_reply(state(payment_status::captured, true, price));
  given<payment>({requested, declined})
      .when(record_charge{"o1", answer})
      .then({})
      .then_reply(state(payment_status::declined, true));
}

TEST_CASE("an answer with another amount, currency, key or order is no capture") {
  auto wrong = answer;
  wrong.amount = {610, "EUR"};
  given<payment>({requested})
      .when(record_charge{"o1", wrong})
      .then({mismatched({610, "EUR"}, "asked for 6.10 GBP, answered in another currency: 6.10 EUR")})
      .then_reply(state(payment_status::mismatched, true, money{610, "EUR"}));
  wrong.amount = {611, "GBP"};
  given<payment>({requested})
      .when(record_charge{"o1", wrong})
      .then({mismatched({611, "GBP"}, "asked for 6.10 GBP, answered with another amount: 6.11 GBP")});
  wrong = answer;
  wrong.key = charge_key("o2");
  given<payment>({requested})
      .when(record_charge{"o1", wrong})
      .then({mismatched(price, "the answer is about another key")});
  wrong = answer;
  wrong.order = "o2";
  given<payment>({requested})
      .when(record_charge{"o1", wrong})
      .then({mismatched(price, "the answer is about another order")});
}

TEST_CASE("a charge that the acquirer refuses for good is declined, unless it was answered") {
  payment_concluded refused{"o1", key, conclusion::declined, "", nothing, "refused_by_acquirer"};
  given<payment>({requested}).when(record_refusal{"o1", "refused_by_acquirer"}).then({refused});
  given<payment>({requested, captured}).when(record_refusal{"o1", "refused_by_acquirer"}).then({});
}

TEST_CASE("what was taken is paid back once, by an intent and its answer") {
  given<payment>({requested, captured})
      .when(refund{"o1", "customer"})
      .then({to_be_refunded})
      .then_reply(payment_reply{"o1", payment_status::refunding, price});
  given<payment>({requested, captured, to_be_refunded}).when(refund{"o1", "again"}).then({});
  given<payment>({requested, captured, to_be_refunded})
      .when(record_refund{"o1", paid_back})
      .then({refunded})
      .then_reply(state(payment_status::refunded, true, price));
  given<payment>({requested, captured, to_be_refunded, refunded}).when(record_refund{"o1", paid_back}).then({});
  given<payment>({requested, captured}).when(record_refund{"o1", paid_back}).then({});
  auto other = paid_back;
  other.amount.minor = 600;
  given<payment>({requested, captured, to_be_refunded}).when(record_refund{"o1", other}).then_error(code::conflict);
}

TEST_CASE("the payment of an order that is given up is called off, or paid back, whoever else pays it back") {
  const call_off off{"o1"};
  auto given_up = to_be_refunded;
  given_up.reason = "order_cancelled";
  given<payment>({requested, captured}).when(off).then({given_up}).then_reply(
      payment_reply{"o1", payment_status::refunding, price});
  given<payment>({requested, captured, to_be_refunded}).when(off).then({});
  given<payment>({requested, captured, to_be_refunded, refunded}).when(off).then({});
  given<payment>({requested, declined}).when(off).then({});
  given<payment>({}).when(off).then_reply(payment_reply{"o1", payment_status::voided, {}});
  given<payment>().when(call_off{""}).then_error(code::invalid_argument, "order");
}

TEST_CASE("a payment whose outcome is not known is paid back when it is, and not if it was declined") {
  given<payment>({requested})
      .when(refund{"o1", "customer"})
      .then({to_be_refunded})
      .then_reply(payment_reply{"o1", payment_status::refunding, price});
  given<payment>({requested, to_be_refunded}).when(record_refund{"o1", paid_back}).then({});
  given<payment>({requested, to_be_refunded})
      .when(record_charge{"o1", answer})
      .then_reply(state(payment_status::refunding, true, price));
  given<payment>({requested, to_be_refunded, declined})
      .when(review_payment{"o1"})
      .then_reply(state(payment_status::declined, true));
  given<payment>({requested, to_be_refunded, declined}).when(record_refund{"o1", paid_back}).then({});
  given<payment>({requested, declined}).when(refund{"o1", "customer"}).then({});
}

TEST_CASE("a mismatched payment is paid back as the acquirer has it in its book") {
  const auto wrong = mismatched({610, "EUR"}, "asked for 6.10 GBP, answered in another currency: 6.10 EUR");
  given<payment>({requested, wrong}).when(refund{"o1", "customer"}).then({to_be_refunded});
  given<payment>({requested, wrong, to_be_refunded}).when(record_refund{"o1", paid_back}).then({refunded});
}

TEST_CASE("a payment that is called off before it is asked for can not be asked for any more") {
  const payment_voided voided{"o1", "customer", noon};
  given<payment>()
      .at(noon)
      .when(refund{"o1", "customer"})
      .then({voided})
      .then_reply(payment_reply{"o1", payment_status::voided, {}});
  given<payment>({voided}).when(charge{"o1", price, "tok_ok"}).then_refused("payment_voided");
  given<payment>({voided}).when(refund{"o1", "again"}).then({});
}

TEST_CASE("a settlement that agrees is recorded; one that tells of a capture first concludes the payment") {
  const settlement said{"evt_1", "charge.captured", key, "o1", price};
  const record_settlement record{"o1", said};
  const settlement_reply reply{"evt_1", settlement_status::recorded};
  given<payment>({requested, captured}).when(record).then({settlement_recorded{"o1", said, ""}}).then_reply(reply);
  auto by_settlement = captured;
  by_settlement.charge.clear();
  given<payment>({requested}).when(record).then({settlement_recorded{"o1", said, ""}, by_settlement}).then_reply(reply);
  const settlement of_refund{"evt_2", "charge.refunded", back_key, "o1", price};
  given<payment>({requested, captured, to_be_refunded})
      .when(record_settlement{"o1", of_refund})
      .then({settlement_recorded{"o1", of_refund, ""}});
}

TEST_CASE("a settlement that differs from what is known needs attention, and moves no money") {
  const auto attention = [](const std::vector<payment::event>& before, const settlement& said) {
    const auto decided = given<payment>(before).when(record_settlement{"o1", said}).decided();
    REQUIRE(decided.events.size() == 1);
    return std::get<settlement_recorded>(decided.events[0]).attention;
  };
  CHECK(attention({requested, captured}, {"e", "charge.captured", key, "o1", {611, "GBP"}}) ==
        "there it is about 6.11 GBP, here about 6.10 GBP");
  CHECK(attention({requested, declined}, {"e", "charge.captured", key, "o1", price}) ==
        "captured or refunded there, but declined here");
  CHECK(attention({requested, captured}, {"e", "charge.refunded", back_key, "o1", price}) ==
        "refunded there, but nobody here asked for it");
  CHECK(attention({requested, captured}, {"e", "charge.refunded", key, "o1", price}) == "the key is not of this kind");
  CHECK(attention({requested, captured}, {"e", "charge.lost", key, "o1", price}) ==
        "a kind that the shop does not know");
  const settlement strange{"evt_9", "charge.captured", "somebody-else", "o1", price};
  CHECK(payment_of(strange) == "unknown/somebody-else");
  given<payment>()
      .when(record_settlement{payment_of(strange), strange})
      .then({settlement_recorded{"unknown/somebody-else", strange, "the shop knows no charge with this key"}})
      .then_reply(settlement_reply{"evt_9", settlement_status::unmatched});
  // In another amount, before the outcome is known.
  given<payment>({requested})
      .when(record_settlement{"o1", {"e", "charge.captured", key, "o1", {611, "GBP"}}})
      .then_state([] {
        payment::state s;
        s.requested = true;
        s.key = key;
        s.amount = price;
        s.card = "tok_visa";
        s.how = conclusion::mismatched;
        s.taken = {611, "GBP"};
        return s;
      }());
}
