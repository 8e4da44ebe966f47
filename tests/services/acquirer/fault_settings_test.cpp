#include <services/acquirer/fault_settings.hpp>

#include <catch2/catch.hpp>

using namespace acquirer;
using namespace std::chrono_literals;

namespace {

banyan::result<fault_settings> merged(const fault_settings& now, std::string_view json) {
  return merge_faults(now, banyan::parse_json(json).value());
}

fault_settings assigned(std::initializer_list<const char*> texts) {
  fault_settings f;
  for (const char* text : texts) f = merge_faults(f, fault_assignment(text).value()).value();
  return f;
}

}  // namespace

TEST_CASE("a part of the faults is replaced, the rest stays", "[acquirer]") {
  fault_settings f;
  f.error_rate = 0.5;
  f.latency = {80ms, 20ms};
  const auto m = merged(f, R"({"latency":{"mean":"100ms"},"outage":"reset","slow_body":{"rate":1,"by":"2s"}})").value();
  auto expected = f;
  expected.latency.mean = 100ms;
  expected.outage = outage_mode::reset;
  expected.slow_body = {1, 2s};
  CHECK(m == expected);
  CHECK(merged(m, "{}").value() == m);
  CHECK(merged(m, banyan::to_json(fault_settings{})).value() == fault_settings{});  // the whole
  CHECK(merged(f, R"({"outage":true})")->outage == outage_mode::on);
  CHECK(merged(m, R"({"outage":false})")->outage == outage_mode::off);
}

TEST_CASE("a mistake in the faults names its member, and nothing is changed", "[acquirer]") {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"eror_rate":0.1})", "eror_rate"},
      {R"({"latency":{"men":"1s"}})", "latency.men"},
      {R"({"latency":"1s"})", "latency"},
      {R"({"latency":{"mean":80}})", "latency.mean"},
      {R"({"latency":{"mean":"-1s"}})", "latency.mean"},
      {R"({"latency":{"mean":"6min"}})", "latency.mean"},
      {R"({"error_rate":1.01})", "error_rate"},
      {R"({"error_rate":-0.1})", "error_rate"},
      {R"({"error_rate":"often"})", "error_rate"},
      {R"({"error_rate":null})", "error_rate"},
      {R"({"late_callback":{"rate":2}})", "late_callback.rate"},
      {R"({"outage":"sometimes"})", "outage"},
      {R"([])", ""},
      {R"(7)", ""},
  };
  for (const auto& [json, field] : wrong) {
    INFO(json);
    const auto m = merged({}, json);
    REQUIRE_FALSE(m);
    CHECK(m.error().code == banyan::code::invalid_argument);
    CHECK(m.error().field == field);
  }
}

TEST_CASE("faults are given on a command line", "[acquirer]") {
  fault_settings expected;
  expected.latency = {80ms, 20ms};
  expected.error_rate = 0.25;
  expected.outage = outage_mode::reset;
  expected.late_callback = {1, 5s};
  CHECK(assigned({"latency.mean=80ms", "latency.jitter=20ms", "error_rate=0.25", "outage=reset", "late_callback.rate=1",
                  "late_callback.by=5s"}) == expected);
  for (const char* wrong : {"", "=", "error_rate", "error_rate=", "=1"}) CHECK_FALSE(fault_assignment(wrong));
  CHECK_FALSE(merge_faults({}, fault_assignment("a.b.c=1").value()));
  CHECK_FALSE(merge_faults({}, fault_assignment(".=1").value()));
  CHECK_FALSE(merge_faults({}, fault_assignment("error_rate=nan").value()));
}
