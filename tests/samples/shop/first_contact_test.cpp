#include <shop/first_contact.hpp>

#include "fake_shop.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <vector>

using namespace std::chrono_literals;

namespace {

// Goes on whenever somebody looks at it.
class stepping_clock final : public banyan::clock {
 public:
  explicit stepping_clock(banyan::nanoseconds step) : step_{step} {}
  banyan::instant now() const override { return {}; }
  banyan::monotonic steady() const override { return at_ += step_; }

 private:
  banyan::nanoseconds step_;
  mutable banyan::monotonic at_{};
};

struct contact {
  banyan::result<banyan::http_response> with(const shop::transport& send) {
    shop::exchange exchange{send, clock, banyan::system_random()};
    return shop::first_answer(api, api.get_products("", 1, ""), exchange, clock, err, stop);
  }
  stepping_clock clock{500ms};
  shop::shop_api api = shop::shop_api::at("http://h:1").value();
  shop::stop_flag stop{false};
  std::ostringstream err;
};

}  // namespace

TEST_CASE("a shop that answers is reached without a word") {
  shop_test::fake_shop shop;
  contact c;
  CHECK(c.api.reply<shop::product_list>(c.with(shop.transport())));
  CHECK(c.err.str().empty());
  CHECK(shop.requests.size() == 1);
}

TEST_CASE("who says nothing is waited for with a word, and not for long") {
  contact c;
  std::vector<banyan::completion<banyan::http_response>> held;
  const auto answer = c.with([&](banyan::http_request, banyan::completion<banyan::http_response> done) { held.push_back(std::move(done)); });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == banyan::code::deadline_exceeded);
  CHECK(answer.error().message == "no answer within 5s");
  CHECK(c.err.str() == "Waiting for http://h:1 to answer ...\n");
  CHECK(held.size() == 1);
}

TEST_CASE("a refused connection is tried again for the same time, and is the reason") {
  contact c;
  const auto answer = c.with([&](banyan::http_request, banyan::completion<banyan::http_response> done) {
    done(banyan::error{banyan::code::unavailable, "connection refused"});
  });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "connection refused");
}
