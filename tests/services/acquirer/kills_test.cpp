// The program, killed by SIGKILL at random moments while clients charge, refund and repeat: what was answered is in the
// book, exactly once, and is answered the same again; and each of its callbacks comes.
//
// 30 kills; BANYAN_ROUNDS=300 for a long run. Prints how many charges were answered, and how fast.
#include "an_acquirer.hpp"
#include "the_program.hpp"

#include <services/acquirer/payment_rules.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

using namespace acquirer;
using namespace acquirer::test;
using namespace std::chrono_literals;

namespace {

// What clients were answered, by key.
struct answers_given {
  std::mutex lock;
  std::map<std::string, charge> charges;
  std::map<std::string, refund> refunds;
};

// Charges and gives back until nobody answers. Keys are its own, so that a failure is of one client's making.
void buy(std::uint16_t port, const std::string& name, unsigned seed, answers_given& all, std::atomic<int>& answered) {
  std::mt19937 random{seed};
  client c{port, 5s};
  for (int n = 0;; ++n) {
    const auto key = name + "-" + std::to_string(n);
    const auto minor = 100 + static_cast<std::int64_t>(random() % 1'000);
    const auto r = c.try_send(post("/charges", key, charge_body(minor, random() % 8 ? "tok_ok" : "tok_declined")));
    if (!r || r->status != 201) return;
    ++answered;
    const auto made = banyan::from_json<charge>(r->body).value();
    {
      const std::lock_guard guard{all.lock};
      all.charges.emplace(key, made);
    }
    if (made.status != charge_status::captured || random() % 3) continue;
    const auto back = c.try_send(post("/charges/" + key + "/refunds", "r-" + key, refund_body(minor / 2)));
    if (!back || back->status != 201) return;
    const std::lock_guard guard{all.lock};
    all.refunds.emplace("r-" + key, banyan::from_json<refund>(back->body).value());
  }
}

// Every charge of the book by its key; a key that is there twice fails.
std::map<std::string, charge> read_all(client& c) {
  std::map<std::string, charge> all;
  for (std::string target = "/charges?limit=1000";;) {
    const auto page = banyan::from_json<charge_page>(c.get(target).body).value();
    for (const auto& one : page.charges) REQUIRE(all.emplace(one.key, one).second);
    if (!page.next) return all;
    target = "/charges?limit=1000&after=" + *page.next;
  }
}

int rounds_of_kills() {
  const char* asked = std::getenv("BANYAN_ROUNDS");
  return asked ? std::atoi(asked) : 30;
}

}  // namespace

TEST_CASE("whatever was answered before a kill is in the book once, and answered the same again",
          "[acquirer][process]") {
  temporary_folder folder;
  std::mutex lock;
  std::set<std::string> reported;
  auto shop = banyan::http_server::start({}, [&](const http_request& r, banyan::completion<http_response> done) {
                const auto s = banyan::from_json<settlement>(r.body);
                const std::lock_guard guard{lock};
                if (s) reported.insert(s->event_id);
                done(http_response{204, {}, ""});
              }).value();
  const std::vector<std::string> arguments{
      "--port",         "0",
      "--data",         folder.path(),
      "--callback-url", "http://127.0.0.1:" + std::to_string(shop->port()) + "/settlements"};
  const auto with_secret = [] { ::setenv("ACQUIRER_CALLBACK_SECRET", "a secret", 1); };
  answers_given all;
  std::mt19937 random{20'240'601};
  std::atomic<int> answered{0};
  const int rounds = rounds_of_kills();
  for (int round = 0; round < rounds; ++round) {
    the_program p{arguments, with_secret};
    const auto port = p.port();
    std::vector<std::jthread> clients;
    const int before = answered, until = before + static_cast<int>(random() % 200);  // the moment, in answers
    for (int n = 0; n < 4; ++n)
      clients.emplace_back([&, n] {
        buy(port, "c" + std::to_string(round) + "-" + std::to_string(n), static_cast<unsigned>(round * 10 + n), all,
            answered);
      });
    CHECK(comes_true([&] { return answered >= until; }));
    p.kill_and_wait();
  }
  the_program p{arguments, with_secret};
  client c{p.port()};
  const auto found = read_all(c);
  CHECK(found.size() >= all.charges.size());
  CHECK(all.charges.size() > static_cast<std::size_t>(rounds) * 20);
  std::map<std::string, std::int64_t> refunded;
  for (const auto& [key, r] : all.refunds) refunded[r.charge] += r.amount.minor;
  for (const auto& [key, was] : all.charges) {
    const auto at = found.find(key);
    REQUIRE(at != found.end());
    REQUIRE(at->second.id == was.id);
    REQUIRE(at->second.amount == was.amount);
    REQUIRE(at->second.status == was.status);
    REQUIRE(at->second.created_at == was.created_at);
    REQUIRE(at->second.refunded.minor >= refunded[key]);  // a refund may have been made and not answered
  }
  int repeated = 0;
  for (const auto& [key, was] : all.charges) {
    if (++repeated % 10) continue;  // a tenth is enough to ask again
    const auto r =
        c.charge_card(key, was.amount.minor, was.status == charge_status::captured ? "tok_ok" : "tok_declined");
    REQUIRE(r.status == 200);
    REQUIRE(banyan::from_json<charge>(r.body)->created_at == was.created_at);
  }
  for (const auto& [key, was] : all.refunds) {
    const auto r = c.give_back(was.charge, key, was.amount.minor);
    REQUIRE(r.status == 200);
    REQUIRE(banyan::from_json<refund>(r.body)->id == was.id);
  }
  REQUIRE(read_all(c).size() == found.size());
  REQUIRE(comes_true([&] { return c.book().callbacks_pending == 0; }));
  const std::lock_guard guard{lock};
  for (const auto& [key, one] : found)
    REQUIRE(reported.contains(event_id_of_charge(key)) == (one.status == charge_status::captured));
  for (const auto& [key, one] : all.refunds) REQUIRE(reported.contains(event_id_of_refund(key)));
  std::cout << rounds << " kills: " << all.charges.size() << " charges and " << all.refunds.size()
            << " refunds were answered, the book has " << found.size() << " charges, " << reported.size()
            << " events were reported\n";
}

// A figure, not a claim: printed.
TEST_CASE("charges per second", "[acquirer][process]") {
  temporary_folder folder;
  the_program p{{"--port", "0", "--data", folder.path()}};
  const auto port = p.port();
  banyan::http_client http{{.max_connections_per_endpoint = 64}};
  constexpr int charges = 10'000;
  std::mutex lock;
  std::condition_variable changed;
  int open = 0, good = 0, ended = 0;
  const auto begun = banyan::system_clock().steady();
  for (int n = 0; n < charges; ++n) {
    {
      std::unique_lock guard{lock};
      changed.wait(guard, [&] { return open < 256; });
      ++open;
    }
    auto r = post("/charges", "k" + std::to_string(n), charge_body(100 + n));
    r.authority = "127.0.0.1:" + std::to_string(port);
    http.send(std::move(r), banyan::system_clock().steady() + 30s, [&](const result<http_response>& answer) {
      const std::lock_guard guard{lock};
      --open;
      ++ended;
      good += answer && answer->status == 201;
      changed.notify_all();
    });
  }
  std::unique_lock guard{lock};
  changed.wait(guard, [&] { return ended == charges; });
  const std::chrono::duration<double> took = banyan::system_clock().steady() - begun;
  CHECK(good == charges);
  std::cout << charges << " charges over 64 connections: " << static_cast<int>(charges / took.count()) << " a second\n";
}
