#include <services/acquirer/book.hpp>

#include "an_acquirer.hpp"

#include <sys/stat.h>

#include <fstream>
#include <map>
#include <random>

using namespace acquirer;
using namespace acquirer::test;
using namespace std::chrono_literals;

namespace {

const instant midday{std::chrono::seconds{1'800'000'000}};
const callback_decision at_once;

charge_request of_order(const std::string& order, std::int64_t minor, std::string card = "tok_ok") {
  return {order, {minor, "GBP"}, std::move(card)};
}

void committed(book& b, const auto& act) {
  auto t = b.begin();
  REQUIRE(t);
  act();
  REQUIRE(t->commit());
}

}  // namespace

TEST_CASE("charges and refunds are there after the book was closed", "[acquirer][book]") {
  temporary_folder folder;
  {
    auto b = book::open(folder.path() + "/new/data").value();
    committed(b, [&] {
      CHECK(b.add_charge("k1", of_order("o1", 1000), midday, nullptr)->is_new);
      CHECK(b.add_charge("k2", of_order("o2", 500, "tok_stolen"), midday, nullptr)->value.reason == "do_not_honour");
      CHECK(b.add_refund("k1", "r1", {{300, "GBP"}}, midday + 1s, nullptr)->is_new);
    });
  }
  auto b = book::open(folder.path() + "/new/data").value();
  const auto c = b.find_charge("k1").value();
  CHECK(c.amount == money{1000, "GBP"});
  CHECK(c.refunded == money{300, "GBP"});
  CHECK(c.created_at == midday);
  CHECK(c.id == b.add_charge("k1", of_order("o1", 1000), midday + 1h, nullptr)->value.id);
  CHECK(b.find_charge("k2")->status == charge_status::declined);
  CHECK(b.find_charge("k3").error().code == banyan::code::not_found);
  const auto refunds = b.refunds_of("k1")->refunds;
  REQUIRE(refunds.size() == 1);
  CHECK(refunds[0].key == "r1");
  CHECK(refunds[0].order == "o1");
  CHECK(refunds[0].created_at == midday + 1s);
}

TEST_CASE("what is not committed is not in the book, nor is its callback", "[acquirer][book]") {
  temporary_folder folder;
  auto b = book::open(folder.path()).value();
  {
    auto t = b.begin();
    REQUIRE(b.add_charge("k1", of_order("o1", 1000), midday, &at_once));
  }
  CHECK_FALSE(b.find_charge("k1"));
  CHECK(b.totals()->callbacks_pending == 0);
}

TEST_CASE("a book has one owner, and its files are private", "[acquirer][book]") {
  temporary_folder folder;
  auto b = book::open(folder.path()).value();
  const auto second = book::open(folder.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().reason == "in_use");
  struct stat is {};
  REQUIRE(::stat((folder.path() + "/acquirer.db").c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
}

TEST_CASE("a file that is no book is left as it is", "[acquirer][book]") {
  temporary_folder folder;
  const auto file = folder.path() + "/acquirer.db";
  std::ofstream{file} << std::string(8192, 'x');
  CHECK(book::open(folder.path()).error().code == banyan::code::corrupt);
  CHECK(std::filesystem::file_size(file) == 8192);
  std::filesystem::remove(file);
  {
    auto other = banyan::sqlite::database::open({.path = file}).value();
    REQUIRE(other.execute("create table t(a)"));
  }
  CHECK(book::open(folder.path()).error().code == banyan::code::corrupt);
}

TEST_CASE("the outbox keeps a callback until it was taken as often as it is to be sent", "[acquirer][book]") {
  temporary_folder folder;
  auto b = book::open(folder.path()).value();
  committed(b, [&] {
    const callback_decision twice{.duplicate = true, .late = {}}, late{.duplicate = false, .late = 5s};
    REQUIRE(b.add_charge("k1", of_order("o1", 1000), midday, &twice));
    REQUIRE(b.add_charge("k2", of_order("o2", 1000), midday, &late));
    REQUIRE(b.add_charge("k3", of_order("o3", 1000, "tok_declined"), midday, &at_once));  // nothing to settle
    REQUIRE(b.add_charge("k1", of_order("o1", 1000), midday, &twice));                    // a repeat
  });
  auto due = b.callbacks_due(midday, 10).value();
  REQUIRE(due.size() == 1);
  CHECK(banyan::from_json<settlement>(due[0].body)->key == "k1");
  CHECK(b.next_callback().value() == midday);
  REQUIRE(b.not_delivered(due[0].number, midday + 1s));
  CHECK(b.callbacks_due(midday, 10)->empty());
  due = b.callbacks_due(midday + 1s, 10).value();
  REQUIRE(due.size() == 1);
  CHECK(due[0].attempts == 1);
  REQUIRE(b.delivered(due[0].number, midday + 1s));
  REQUIRE(b.callbacks_due(midday + 1s, 10)->size() == 1);  // once more
  REQUIRE(b.delivered(due[0].number, midday + 1s));
  CHECK(b.callbacks_due(midday + 1s, 10)->empty());
  CHECK(b.next_callback().value() == midday + 5s);
  due = b.callbacks_due(midday + 5s, 10).value();
  REQUIRE(due.size() == 1);
  REQUIRE(b.delivered(due[0].number, midday + 5s));
  CHECK(b.next_callback().value() == instant::max());
  CHECK(b.totals()->callbacks_pending == 0);
}

TEST_CASE("pages hold every charge once, in order", "[acquirer][book]") {
  temporary_folder folder;
  auto b = book::open(folder.path()).value();
  committed(b, [&] {
    for (int n = 0; n < 25; ++n) REQUIRE(b.add_charge("k" + std::to_string(n), of_order("o", 1 + n), midday, nullptr));
  });
  for (const std::size_t limit : {1u, 4u, 5u, 24u, 25u, 26u}) {
    std::vector<std::string> keys;
    std::string after;
    for (;;) {
      const auto page = b.charges_after(after, limit).value();
      REQUIRE(page.charges.size() <= limit);
      for (const auto& c : page.charges) keys.push_back(c.key);
      if (!page.next) break;
      after = *page.next;
    }
    REQUIRE(keys.size() == 25);
    for (int n = 0; n < 25; ++n) REQUIRE(keys[static_cast<std::size_t>(n)] == "k" + std::to_string(n));
  }
  CHECK(b.charges_after("nobody", 5).error().field == "after");
}

// Beside it a model that is a map: totals, repeats and refusals are the same whatever is tried.
TEST_CASE("the book adds up after any requests", "[acquirer][book][property]") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    temporary_folder folder;
    auto b = book::open(folder.path()).value();
    std::mt19937_64 random{seed};
    struct known {
      charge_request asked;
      std::int64_t refunded = 0;
    };
    std::map<std::string, known> charges;
    std::map<std::string, std::pair<std::string, std::int64_t>> refunds;
    for (int step = 0; step < 200; ++step) {
      auto t = b.begin();
      REQUIRE(t);
      const auto key = "k" + std::to_string(random() % 40), refund_key = "r" + std::to_string(random() % 60);
      const auto minor = 1 + static_cast<std::int64_t>(random() % 5);
      if (random() % 2 == 0) {
        const charge_request asked{
            "o", {100 * minor, random() % 2 ? "GBP" : "EUR"}, random() % 4 ? "tok_ok" : "tok_declined"};
        const auto made = b.add_charge(key, asked, midday, &at_once);
        const auto [at, is_new] = charges.try_emplace(key, known{asked});
        const auto& before = at->second.asked;
        const bool same = before.amount == asked.amount && before.card == asked.card;
        REQUIRE(made.has_value() == same);
        if (made) REQUIRE(made->is_new == is_new);
      } else {
        const auto at = charges.find(key);
        const refund_request asked{{40 * minor, at == charges.end() ? "GBP" : at->second.asked.amount.currency}};
        const auto made = b.add_refund(key, refund_key, asked, midday, &at_once);
        const auto existing = refunds.find(refund_key);
        bool good = false;
        if (at == charges.end()) {
          REQUIRE(made.error().code == banyan::code::not_found);
        } else if (existing != refunds.end()) {
          good = existing->second == std::pair{key, asked.amount.minor};
          REQUIRE(made.has_value() == good);
        } else {
          good = at->second.asked.card == "tok_ok" &&
                 at->second.refunded + asked.amount.minor <= at->second.asked.amount.minor;
          REQUIRE(made.has_value() == good);
          if (good) {
            at->second.refunded += asked.amount.minor;
            refunds.emplace(refund_key, std::pair{key, asked.amount.minor});
          }
        }
      }
      REQUIRE(t->commit());
    }
    book_totals expected;
    for (const auto& [key, c] : charges) {
      auto& totals = expected.by_currency[c.asked.amount.currency];
      ++totals.charges;
      if (c.asked.card == "tok_ok")
        totals.captured_minor += c.asked.amount.minor;
      else
        ++totals.declined;
      totals.refunded_minor += c.refunded;
    }
    for (const auto& [key, r] : refunds) ++expected.by_currency[charges.at(r.first).asked.amount.currency].refunds;
    const auto totals = b.totals().value();
    REQUIRE(totals.by_currency == expected.by_currency);
    REQUIRE(totals.charges == static_cast<std::int64_t>(charges.size()));
    REQUIRE(totals.refunds == static_cast<std::int64_t>(refunds.size()));
    REQUIRE(totals.callbacks_pending == totals.captured + totals.refunds);
  }
}
