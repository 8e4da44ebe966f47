// Faults as a client sees them.
#include "an_acquirer.hpp"

#include <thread>

using namespace acquirer;
using namespace acquirer::test;
using namespace std::chrono_literals;

namespace {

// How a charge ended for the client: a status, or the error's reason.
std::string end_of(const result<http_response>& r) {
  if (!r) return r.error().reason.empty() ? std::string{to_string(r.error().code)} : r.error().reason;
  if (!banyan::parse_json(r->body)) return std::to_string(r->status) + " bad json";
  return std::to_string(r->status) + (r->body.find("XTS") == std::string::npos ? "" : " wrong currency");
}

constexpr const char* all_at_once =
    R"({"error_rate":0.15,"reset_rate":0.2,"bad_json_rate":0.15,"wrong_currency_rate":0.2,)"
    R"("latency":{"mean":"1ms","jitter":"1ms"}})";

// What `clients` clients see who share 200 charges out, each asked for twice.
std::vector<std::string> seen_by(std::uint64_t seed, int clients) {
  an_acquirer a{seed};
  a.ask().set_faults(all_at_once);
  std::vector<std::string> seen(200);
  std::vector<std::jthread> threads;
  for (int from = 0; from < clients; ++from)
    threads.emplace_back([&, from] {
      client c{a.port()};
      for (int n = from; n < 200; n += clients)
        for (int time = 0; time < 2; ++time)
          seen[static_cast<std::size_t>(n)] +=
              end_of(c.try_send(post("/charges", "k" + std::to_string(n), charge_body(100)))) + ";";
    });
  threads.clear();
  return seen;
}

}  // namespace

TEST_CASE("the same seed shows each key the same faults, however many clients ask", "[acquirer][faults]") {
  const auto once = seen_by(7, 1);
  CHECK(seen_by(7, 1) == once);
  CHECK(seen_by(7, 8) == once);
  CHECK(seen_by(8, 1) != once);
  CHECK(std::count_if(once.begin(), once.end(), [](const auto& s) { return s.find("503") != s.npos; }) > 20);
  CHECK(std::count_if(once.begin(), once.end(), [](const auto& s) { return s.find("connection_lost") != s.npos; }) >
        20);
}

TEST_CASE("what the book has is what the faults let through", "[acquirer][faults]") {
  an_acquirer a;
  a.ask().set_faults(all_at_once);
  int written = 0;
  for (int n = 0; n < 200; ++n) {
    const auto r = a.ask().try_send(post("/charges", "k" + std::to_string(n), charge_body(100)));
    written += r && r->status == 201;
  }
  const auto report = a.ask().faults();
  CHECK(report.injected.error > 0);
  CHECK(report.injected.reset_before > 0);
  CHECK(report.injected.reset_after > 0);
  CHECK(report.injected.latency > 150);
  const auto charges = static_cast<std::uint64_t>(a.ask().book().charges);
  CHECK(charges == written + report.injected.reset_after);
  CHECK(charges == 200 - report.injected.error - report.injected.reset_before);
}

TEST_CASE("a seed that is put draws everything anew", "[acquirer][faults]") {
  fault_settings half;
  half.error_rate = 0.5;
  fault_injector faults{half, 1};
  const auto draws_with = [&](const char* changes) {
    REQUIRE(faults.change(banyan::parse_json(changes).value()));
    std::vector<int> drawn;
    for (int i = 0; i < 64; ++i) drawn.push_back(static_cast<int>(faults.next("POST /charges k").fault));
    return drawn;
  };
  const auto first = draws_with(R"({"seed":7})");
  CHECK(draws_with(R"({"seed":7})") == first);
  CHECK(draws_with(R"({"seed":8})") != first);
  CHECK(draws_with(R"({"error_rate":0.5})") != first);
  CHECK(faults.report().seed == 8);
  for (const auto* wrong : {R"({"seed":-1})", R"({"seed":"7"})", R"({"seed":9,"error_rate":2})"}) {
    INFO(wrong);
    CHECK_FALSE(faults.change(banyan::parse_json(wrong).value()));
    CHECK(faults.report().seed == 8);
  }
}

TEST_CASE("during an outage nothing is done, and afterwards all works again", "[acquirer][faults]") {
  an_acquirer a;
  a.ask().charge_card("k1", 100);
  a.ask().set_faults(R"({"outage":"on"})");
  CHECK(a.ask().charge_card("k2", 100).status == 503);
  CHECK(a.ask().get("/charges/k1").status == 503);
  a.ask().set_faults(R"({"outage":"reset"})");
  CHECK(end_of(a.ask().try_send(post("/charges", "k2", charge_body(100)))) == "connection_lost");
  CHECK(a.ask().get("/healthz").status == 200);  // the operator's paths stay
  CHECK(a.ask().book().charges == 1);
  CHECK(a.ask().get("/charges").status == 200);
  http_request clear;
  clear.method = "DELETE";
  clear.target = "/faults";
  CHECK(a.ask().send(clear).status == 200);
  CHECK(a.ask().charge_card("k2", 100).status == 201);
  CHECK(a.ask().faults().injected.outage == 2);
}

TEST_CASE("a lost answer leaves a charge that its key finds", "[acquirer][faults]") {
  an_acquirer a;
  a.ask().set_faults(R"({"lose_answer_rate":1})");
  {
    client impatient{a.port(), 200ms};
    const auto r = impatient.try_send(post("/charges", "k1", charge_body(100)));
    REQUIRE_FALSE(r);
    CHECK(r.error().code == banyan::code::deadline_exceeded);
    CHECK(r.error().outcome == banyan::outcome::unknown);
  }
  CHECK(comes_true(
      [&] { return a.server().counters().requests_in_flight == 0; }));  // the held answer is let go with its client
  a.ask().set_faults(R"({"lose_answer_rate":0})");
  CHECK(a.ask().get("/charges/k1").status == 200);
  CHECK(a.ask().charge_card("k1", 100).status == 200);  // and not charged again
  CHECK(a.ask().book().charges == 1);
}

TEST_CASE("a lost answer's connection is closed at last", "[acquirer][faults]") {
  an_acquirer a{1, {}, {}, 100ms};
  a.ask().set_faults(R"({"lose_answer_rate":1})");
  CHECK(end_of(a.ask().try_send(post("/charges", "k1", charge_body(100)))) == "connection_lost");
  CHECK(a.ask().book().charges == 1);
}

TEST_CASE("answers come with a wrong currency, cut off, or in pieces", "[acquirer][faults]") {
  an_acquirer a;
  a.ask().set_faults(R"({"wrong_currency_rate":1})");
  CHECK(end_of(a.ask().try_send(post("/charges", "k1", charge_body(100)))) == "201 wrong currency");
  CHECK(end_of(a.ask().try_send(post("/charges/k1/refunds", "r1", refund_body(1)))) == "201 wrong currency");
  CHECK(a.ask().book().by_currency.at("GBP").captured_minor == 100);  // the book is right
  CHECK(a.ask().faults().injected.wrong_currency == 2);
  a.ask().set_faults(R"({"wrong_currency_rate":0,"bad_json_rate":1})");
  CHECK(end_of(a.ask().try_send(post("/charges", "k2", charge_body(100)))) == "201 bad json");
  a.ask().set_faults(R"({"bad_json_rate":0,"slow_body":{"rate":1,"by":"50ms"}})");
  CHECK(a.ask().charge_card("k3", 100).body.find("\"key\":\"k3\"") != std::string::npos);
  a.ask().set_faults(R"({"slow_body":{"by":"5min"}})");
  client impatient{a.port(), 200ms};
  CHECK(end_of(impatient.try_send(post("/charges", "k4", charge_body(100)))) == "deadline_exceeded");
  CHECK(a.ask().book().charges == 4);
}
