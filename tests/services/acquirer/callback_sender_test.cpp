// Callbacks, at least once and signed, against receivers that refuse, close and come back.
#include "an_acquirer.hpp"

#include <services/acquirer/payment_rules.hpp>
#include <services/acquirer/signature.hpp>

#include <map>
#include <mutex>
#include <set>

using namespace acquirer;
using namespace acquirer::test;
using namespace std::chrono_literals;

namespace {

// A shop that takes callbacks; `answer` says with which status, for the n-th time that an event comes (from 0).
class receiver {
 public:
  explicit receiver(
      std::function<int(const settlement&, int)> answer = [](const settlement&, int) { return 204; },
      std::uint16_t port = 0)
      : answer_{std::move(answer)} {
    server_ = banyan::http_server::start({.port = port}, [this](const http_request& r,
                                                                banyan::completion<http_response> done) {
                done(http_response{take(r), {}, ""});
              }).value();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/payments/settlements"; }
  std::uint16_t port() const { return server_->port(); }
  std::map<std::string, std::vector<settlement>> taken() const {  // by the event's id, those answered 2xx
    const std::lock_guard guard{lock_};
    return taken_;
  }
  std::size_t events() const { return taken().size(); }
  std::string complaints() const {
    const std::lock_guard guard{lock_};
    return complaints_;
  }
  int most_at_once() const { return most_; }

 private:
  int take(const http_request& r) {
    const std::lock_guard guard{lock_};
    most_ = std::max<int>(most_, static_cast<int>(server_ ? server_->counters().requests_in_flight : 0));
    const std::string signature{r.headers.get(signature_header)};
    const auto comma = signature.find(',');
    const auto t = comma == std::string::npos || !signature.starts_with("t=") ? "" : signature.substr(2, comma - 2);
    const auto age =
        t.empty() ? 1'000'000
                  : std::chrono::duration_cast<std::chrono::seconds>(banyan::system_clock().now().time_since_epoch())
                            .count() -
                        std::stoll(t);
    if (age < -1 || age > 60) complaints_ += "its time is wrong: " + signature + "\n";
    if (t.empty() || signature != sign("a secret", std::stoll(t), r.body))
      complaints_ += "a wrong signature: " + signature + "\n";
    if (r.target != "/payments/settlements" || r.headers.get("content-type") != "application/json")
      complaints_ += "a wrong request\n";
    auto s = banyan::from_json<settlement>(r.body);
    if (!s) {
      complaints_ += "not a settlement: " + r.body + "\n";
      return 400;
    }
    const int status = answer_(*s, seen_[s->event_id]++);
    if (status / 100 == 2) taken_[s->event_id].push_back(std::move(*s));
    return status;
  }

  std::function<int(const settlement&, int)> answer_;
  mutable std::mutex lock_;
  std::map<std::string, int> seen_;
  std::map<std::string, std::vector<settlement>> taken_;
  std::string complaints_;
  std::atomic<int> most_{0};
  std::unique_ptr<banyan::http_server> server_;
};

}  // namespace

TEST_CASE("each captured charge and each refund is reported once to a shop that takes it", "[acquirer][callbacks]") {
  receiver shop;
  an_acquirer a{1, shop.url()};
  for (int n = 0; n < 100; ++n) {
    const auto key = "k" + std::to_string(n);
    a.ask().charge_card(key, 100 + n, n % 10 == 0 ? "tok_declined" : "tok_ok");
    a.ask().charge_card(key, 100 + n, n % 10 == 0 ? "tok_declined" : "tok_ok");  // a repeat is not another event
    if (n % 10 == 1) a.ask().give_back(key, "r" + std::to_string(n), 50);
  }
  CHECK(comes_true([&] { return a.ask().book().callbacks_pending == 0; }));
  const auto taken = shop.taken();
  CHECK(taken.size() == 100);
  std::int64_t captured = 0, refunded = 0;
  for (const auto& [id, times] : taken) {
    CHECK(times.size() == 1);
    (times[0].kind == "charge.captured" ? captured : refunded) += times[0].amount.minor;
  }
  const auto totals = a.ask().book().by_currency.at("GBP");
  CHECK(captured == totals.captured_minor);
  CHECK(refunded == totals.refunded_minor);
  CHECK(shop.complaints().empty());
}

TEST_CASE("a callback is sent again until it is taken", "[acquirer][callbacks]") {
  receiver shop{[](const settlement&, int time) { return time == 0 ? 503 : time == 1 ? 400 : time == 2 ? 302 : 200; }};
  an_acquirer a{1, shop.url()};
  for (int n = 0; n < 50; ++n) a.ask().charge_card("k" + std::to_string(n), 100);
  CHECK(comes_true([&] { return a.ask().book().callbacks_pending == 0; }));
  CHECK(shop.events() == 50);
  CHECK(shop.complaints().empty());
}

TEST_CASE("a callback that is refused for ever holds up no other", "[acquirer][callbacks]") {
  receiver shop{[](const settlement& s, int) { return s.key.starts_with("bad") ? 500 : 200; }};
  an_acquirer a{1, shop.url()};
  for (int n = 0; n < 100; ++n) a.ask().charge_card("bad" + std::to_string(n), 100);
  for (int n = 0; n < 100; ++n) a.ask().charge_card("k" + std::to_string(n), 100);
  CHECK(comes_true([&] { return shop.events() == 100; }));
  CHECK(comes_true([&] { return a.ask().book().callbacks_pending == 100; }));
}

TEST_CASE("callbacks wait for a shop that is down, also over a restart of the acquirer", "[acquirer][callbacks]") {
  temporary_folder folder;
  std::uint16_t port = 0;
  std::string url;
  {
    receiver gone;
    port = gone.port();
    url = gone.url();
  }
  {
    an_acquirer a{1, url, folder.path()};
    for (int n = 0; n < 40; ++n) a.ask().charge_card("k" + std::to_string(n), 100);
    CHECK(a.ask().book().callbacks_pending == 40);
  }
  an_acquirer a{1, url, folder.path()};
  receiver back{[](const settlement&, int) { return 200; }, port};
  CHECK(comes_true([&] { return a.ask().book().callbacks_pending == 0; }));
  CHECK(back.events() == 40);
  CHECK(back.complaints().empty());
}

TEST_CASE("callbacks are duplicated and late as the faults say", "[acquirer][callbacks]") {
  receiver shop;
  an_acquirer a{1, shop.url()};
  a.ask().set_faults(R"({"duplicate_callback_rate":1})");
  for (int n = 0; n < 20; ++n) a.ask().charge_card("twice" + std::to_string(n), 100);
  CHECK(comes_true([&] { return a.ask().book().callbacks_pending == 0; }));
  for (const auto& [id, times] : shop.taken()) CHECK(times.size() == 2);
  CHECK(a.ask().faults().injected.duplicate_callback == 20);
  a.ask().set_faults(R"({"duplicate_callback_rate":0,"late_callback":{"rate":1,"by":"5min"}})");
  a.ask().charge_card("late", 100);
  a.ask().set_faults(R"({"late_callback":{"rate":0}})");
  a.ask().charge_card("behind", 100);
  CHECK(comes_true([&] { return shop.taken().contains(event_id_of_charge("behind")); }));
  CHECK_FALSE(shop.taken().contains(event_id_of_charge("late")));
  CHECK(a.ask().book().callbacks_pending == 1);
  a.ask().set_faults(R"({"late_callback":{"rate":1,"by":"100ms"}})");
  a.ask().charge_card("soon", 100);
  CHECK(comes_true([&] { return shop.taken().contains(event_id_of_charge("soon")); }));
}

TEST_CASE("the wait before a retry grows to its limit", "[acquirer][callbacks]") {
  const callback_options o{.url = {}, .secret = {}, .first_retry = 100ms, .longest_retry = 10s};
  for (const double draw : {0.0, 0.5, 0.999}) {
    CHECK(retry_wait(o, 0, draw).count() >= 80ms);
    CHECK(retry_wait(o, 0, draw).count() <= 120ms);
    CHECK(retry_wait(o, 3, draw).count() >= 640ms);
    CHECK(retry_wait(o, 1'000'000, draw).count() >= 8s);
    CHECK(retry_wait(o, 1'000'000, draw).count() <= 12s);
  }
}
