// The view of payments.
#include <services/payments/payment_book.hpp>

#include <banyan/test_kit/view_of.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::payments;

namespace {

const money price{610, "GBP"}, nothing{0, "GBP"};
const instant noon{std::chrono::sys_days{std::chrono::December / 1 / 2010} + std::chrono::hours{12}};

payment_requested requested(const std::string& order) { return {order, "key-" + order, price, "tok_ok", noon}; }
payment_concluded captured(const std::string& order) {
  return {order, "key-" + order, conclusion::captured, "ch_1", price, ""};
}
payment_concluded declined(const std::string& order) {
  return {order, "key-" + order, conclusion::declined, "ch_1", nothing, "no_funds"};
}
payment_concluded mismatched(const std::string& order) {
  return {order, "key-" + order, conclusion::mismatched, "ch_1", {610, "EUR"}, "another currency"};
}
refund_requested back(const std::string& order) { return {order, "key-" + order, "customer"}; }
payment_refunded refunded(const std::string& order) { return {order, "re_1", price}; }

using book_view = test_kit::view_of<payment_book>;

payment_view seen(book_view& v, const std::string& order) { return v.when(get_payment{order}).answer().value(); }

}  // namespace

TEST_CASE("a payment is seen in each of its states, and what it waits for") {
  book_view v{{requested("1")}};
  v.when(get_payment{"1"})
      .then_reply({"1", "key-1", payment_status::requested, price, {}, "waiting for the acquirer", {}, noon});
  v.apply(captured("1"));
  v.when(get_payment{"1"}).then_reply({"1", "key-1", payment_status::captured, price, "ch_1", {}, {}, noon});
  v.apply(back("1"));
  CHECK(seen(v, "1").status == payment_status::refunding);
  v.apply(refunded("1"));
  CHECK(seen(v, "1").status == payment_status::refunded);
  v.when(get_payment{"2"}).then_error(code::not_found);
}

TEST_CASE("a payment that is to be paid back before its outcome is known stays so, unless it is declined") {
  book_view v{{requested("1"), back("1"), captured("1"), requested("2"), back("2"), declined("2")}};
  CHECK(seen(v, "1").status == payment_status::refunding);
  CHECK(seen(v, "2").status == payment_status::declined);
  CHECK(seen(v, "2").reason == "no_funds");
}

TEST_CASE("what needs attention is found, also a settlement of a charge that is not known") {
  book_view v{{requested("1"), captured("1"), requested("2"), mismatched("2"), requested("3"), captured("3")}};
  const settlement late{"evt_1", "charge.refunded", "key", "3", price},
      strange{"evt_2", "charge.captured", "odd", "9", price};
  v.apply(settlement_recorded{"3", late, "nobody asked for it"});
  v.apply(settlement_recorded{"1", late, ""});
  v.apply(settlement_recorded{"unknown/odd", strange, "no such charge"});
  const auto list = v.when(get_payments{{}, true, {}, 50}).answer().value();
  REQUIRE(list.payments.size() == 3);
  CHECK(list.payments[0].attention == "another currency");
  CHECK(list.payments[1].attention == "settlement evt_1: nobody asked for it");
  CHECK(list.payments[2].order == "unknown/odd");
  CHECK(v.when(get_payments{payment_status::captured, false, {}, 50}).answer().value().payments.size() == 2);
}

TEST_CASE("payments are listed in pages") {
  book_view v{{requested("1"), requested("2"), requested("3")}};
  const auto first = v.when(get_payments{{}, false, {}, 2}).answer().value();
  CHECK(first.payments.size() == 2);
  CHECK(first.next == "2");
  const auto last = v.when(get_payments{{}, false, first.next, 2}).answer().value();
  CHECK(last.payments.size() == 1);
  CHECK_FALSE(last.next);
  for (const int limit : {0, -1, 501}) v.when(get_payments{{}, false, {}, limit}).then_error(code::invalid_argument);
}

TEST_CASE("the report adds up what waits, what was taken and what was paid back") {
  book_view v;
  v.when(get_payments_report{}).then_reply({0, 0, 0, 0, 0, nothing, nothing});
  for (auto* order : {"1", "2", "3", "4", "5"}) v.apply(requested(order));
  v.apply(captured("1"));
  v.apply(captured("2"));
  v.apply(back("2"));
  v.apply(refunded("2"));
  v.apply(declined("3"));
  v.apply(mismatched("4"));
  v.apply(payment_voided{"6", "customer", noon});
  v.when(get_payments_report{}).then_reply({1, 1, 1, 1, 1, {1220, "GBP"}, {610, "GBP"}});
}
