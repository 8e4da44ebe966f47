// Checkout with payment, the whole shop together: reserve -> charge -> confirm, or give back, whatever the acquirer
// does.
#include <tests/services/shop_world.hpp>

#include <tests/framework/observability/captured_log.hpp>

#include <services/payments/payment.hpp>
#include <services/payments/signature.hpp>

#include <cstdlib>

using namespace banyan;
using namespace std::chrono_literals;
using shop_test::acquirer_fault;
using shop_test::line_of;
using shop_test::order_of;
using shop_test::shop_world;

namespace {

struct till : shop_world {
  till() {
    list("A", true, 100);
    receive("A", 10);
    settle();
  }
  void order(const std::string& id, std::int64_t quantity = 1, const std::string& card = {}) {
    const auto payment = card.empty() ? std::string{} : R"(,"payment":")" + card + '"';
    REQUIRE(
        send("POST", "/orders", R"({"id":")" + id + R"(","lines":[)" + line_of(1, "A", quantity) + "]" + payment + "}")
            .status == 201);
  }
  std::string payment_of(const std::string& id) { return text_of(send("GET", "/payments/" + id), "status"); }
  std::string reason_of(const std::string& id) { return text_of(send("GET", "/orders/" + id), "status_reason"); }
  // Retries wait for up to 10 s, and what waits is at rest.
  void settle_retries() {
    simulation.run_for(5min);
    settle();
  }
  std::int64_t kept() const {
    std::int64_t sum = 0;
    for (const auto& [id, pence] : acquirer.kept()) sum += pence;
    return sum;
  }
  // Always the same for what is asked under this name.
  void fail(const std::string& of, acquirer_fault f, int times = 1'000'000) {
    acquirer.fault = [=](const std::string& what, const std::string&, int attempt) {
      return what == of && attempt < times ? f : acquirer_fault::none;
    };
  }
  http_response settlement(const std::string& body, const std::string& secret = "whsec",
                           std::chrono::minutes off = {}) {
    http_request r;
    r.method = "POST";
    r.target = "/payments/settlements";
    r.body = body;
    r.headers.add("Content-Type", "application/json");
    r.headers.add("X-Acquirer-Signature", shop::payments::sign(secret, body, simulation.now() + off));
    return send(std::move(r));
  }
};

}  // namespace

TEST_CASE("an order is paid once and confirmed, and its money kept") {
  till t;
  t.order("1", 2);
  t.settle();
  CHECK(t.status_of("1") == "confirmed");
  CHECK(t.payment_of("1") == "captured");
  CHECK(t.acquirer.kept() == std::map<std::string, std::int64_t>{{"1", 200}});
  CHECK(t.on_hand("A") == 8);
  t.check_books();
}

TEST_CASE("an order waits visibly while the acquirer is down, others go on, and it is confirmed when he is back") {
  till t;
  t.fail("charge", acquirer_fault::unavailable);
  t.order("1");
  t.simulation.run_for(10min);
  CHECK(t.status_of("1") == "placed");
  CHECK(t.reason_of("1") == "waiting for the acquirer");
  CHECK(t.payment_of("1") == "requested");
  CHECK(t.text_of(t.send("GET", "/payments/1"), "reason") == "waiting for the acquirer");
  CHECK(t.on_hand("A") == 9);  // reserved
  CHECK(parse_json(t.send("GET", "/reports/waiting").body).value().at("count") == 1);
  CHECK(parse_json(t.send("GET", "/reports/payments").body).value().at("waiting") == 1);
  // What needs no money does not wait.
  CHECK(t.send("POST", "/orders", R"({"id":"C1","kind":"return","lines":[)" + line_of(1, "A", -1) + "]}").status ==
        201);
  t.simulation.run_for(1s);
  CHECK(t.status_of("C1") == "confirmed");
  t.acquirer.fault = {};
  t.settle_retries();
  CHECK(t.status_of("1") == "confirmed");
  CHECK(t.reason_of("1").empty());
  CHECK(t.kept() == 100);
  CHECK(parse_json(t.send("GET", "/reports/waiting").body).value().at("count") == 0);
  t.check_books();
}

TEST_CASE("an outage of the acquirer is told when it begins, and when it is over with what waits") {
  const test::captured_log log{log_level::info};
  till t;
  t.fail("charge", acquirer_fault::unavailable);
  for (int i = 1; i <= 10; ++i) t.order(std::to_string(i));
  t.simulation.run_for(10min);
  CHECK(log.has("payments: the acquirer is not asked: card payments wait"));
  CHECK_FALSE(log.has("the acquirer is asked again"));
  t.acquirer.fault = {};
  t.settle_retries();
  CHECK(log.has("payments: the acquirer is asked again: payments that wait are taken up waiting="));
  t.check_books();
}

TEST_CASE("a charge whose answer is lost is found by its key, and not made again") {
  till t;
  t.fail("charge", acquirer_fault::lost_answer);
  t.order("1");
  t.settle();
  CHECK(t.status_of("1") == "confirmed");
  CHECK(t.acquirer.charges.size() == 1);
  CHECK(t.acquirer.faults["lost_answer"] >= 1);  // the link asks again, with the same key
  t.check_books();
}

TEST_CASE("a charge whose request is lost is sent again") {
  till t;
  t.fail("charge", acquirer_fault::lost_request, 3);
  t.order("1");
  t.settle_retries();
  CHECK(t.status_of("1") == "confirmed");
  CHECK(t.acquirer.charges.size() == 1);
  CHECK(t.acquirer.faults["lost_request"] == 3);
  t.check_books();
}

TEST_CASE("a declined card cancels the order and gives the goods back") {
  till t;
  t.order("1", 3, "tok_declined");
  t.settle();
  CHECK(t.status_of("1") == "cancelled");
  CHECK(t.text_of(t.send("GET", "/orders/1"), "cancel_reason") == "payment_declined");
  CHECK(t.payment_of("1") == "declined");
  CHECK(t.text_of(t.send("GET", "/payments/1"), "reason") == "insufficient_funds");
  CHECK(t.on_hand("A") == 10);
  CHECK(t.kept() == 0);
  t.check_books();
}

TEST_CASE(
    "an answer in another currency is not accepted: the order is cancelled, the money goes back, and somebody is "
    "told") {
  till t;
  t.fail("charge", acquirer_fault::wrong_currency);
  t.order("1");
  t.settle();
  CHECK(t.status_of("1") == "cancelled");
  CHECK(t.text_of(t.send("GET", "/orders/1"), "cancel_reason") == "payment_mismatched");
  CHECK(t.payment_of("1") == "refunded");
  CHECK(t.text_of(t.send("GET", "/payments/1"), "attention").find("another currency") != std::string::npos);
  CHECK(parse_json(t.send("GET", "/payments?attention=true").body).value().at("payments").as_array().size() == 1);
  const auto report = parse_json(t.send("GET", "/reports/payments").body).value();
  CHECK(report.at("taken") == report.at("paid_back"));
  CHECK(report.at("taken").at("minor").as_int64() > 0);
  CHECK(t.on_hand("A") == 10);
  CHECK(t.kept() == 0);
  t.check_books();
}

TEST_CASE("an order that is cancelled gives its money back, whenever that is") {
  till t;
  t.order("1");
  SECTION("confirmed") { t.settle(); }
  SECTION("while the acquirer is down") {
    t.fail("charge", acquirer_fault::unavailable, 20);
    t.simulation.run_for(10s);
    REQUIRE(t.reason_of("1") == "waiting for the acquirer");
  }
  SECTION("while the outcome is not known") {
    t.fail("charge", acquirer_fault::lost_request, 20);
    t.simulation.run_for(10s);
  }
  SECTION("and the refund's answer is lost") {
    t.settle();
    t.fail("refund", acquirer_fault::lost_answer, 3);
  }
  SECTION("at once") {}
  CHECK(t.send("POST", "/orders/1/cancel", "{}").status == 200);
  t.settle_retries();
  CHECK(t.status_of("1") == "cancelled");
  CHECK(t.on_hand("A") == 10);
  CHECK(t.kept() == 0);
  t.check_books();
}

TEST_CASE("a shop whose power fails at any moment of a checkout goes on with it") {
  for (std::uint64_t appends = 1; appends < 14; ++appends) {
    CAPTURE(appends);
    till t;
    auto& journal = t.simulation.journal();
    const auto enough = journal.status().appends + appends;
    t.simulation.request("POST", "/orders", order_of("1", line_of(1, "A", 2)), [](result<http_response>) {});
    const auto until = t.simulation.now() + 20s;
    while (journal.status().appends < enough && t.simulation.now() < until && t.simulation.step()) {
    }
    t.simulation.crash();
    t.settle();
    CHECK(t.status_of("1") == "confirmed");
    CHECK(t.on_hand("A") == 8);
    CHECK(t.acquirer.kept() == std::map<std::string, std::int64_t>{{"1", 200}});
    t.check_books();
  }
}

TEST_CASE("settlements are verified and change nothing twice") {
  setenv("SHOP_ACQUIRER_SECRET", "whsec", 1);
  till t;
  std::vector<shop::payments::settlement> made;
  t.acquirer.made = [&](const shop::payments::settlement& s) { made.push_back(s); };
  t.fail("charge", acquirer_fault::lost_answer);
  t.order("1");
  t.settle();
  REQUIRE(made.size() == 1);
  const auto body = to_json(made[0]);
  CHECK(t.settlement(body, "forged").status == 401);
  CHECK(t.settlement(body, "whsec", -10min).status == 401);
  const auto first = t.settlement(body), again = t.settlement(body);
  CHECK(first.status == 200);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  auto strange = made[0];
  strange.event_id = "evt_9";
  strange.key = "nobodys";
  CHECK(t.text_of(t.settlement(to_json(strange)), "status") == "unmatched");
  http_request unsigned_one;
  unsigned_one.method = "POST";
  unsigned_one.target = "/payments/settlements";
  unsigned_one.body = body;
  unsigned_one.headers.add("Content-Type", "application/json");
  CHECK(t.send(std::move(unsigned_one)).status == 400);
  t.settle();
  CHECK(t.status_of("1") == "confirmed");
  CHECK(t.kept() == 100);
  CHECK(parse_json(t.send("GET", "/payments?attention=true").body).value().at("payments").as_array().size() == 1);
  t.check_books();
  unsetenv("SHOP_ACQUIRER_SECRET");
}

TEST_CASE("a settlement that comes before any answer concludes the payment") {
  setenv("SHOP_ACQUIRER_SECRET", "whsec", 1);
  till t;
  std::vector<shop::payments::settlement> made;
  t.acquirer.made = [&](const shop::payments::settlement& s) { made.push_back(s); };
  t.acquirer.fault = [](const std::string& what, const std::string&, int) {
    return what == "charge" ? acquirer_fault::lost_answer : acquirer_fault::unavailable;
  };
  t.order("1");
  t.simulation.run_for(5s);
  CHECK(t.status_of("1") == "placed");
  REQUIRE(made.size() == 1);
  CHECK(t.settlement(to_json(made[0])).status == 200);
  t.settle();
  CHECK(t.status_of("1") == "confirmed");
  CHECK(t.acquirer.charges.size() == 1);
  t.check_books();
  unsetenv("SHOP_ACQUIRER_SECRET");
}
