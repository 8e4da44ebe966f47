#include <banyan/core/result.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("an error prints its code, reason, place and message") {
  CHECK(to_string(error{code::refused, "only 3 left"}.because("out_of_stock")) == "refused (out_of_stock): only 3 left");
  CHECK(to_string(error{code::invalid_argument, "must not be zero"}.at("lines[2].quantity")) ==
        "invalid_argument at lines[2].quantity: must not be zero");
  CHECK(to_string(error{code::not_found, ""}) == "not_found");
}

TEST_CASE("an error does not print its place twice") {
  CHECK(to_string(error{code::invalid_argument, "sku is missing"}.at("sku")) == "invalid_argument: sku is missing");
}

TEST_CASE("every code and outcome has its own name") {
  CHECK(to_string(code::deadline_exceeded) == "deadline_exceeded");
  CHECK(to_string(code::unimplemented) == "unimplemented");
  CHECK(to_string(outcome::not_applied) == "not_applied");
  CHECK(to_string(static_cast<code>(200)) == "internal");
  CHECK(to_string(static_cast<outcome>(200)) == "unknown");
}

TEST_CASE("only what may pass by itself is retryable") {
  for (const auto c : {code::deadline_exceeded, code::unavailable, code::exhausted}) CHECK(is_retryable(c));
  for (const auto c : {code::invalid_argument, code::not_found, code::conflict, code::refused, code::unauthenticated, code::forbidden,
                       code::corrupt, code::internal, code::unimplemented}) {
    CHECK_FALSE(is_retryable(c));
  }
}

TEST_CASE("a failure of the machine or of an engine is transient, one of the data or of time is not") {
  for (const auto c : {code::unavailable, code::exhausted}) CHECK(is_transient({c, "why"}));
  for (const auto c : {code::deadline_exceeded, code::invalid_argument, code::not_found, code::conflict, code::refused,
                       code::unauthenticated, code::forbidden, code::corrupt, code::internal, code::unimplemented}) {
    CHECK_FALSE(is_transient({c, "why"}));
  }
}

TEST_CASE("a result that holds an error throws it when the value is demanded") {
  const result<int> r = error{code::refused, "only 3 left"}.because("out_of_stock");
  REQUIRE_FALSE(r);
  try {
    static_cast<void>(r.value());
    FAIL("value() returned");
  } catch (const result_error& e) {
    CHECK(e.get() == r.error());
    CHECK(std::string{e.what()} == "refused (out_of_stock): only 3 left");
  }
}
