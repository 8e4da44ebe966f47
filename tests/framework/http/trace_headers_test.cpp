#include <banyan/http/trace_headers.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

const std::string sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

}  // namespace

TEST_CASE("the trace of a request is read by the rules of W3C Trace Context") {
  const std::string none;
  struct one {
    const char* why;
    header_list given;
    std::string parent, state;
  };
  const std::vector<one> table{
      {"none", {}, none, none},
      {"a parent alone", {{"traceparent", sound}}, sound, none},
      {"any case of the names", {{"TraceParent", sound}, {"TRACESTATE", "a=1"}}, sound, "a=1"},
      {"two parents are none", {{"traceparent", sound}, {"traceparent", sound}, {"tracestate", "a=1"}}, none, none},
      {"a state without a parent", {{"tracestate", "a=1"}}, none, none},
      {"a malformed parent", {{"traceparent", sound + "x"}, {"tracestate", "a=1"}}, none, none},
      {"version ff", {{"traceparent", "ff" + sound.substr(2)}, {"tracestate", "a=1"}}, none, none},
      {"a later version",
       {{"traceparent", "01" + sound.substr(2) + "-more"}, {"tracestate", "a=1"}},
       "01" + sound.substr(2) + "-more",
       "a=1"},
      {"upper case digits", {{"traceparent", "00-4BF92F3577B34DA6A3CE929D0E0E4736" + sound.substr(35)}}, none, none},
      {"a trace id of zeros", {{"traceparent", "00-" + std::string(32, '0') + sound.substr(35)}}, none, none},
      {"a span id of zeros", {{"traceparent", sound.substr(0, 36) + std::string(16, '0') + "-01"}}, none, none},
      {"an empty parent", {{"traceparent", ""}, {"tracestate", "a=1"}}, none, none},
      {"several states are one",
       {{"tracestate", "a=1"}, {"traceparent", sound}, {"tracestate", "b=2"}},
       sound,
       "a=1,b=2"},
      {"a malformed state leaves the parent", {{"traceparent", sound}, {"tracestate", "A=1"}}, sound, none},
      {"an empty state", {{"traceparent", sound}, {"tracestate", ""}}, sound, none},
  };
  for (const auto& t : table) {
    CAPTURE(t.why);
    const auto read = read_trace_headers(t.given);
    CHECK(read.parent == t.parent);
    CHECK((read.state ? *read.state : none) == t.state);
  }
}

TEST_CASE("a request goes out with the trace of its sender, and no other") {
  header_list headers{{"traceparent", "old"}, {"tracestate", "old=1"}, {"Accept", "*/*"}};
  set_trace_headers(headers, sound, std::make_shared<const std::string>("a=1"));
  CHECK(headers == header_list{{"Accept", "*/*"}, {"traceparent", sound}, {"tracestate", "a=1"}});
  set_trace_headers(headers, sound, nullptr);
  CHECK(headers == header_list{{"Accept", "*/*"}, {"traceparent", sound}});
  set_trace_headers(headers, {}, std::make_shared<const std::string>("a=1"));
  CHECK(headers == header_list{{"Accept", "*/*"}});
}
