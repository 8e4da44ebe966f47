#include <banyan/framed_protocol/messages.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace banyan;
using namespace banyan::framed;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

request_head a_head() {
  return {.operation = "payments.charge",
          .version = 3,
          .deadline = 1'234'567,
          .position = 77,
          .command = uuid_from_name("test", "command"),
          .correlation = uuid_from_name("test", "correlation"),
          .causation = uuid_from_name("test", "causation"),
          .trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          .caller = "ada",
          .headers = {{"tracestate", "a=b"}, {"tenant", ""}}};
}

std::string request_payload(const request_head& head, std::uint32_t total, std::string_view first) {
  std::string out;
  REQUIRE(append_request_head(out, head));
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(total >> shift & 0xff));
  return out.append(first);
}

std::string text(std::mt19937_64& random, std::size_t longest) {
  std::string out(random() % (longest + 1), '\0');
  for (auto& c : out) c = static_cast<char>(random());
  return out;
}

uuid random_id(std::mt19937_64& random) {
  uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
  return id;
}

}  // namespace

TEST_CASE("a hello is read as it was written", "[framed][messages]") {
  const hello written{.max_frame = 4096, .max_message = 99, .max_calls = 7, .clock = -5, .node = "orders-2"};
  std::string out;
  append_hello(out, written);
  const auto read = decode_hello(out);
  REQUIRE(read);
  CHECK(*read == written);
}

TEST_CASE("a hello with a setting of a newer version is read without it", "[framed][messages]") {
  std::string out;
  append_hello(out, {.node = "n"});
  ++out[2];  // the number of settings
  out += "\x7f\x01"s + std::string(8, '\xff');
  const auto read = decode_hello(out);
  REQUIRE(read);
  CHECK(*read == hello{.node = "n"});
}

TEST_CASE("a hello with limits that nothing fits into is refused", "[framed][messages][limits]") {
  for (const hello& h : {hello{.max_frame = 1023}, hello{.max_calls = 0}}) {
    std::string out;
    append_hello(out, h);
    const auto read = decode_hello(out);
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == "bad_frame");
  }
}

TEST_CASE("a request is read as it was written, with its part of the body", "[framed][messages]") {
  const auto payload = request_payload(a_head(), 10, "{\"a\":");
  const auto read = decode_request(payload);
  REQUIRE(read);
  CHECK(read->head == a_head());
  CHECK(read->body.total == 10);
  CHECK(read->body.first == "{\"a\":");
}

TEST_CASE("random requests are read as they were written, and none of their beginnings is",
          "[framed][messages][property]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    request_head head{.operation = "o" + text(random, 254),
                      .version = static_cast<std::uint32_t>(random()),
                      .deadline = static_cast<std::int64_t>(random()),
                      .position = static_cast<std::int64_t>(random()),
                      .command = random_id(random),
                      .correlation = random_id(random),
                      .causation = random_id(random),
                      .trace = text(random, 255),
                      .caller = text(random, 300),
                      .headers = {}};
    for (auto n = random() % 5; n > 0; --n) head.headers.emplace_back(text(random, 255), text(random, 300));
    const auto body = text(random, 100);
    const auto payload = request_payload(head, static_cast<std::uint32_t>(body.size()), body);
    const auto read = decode_request(payload);
    CAPTURE(seed);
    REQUIRE(read);
    CHECK(read->head == head);
    CHECK(read->body.first == body);
    for (std::size_t at = 0; at + body.size() < payload.size(); ++at)
      REQUIRE_FALSE(decode_request(payload.substr(0, at)));
  }
}

TEST_CASE("an answer is read as it was written, with its position", "[framed][messages]") {
  std::string out;
  append_answer_head(out, 1'234);
  out += std::string(3, '\0') + "\x05" + "{\"a\"";
  const auto read = decode_answer(out);
  REQUIRE(read);
  CHECK(read->position == 1'234);
  CHECK(read->body.total == 5);
  CHECK(read->body.first == "{\"a\"");
  CHECK_FALSE(decode_answer(std::string_view{out}.substr(0, 11)));
}

TEST_CASE("a head that its lengths can not say is refused before anything is sent", "[framed][messages][limits]") {
  auto long_name = a_head(), long_header = a_head(), many = a_head();
  long_name.operation.assign(256, 'x');
  long_header.headers = {{"a", std::string(65'536, 'x')}};
  many.headers.assign(65, {"a", "b"});
  for (const auto& head : {long_name, long_header, many}) {
    std::string out;
    const auto r = append_request_head(out, head);
    REQUIRE_FALSE(r);
    CHECK(r.error().reason == "head_too_large");
    CHECK(out.empty());
  }
}

TEST_CASE("a request with more body than it says, or without an operation, is refused", "[framed][messages]") {
  CHECK_FALSE(decode_request(request_payload(a_head(), 4, "12345")));
  auto nameless = a_head();
  nameless.operation.clear();
  CHECK_FALSE(decode_request(request_payload(nameless, 0, "")));
}

TEST_CASE("every error comes through as it was, within the limits of its texts", "[framed][messages]") {
  for (const auto known : {outcome::not_applied, outcome::applied, outcome::unknown}) {
    error e = error{code::exhausted, "too many", known}.because("queue_full").at("lines[2]").after(1500ms);
    std::string out;
    append_failure(out, e);
    CHECK(decode_failure(out) == e);
  }
  std::string out;
  append_failure(out, {code::internal, std::string(1023, 'x') + "\xc3\xa9"});  // a two-byte character over the limit
  const auto cut = decode_failure(out);
  REQUIRE(cut);
  CHECK(cut->message == std::string(1023, 'x'));
  CHECK_FALSE(cut->retry_after);
}

TEST_CASE(
    "a failure says whether it was retried; one of a peer that does not know of it was not, and bytes of a newer one "
    "are ignored",
    "[framed][messages]") {
  const auto e = error{code::unavailable, "down", outcome::unknown}.marked_retried();
  std::string out;
  append_failure(out, e);
  CHECK(decode_failure(out) == e);
  CHECK(decode_failure(out + "newer") == e);
  out.pop_back();
  const auto older = decode_failure(out);
  REQUIRE(older);
  CHECK_FALSE(older->retried);
  CHECK(older->message == "down");
}

TEST_CASE("texts of a failure that are not UTF-8 are left out", "[framed][messages]") {
  std::string out;
  append_failure(out, error{code::refused, "no \xff"}.because("out_of_stock"));
  const auto e = decode_failure(out);
  REQUIRE(e);
  CHECK(e->message.empty());
  CHECK(e->reason == "out_of_stock");
}

TEST_CASE("a code or outcome of a newer version is internal and unknown; its text is kept", "[framed][messages]") {
  std::string out;
  append_failure(out, error{code::refused, "no", outcome::applied}.because("x"));
  out.replace(out.find("refused"), 7, "reTused");
  out.replace(out.find("applied"), 7, "aTplied");
  const auto e = decode_failure(out);
  REQUIRE(e);
  CHECK(e->code == code::internal);
  CHECK(e->outcome == outcome::unknown);
  CHECK(e->message == "no");
}

TEST_CASE("decoders refuse or accept whatever bytes come, and read no byte beyond them",
          "[framed][messages][property]") {
  std::size_t accepted = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    std::mt19937_64 random{seed};
    auto valid = request_payload(a_head(), 3, "abc");
    for (auto n = 1 + random() % 4; n > 0; --n) valid[random() % valid.size()] = static_cast<char>(random());
    valid.resize(random() % (valid.size() + 1));
    // A copy of exactly this size on the heap: a sanitizer sees a read beyond it.
    const std::vector<char> bytes(valid.begin(), valid.end());
    const std::string_view payload{bytes.data(), bytes.size()};
    accepted += decode_request(payload).has_value();
    accepted += decode_hello(payload).has_value();
    accepted += decode_answer(payload).has_value();
    accepted += decode_failure(payload).has_value();
    accepted += decode_heartbeat(payload).has_value();
    accepted += decode_goaway(payload).has_value();
  }
  CHECK(accepted > 0);  // the bytes are near enough to valid ones to come far
}
