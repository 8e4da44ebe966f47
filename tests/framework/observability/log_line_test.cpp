#include <banyan/observability/log_line.hpp>

#include <banyan/core/ids.hpp>
#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const instant then = *parse_rfc3339("2026-01-02T03:04:05.678Z");

std::string text(std::string_view message, log_fields fields = {}) {
  return to_line({then, log_level::info, {}, message, {}, fields}, log_format::text);
}
std::string json(std::string_view message, log_fields fields = {}) {
  return to_line({then, log_level::info, {}, message, {}, fields}, log_format::json);
}
std::string after_time(const std::string& line) { return line.substr(33); }

}  // namespace

TEST_CASE("a text line reads from time to trace") {
  const std::string id = "536365";
  log_line line{then, log_level::warning, "orders", "order placed", "4bf92f3577b34da6a3ce929d0e0e4736", {}};
  CHECK(to_line(line, log_format::text) == "2026-01-02T03:04:05.678Z warning orders: order placed trace=4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(text("order placed", {{"order", id}, {"lines", 3}}) == "2026-01-02T03:04:05.678Z info    order placed order=536365 lines=3");
}

TEST_CASE("a JSON line has the same, as members") {
  log_line line{then, log_level::warning, "orders", "order placed", "4bf92f3577b34da6a3ce929d0e0e4736", {}};
  CHECK(to_line(line, log_format::json) ==
        R"({"time":"2026-01-02T03:04:05.678Z","level":"warning","service":"orders","message":"order placed",)"
        R"("trace":"4bf92f3577b34da6a3ce929d0e0e4736"})");
  CHECK(json("order placed", {{"order", "536365"}, {"lines", 3}}) ==
        R"({"time":"2026-01-02T03:04:05.678Z","level":"info","message":"order placed","order":"536365","lines":3})");
}

TEST_CASE("every kind of value has its form") {
  auto line = text("x", {{"i", -1}, {"u", std::uint64_t{18446744073709551615u}}, {"d", 0.5}, {"b", true}, {"t", 800ms}});
  CHECK(after_time(line) == "x i=-1 u=18446744073709551615 d=0.5 b=true t=800ms");
  CHECK(after_time(text("x", {{"s", std::string{"abc"}}, {"span", timespan{2s}}})) == "x s=abc span=2s");
  CHECK(json("x", {{"d", 0.5}, {"b", false}, {"t", 800ms}}).find(R"("d":0.5,"b":false,"t":"800ms"})") != std::string::npos);
}

TEST_CASE("what has a to_string of its own can be a field") {
  auto id = uuid_from_name("order", "1");
  CHECK(after_time(text("x", {{"id", id}, {"why", error{code::refused, "no"}}})) == "x id=" + to_string(id) + " why=\"refused: no\"");
}

TEST_CASE("values that could be misread are quoted") {
  auto line = text("x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}, {"d", "say \"hi\""}});
  CHECK(after_time(line) == R"(x a="" b="two words" c="k=v" d="say \"hi\"")");
}

TEST_CASE("nobody forges a line") {
  for (auto format : {log_format::text, log_format::json}) {
    const std::string_view zero{"\0x", 2};
    auto line = to_line({then, log_level::info, "s", "bad\nmessage\x1b[2J", {}, {{"k", "a\nlevel=error b\r\x1b[2J"}, {"l", zero}}}, format);
    CHECK(line.find('\n') == line.npos);
    CHECK(line.find('\r') == line.npos);
    CHECK(line.find('\x1b') == line.npos);
    CHECK(line.find('\0') == line.npos);
  }
}

TEST_CASE("a JSON line parses, whatever is in it") {
  const std::string big(5000, '"');
  auto parsed = parse_json(json("\xff\xfe\"\\", {{"k", "\xc3\x28 \x80"}, {"big", big}}));
  REQUIRE(parsed);
  CHECK(parsed->as_object().at("big").as_string().size() == 1027);
}

TEST_CASE("long values and messages are cut") {
  CHECK(text(std::string(100'000, 'm'), {{"k", std::string(100'000, 'v')}}).size() < 4096 + 1024 + 100);
}

TEST_CASE("a field named like a member of the line does not hide it") {
  auto parsed = parse_json(json("placed", {{"level", "high"}, {"message", "m"}, {"trace", "t"}}));
  REQUIRE(parsed);
  CHECK(parsed->as_object().at("level").as_string() == "info");
  CHECK(parsed->as_object().at("level_").as_string() == "high");
}

TEST_CASE("times always have milliseconds") {
  log_line line{*parse_rfc3339("2026-01-02T03:04:05Z"), log_level::info, {}, "x", {}, {}};
  CHECK(to_line(line, log_format::text).substr(0, 24) == "2026-01-02T03:04:05.000Z");
  line.time += 123456789ns;
  CHECK(to_line(line, log_format::text).substr(0, 24) == "2026-01-02T03:04:05.123Z");
}

TEST_CASE("a trace id is taken from a valid traceparent only") {
  CHECK(trace_id_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") == "4bf92f3577b34da6a3ce929d0e0e4736");
  for (auto bad : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                   "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00x4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                   "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01"}) {
    INFO(bad);
    CHECK(trace_id_of(bad).empty());
  }
}

TEST_CASE("no text of others steers the terminal that a line is read on") {
  CHECK(after_time(text("gone \xc2\x9b" "2J", {{"name", "a\x7f\xc2\x9b" "b"}})) == "gone ?2J name=\"a??b\"");
  CHECK(text("\x1b[31m").find('\x1b') == std::string::npos);
}

TEST_CASE("with colours a line shows how grave it is, and is else the same") {
  const auto colored = [](log_level level, log_format format = log_format::text) { return to_line({then, level, {}, "x", {}, {}}, format, true); };
  CHECK(colored(log_level::error) == "2026-01-02T03:04:05.678Z \x1b[31merror  \x1b[0m x");
  CHECK(colored(log_level::warning) == "2026-01-02T03:04:05.678Z \x1b[33mwarning\x1b[0m x");
  CHECK(colored(log_level::info) == text("x"));
  CHECK(colored(log_level::info, log_format::json) == json("x"));
}
