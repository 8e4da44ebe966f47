#include <banyan/core/json.hpp>
#include <banyan/core/problem_details.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

constexpr code all_codes[] = {code::invalid_argument,  code::not_found,   code::conflict,  code::refused,
                              code::deadline_exceeded, code::unavailable, code::exhausted, code::unauthenticated,
                              code::forbidden,         code::corrupt,     code::internal,  code::unimplemented};

}  // namespace

TEST_CASE("a refusal is written as a problem document") {
  CHECK(to_problem(error{code::refused, "only 3 left"}.because("out_of_stock").at("lines[0].quantity")) ==
        R"({"type":"/problems/out_of_stock","title":"Unprocessable Content","status":422,"detail":"only 3 left","code":"refused",)"
        R"("outcome":"not_applied","reason":"out_of_stock","field":"lines[0].quantity"})");
}

TEST_CASE("a problem without a reason has no type of its own") {
  CHECK(to_problem(error{code::exhausted, "busy"}.after(1500ms)) ==
        R"({"type":"about:blank","title":"Too Many Requests","status":429,"detail":"busy","code":"exhausted","outcome":"not_applied",)"
        R"("retry_after_ms":1500})");
  CHECK(to_problem(error{code::refused, "x"}.because("a b/../c")).starts_with(R"({"type":"about:blank")"));
}

TEST_CASE("every error survives the way over HTTP") {
  for (const auto c : all_codes) {
    for (const auto o : {outcome::not_applied, outcome::applied, outcome::unknown}) {
      auto e = error{c, "what \"went\" wrong\n", o}.because("some_reason").at("a.b[1]");
      CHECK(from_problem(http_status(c), to_problem(e)) == e);
      e = std::move(e).after(2s);
      CHECK(from_problem(http_status(c), to_problem(e)) == e);
      e.retried = true;
      CHECK(from_problem(http_status(c), to_problem(e)) == e);
    }
  }
}

TEST_CASE("client errors and server errors keep their sides") {
  for (const auto c : all_codes) {
    CHECK(http_status(c) >= 400);
    CHECK(http_status(c) < 600);
  }
  CHECK(http_status(code::invalid_argument) == 400);
  CHECK(http_status(code::internal) == 500);
  CHECK(http_status(code::corrupt) == 500);
}

TEST_CASE("an answer without a problem document is read from its status") {
  const auto plain = [](int status) { return from_problem(status, "<html>nginx</html>"); };
  CHECK(plain(404).code == code::not_found);
  CHECK(plain(404).outcome == outcome::not_applied);
  CHECK(plain(408).code == code::deadline_exceeded);
  CHECK(plain(408).outcome == outcome::unknown);
  CHECK(plain(418).code == code::invalid_argument);
  CHECK(plain(429).code == code::exhausted);
  CHECK(plain(429).outcome == outcome::not_applied);
  CHECK(plain(500).code == code::internal);
  CHECK(plain(500).outcome == outcome::unknown);
  CHECK(plain(502).code == code::unavailable);
  CHECK(plain(502).outcome == outcome::unknown);
  CHECK(plain(504).code == code::deadline_exceeded);
  CHECK(plain(302).code == code::internal);
  CHECK(plain(0).outcome == outcome::unknown);
  CHECK(plain(404).message == "the server answered with status 404");
}

TEST_CASE("a problem document of another server gives its text, not its promises") {
  const auto e = from_problem(503, R"({"title":"Down","detail":"back soon","code":"E1234","outcome":"not_applied","extra":[1]})");
  CHECK(e.code == code::unavailable);
  CHECK(e.message == "back soon");
  CHECK(e.outcome == outcome::unknown);
  CHECK(from_problem(503, R"({"title":"Down"})").message == "Down");
}

TEST_CASE("a code that contradicts the status is not believed") {
  const auto e = from_problem(500, R"({"detail":"x","code":"not_found","outcome":"not_applied"})");
  CHECK(e.code == code::internal);
  CHECK(e.outcome == outcome::unknown);
}

TEST_CASE("a server cannot make a client wait for ever") {
  CHECK(from_problem(503, R"({"retry_after_ms":9223372036854775807})").retry_after == std::chrono::milliseconds{24h});
  CHECK(from_problem(503, R"({"retry_after_ms":-1})").retry_after == std::nullopt);
}

TEST_CASE("a document of the wrong types or too long is ignored whole") {
  CHECK(from_problem(404, R"({"detail":7})").message == "the server answered with status 404");
  CHECK(from_problem(404, R"({"detail":")" + std::string(70'000, 'x') + "\"}").message == "the server answered with status 404");
  const auto sample = to_problem(error{code::conflict, "x"}.because("y"));
  for (std::size_t length = 0; length < sample.size(); ++length) {
    CHECK(from_problem(409, std::string_view{sample}.substr(0, length)).message == "the server answered with status 409");
  }
}

TEST_CASE("an error that a lower layer has retried says so, and only one of this framework is believed") {
  const auto text = to_problem(error{code::unavailable, "down"}.marked_retried());
  CHECK(text.ends_with(R"(,"retried":true})"));
  CHECK(to_problem(error{code::unavailable, "down"}).find("retried") == std::string::npos);
  CHECK(from_problem(503, text).retried);
  CHECK_FALSE(from_problem(502, R"({"title":"Bad Gateway","retried":true})").retried);
}
