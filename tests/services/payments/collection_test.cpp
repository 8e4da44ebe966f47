// The handlers that talk to the acquirer alone: what is asked of it for each event, whatever it answers or does not.
#include <services/payments/collection.hpp>
#include <services/payments/payment.hpp>
#include <services/payments/service.hpp>
#include <services/payments/signature.hpp>

#include <banyan/test_kit/handler_of.hpp>
#include <banyan/test_kit/subscription_of.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace banyan;
using namespace shop::payments;
using namespace std::chrono_literals;

namespace {

const std::string key = charge_key("o1"), back_key = refund_key("o1");
const money price{610, "GBP"};
const payment_requested event{"o1", key, price, "tok_visa", {}};
const refund_requested refund_event{"o1", key, "customer"};

const review_payment review{"o1"};
const charge_card asked{key, "o1", price, "tok_visa"};
const get_charge look_up{key};
const card_charge captured{"ch_1", key, "o1", charge_status::captured, price, {}};
const card_charge declined{"ch_1", key, "o1", charge_status::declined, price, "insufficient_funds"};
const refund_charge asked_back{key, back_key, price};
const card_refund paid_back{"re_1", back_key, key, price};

payment_state_reply state(payment_status status, bool concluded = false, std::optional<money> taken = {}) {
  return {"o1", key, status, concluded, price, "tok_visa", std::move(taken)};
}
const auto open_payment = state(payment_status::requested), done_payment = state(payment_status::captured, true, price);

const error no_answer{code::deadline_exceeded, "no answer", outcome::unknown}, down{code::unavailable, "down"},
    unknown_key{code::not_found, "no charge has this key"};

const auto taking = test_kit::subscription_of<take_payment>{describe()}
                        .given<review_payment>(open_payment)
                        .given<record_charge>(done_payment);
const auto returning = test_kit::subscription_of<pay_back>{describe()}
                           .given<review_payment>(done_payment)
                           .given<record_refund>(state(payment_status::refunded, true, price));

}  // namespace

TEST_CASE("the acquirer is asked for a requested payment, and its answer recorded, be it yes or no") {
  for (const auto& answer : {captured, declined})
    taking.given<charge_card>(answer).when(event).then_handled().then_asked(review, asked, record_charge{"o1", answer});
}

TEST_CASE("a payment that is concluded by now is not asked for") {
  taking.given<review_payment>(done_payment).when(event).then_handled().then_asked(review);
}

TEST_CASE("a charge whose answer is lost is looked up, and when it is there not asked for again") {
  taking.given<charge_card>(no_answer).given<get_charge>(captured).when(event).then_handled().then_asked(
      review, asked, look_up, record_charge{"o1", captured});
}

TEST_CASE("a charge whose request is lost is sent again with the same key, and never taken for declined") {
  taking.given<charge_card>(no_answer, captured)
      .given<get_charge>(unknown_key)
      .when(event)
      .then_handled()
      .then_attempts(2)
      .then_asked(review, asked, look_up, review, asked, record_charge{"o1", captured});
  taking.given<charge_card>(no_answer, captured).given<get_charge>(down).when(event).then_handled().then_attempts(2);
}

TEST_CASE("a charge that is never answered is looked up after the link's deadline") {
  const auto silent = taking.takes<charge_card>(timespan::max()).given<get_charge>(captured).when(event);
  silent.then_handled().then_asked(review, asked, look_up, record_charge{"o1", captured});
  CHECK(silent.took() >= 3s);
  CHECK(silent.took() < 3100ms);
}

TEST_CASE("an acquirer that is down is asked again, for an hour at least, before the event is given up") {
  const auto waiting = taking.given<charge_card>(down).for_at_most(24h).when(event);
  waiting.then_dead_letter(code::unavailable).then_attempts(1000);
  CHECK(waiting.took() > 1h);
  CHECK(waiting.asked<record_charge>().empty());
  CHECK(waiting.asked<record_refusal>().empty());
}

TEST_CASE("an acquirer that does not know who asks has not declined anything") {
  const auto locked_out = taking.given<charge_card>(error{code::unauthenticated, "who are you"}, captured).when(event);
  locked_out.then_handled().then_attempts(2);
}

TEST_CASE("a charge that the acquirer refuses is looked up, and refused for good only when there is none") {
  const auto refusing = taking.given<charge_card>(refuse("order_too_long", "the order's id is too long"))
                            .given<record_refusal>(state(payment_status::declined, true));
  refusing.given<get_charge>(unknown_key)
      .when(event)
      .then_handled()
      .then_asked(review, asked, look_up, record_refusal{"o1", "order_too_long"});
  refusing.given<get_charge>(captured).when(event).then_handled().then_asked(review, asked, look_up,
                                                                             record_charge{"o1", captured});
  refusing.given<get_charge>(down, unknown_key).when(event).then_handled().then_attempts(2);
}

TEST_CASE("an answer that can not be recorded is asked for again, with the same key") {
  taking.given<charge_card>(captured)
      .given<record_charge>(down, done_payment)
      .when(event)
      .then_handled()
      .then_attempts(2)
      .then_asked(review, asked, record_charge{"o1", captured}, review, asked, record_charge{"o1", captured});
}

TEST_CASE("what was taken is paid back in full, under one key however often it is asked") {
  returning.given<refund_charge>(paid_back)
      .when(refund_event)
      .then_handled()
      .then_asked(review, asked_back, record_refund{"o1", paid_back});
  returning.given<refund_charge>(no_answer, down, paid_back)
      .when(refund_event)
      .then_handled()
      .then_attempts(3)
      .then_asked(review, asked_back, review, asked_back, review, asked_back, record_refund{"o1", paid_back});
}

TEST_CASE("nothing is paid back of a declined payment, nor twice") {
  returning.given<review_payment>(state(payment_status::declined, true))
      .when(refund_event)
      .then_handled()
      .then_asked(review);
  returning.given<review_payment>(state(payment_status::refunded, true, price))
      .when(refund_event)
      .then_handled()
      .then_asked(review);
}

TEST_CASE("a payment whose outcome is not known is concluded before it is paid back") {
  const auto unknown =
      returning.given<review_payment>(open_payment).given<charge_card>(captured).given<refund_charge>(paid_back);
  unknown.given<record_charge>(done_payment)
      .when(refund_event)
      .then_handled()
      .then_asked(review, asked, record_charge{"o1", captured}, asked_back, record_refund{"o1", paid_back});
  unknown.given<charge_card>(declined)
      .given<record_charge>(state(payment_status::declined, true))
      .when(refund_event)
      .then_handled()
      .then_asked(review, asked, record_charge{"o1", declined});
  unknown.given<charge_card>(down, captured)
      .given<record_charge>(done_payment)
      .when(refund_event)
      .then_handled()
      .then_attempts(2);
}

TEST_CASE("of a mismatched payment, what the acquirer has in its book is paid back") {
  returning.given<review_payment>(state(payment_status::refunding, true, money{610, "EUR"}))
      .given<get_charge>(captured)
      .given<refund_charge>(paid_back)
      .when(refund_event)
      .then_handled()
      .then_asked(review, look_up, asked_back, record_refund{"o1", paid_back});
}

namespace {

const instant noon{std::chrono::sys_days{std::chrono::December / 1 / 2026} + std::chrono::hours{12}};

struct with_secret {
  with_secret() { setenv("SHOP_ACQUIRER_SECRET", "whsec_test", 1); }
  ~with_secret() { unsetenv("SHOP_ACQUIRER_SECRET"); }
};

settle signed_body(const std::string& body, instant at = noon) { return {sign("whsec_test", body, at), body}; }

}  // namespace

TEST_CASE("a settlement is verified, then recorded with the payment whose key it has") {
  const with_secret secret;
  const settlement said{"evt_1", "charge.captured", key, "o1", price};
  const settlement_reply recorded{"evt_1", settlement_status::recorded},
      unmatched{"evt_1", settlement_status::unmatched};
  const auto settling = test_kit::handler_of<take_settlement>{describe()}.at(noon).given<record_settlement>(recorded);
  settling.when(signed_body(to_json(said))).then_reply(recorded).then_asked(record_settlement{"o1", said});
  auto strange = said;
  strange.key = "another";
  settling.given<record_settlement>(unmatched)
      .when(signed_body(to_json(strange)))
      .then_reply(unmatched)
      .then_asked(record_settlement{"unknown/another", strange});
  settling.when(signed_body(to_json(said), noon - 10min)).then_error(code::unauthenticated).then_asked();
  auto forged = signed_body(to_json(said));
  forged.body += " ";
  settling.when(forged).then_error(code::unauthenticated).then_asked();
  settling.when(signed_body("{}")).then_error(code::invalid_argument).then_asked();
  auto odd = said;
  odd.event_id = "";
  settling.when(signed_body(to_json(odd))).then_error(code::invalid_argument, "event_id").then_asked();
}

TEST_CASE("without a secret no settlement is believed") {
  unsetenv("SHOP_ACQUIRER_SECRET");
  test_kit::handler_of<take_settlement>{describe()}
      .at(noon)
      .when(signed_body("{}"))
      .then_error(code::unavailable)
      .then_asked();
}
