// What a key means, without a journal, and the bound on what is under way at once.
#include <banyan/runtime/idempotency_key.hpp>
#include <banyan/runtime/slots.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace banyan;

TEST_CASE("a key is visible ASCII of 1 to 255 characters") {
  const auto good = [](std::string text) { return check(idempotency_key{"checkout", "", std::move(text)}).has_value(); };
  CHECK(good("k"));
  CHECK(good("\"8e03978e-40d5-43dd-bc93-6894a57f9324\""));
  CHECK(good(std::string(255, '~')));
  for (auto* wrong : {"", " ", "a b", "a\tb", "\x7f", "\xc3\xa4", "a\n"}) CHECK_FALSE(good(wrong));
  CHECK_FALSE(good(std::string(256, 'k')));
}

TEST_CASE("operation, caller and text are all part of a key") {
  std::set<uuid> ids;
  for (auto& key : {idempotency_key{"checkout", "", "k"}, idempotency_key{"cancel", "", "k"}, idempotency_key{"checkout", "ann", "k"},
                    idempotency_key{"checkout", "", "annk"}, idempotency_key{"checkout", "an", "nk"}, idempotency_key{"checkout", "", "K"}})
    CHECK(ids.insert(command_id(key)).second);
  CHECK(command_id({"checkout", "ann", "k"}) == command_id({"checkout", "ann", "k"}));
  CHECK(command_id({"checkout", "", "k"}) != uuid_from_name("checkout", "k"));  // that is the one with the natural key "k"
}

TEST_CASE("a claim names the request by its content, and writes no event") {
  const idempotency_key key{"checkout", "", "k"};
  const auto first = claim(key, "a");
  CHECK(first.writes.empty());
  REQUIRE(first.command);
  CHECK(first.command->id == command_id(key));
  CHECK(first.command->fingerprint == claim(key, "a").command->fingerprint);
  CHECK(first.command->fingerprint != claim(key, "b").command->fingerprint);
}

TEST_CASE("a claim that failed says that nothing was done") {
  const auto reused = claim_refused(error{code::conflict, "x"}.because("command_id_reused"));
  CHECK(reused.code == code::conflict);
  CHECK(reused.field == "Idempotency-Key");
  const auto lost = claim_refused(error{code::unavailable, "x", outcome::unknown});
  CHECK(lost.code == code::unavailable);
  CHECK(lost.outcome == outcome::not_applied);
}

TEST_CASE("slots are given back when they go, moved or not, and 0 is no bound") {
  slots two{2};
  {
    auto a = two.take();
    auto b = two.take();
    REQUIRE((a && b));
    CHECK_FALSE(two.take());
    auto c = std::move(*a);
    CHECK(two.taken() == 2);
    b.reset();
    CHECK(two.take());
  }
  CHECK(two.taken() == 0);
  slots any{0};
  auto first = any.take();
  CHECK(any.take());
}
