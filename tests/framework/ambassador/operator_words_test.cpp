// What the words `links ...` print of a node's answers.
#include <banyan/ambassador/operator_words.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

const operator_word& word(const std::string& name) {
  static const auto all = links_words();
  for (const auto& w : all->words)
    if (w.name == name) return w;
  throw std::logic_error{"no word " + name};
}

operator_arguments arguments(std::vector<std::pair<std::string, std::string>> values) {
  operator_arguments a;
  a.set("--json", "");
  for (auto& [name, value] : values) a.set(name, value);
  return a;
}

const std::string one =
    R"({"link":"payments -> acquirer","chain":["deadline 3s","breaker 50 % failures of 100 calls"],)"
    R"("breaker":{"state":"open","trips":2,"refused":41,"retry_after_ms":1500.4},)"
    R"("endpoints":[{"name":"http://127.0.0.1:8090","state":"closed","ejected":true,"ejected_because":"latency",)"
    R"("latency_ms":12.6,"in_flight":1,"succeeded":10,"failed":4}],)"
    R"("calls":{"in_flight":1,"succeeded":9,"failed":3,"refused":41,"retried":2}})";

}  // namespace

TEST_CASE("links are listed in a table", "[ambassador][words]") {
  const auto text = word("list").show(arguments({}), R"({"links":[)" + one + "]}");
  REQUIRE(text);
  CHECK(text->out ==
        "LINK                  BREAKER  IN FLIGHT  SUCCEEDED  FAILED  REFUSED  RETRIED\n"
        "payments -> acquirer  open     1          9          3       41       2\n");
}

TEST_CASE("one link is shown with its chain, its breaker and its endpoints", "[ambassador][words]") {
  const auto text = word("show").show(arguments({}), one);
  REQUIRE(text);
  CHECK(text->out ==
        "payments -> acquirer\n"
        "  deadline 3s\n"
        "  breaker 50 % failures of 100 calls\n"
        "breaker open, 2 trips, 41 calls refused, for 1500 ms more\n"
        "ENDPOINT               BREAKER  EJECTED  LATENCY MS  IN FLIGHT  SUCCEEDED  FAILED\n"
        "http://127.0.0.1:8090  closed   latency  13          1          10         4\n");
  CHECK(word("show").show(arguments({{"--json", "yes"}}), one)->out == one + "\n");
}

TEST_CASE("an open breaker whose time is over waits for a call", "[ambassador][words]") {
  const std::string over =
      R"({"link":"a -> b","breaker":{"state":"open","trips":1,"refused":2,"retry_after_ms":0.0},"endpoints":[]})";
  CHECK(word("show").show(arguments({}), over)->out ==
        "a -> b\nbreaker open, 1 trips, 2 calls refused, the next call probes\n");
}

TEST_CASE("an answer that is none of a node is refused, not printed", "[ambassador][words]") {
  for (const char* answer : {"", "[]", "7", "{", R"({"links":7})", R"({"links":[7]})"}) {
    CHECK_FALSE(word("list").show(arguments({}), answer));
  }
  for (const char* answer : {"", "[]", R"({"endpoints":[1]})"}) CHECK_FALSE(word("show").show(arguments({}), answer));
}

TEST_CASE("what is asked has the link and the values in its path", "[ambassador][words]") {
  CHECK(operator_target(word("set").path,
                        arguments({{"from", "a b"}, {"to", "c"}, {"option", "retry.attempts"}, {"value", "5"}})) ==
        "/links/a%20b/c/options/retry.attempts/5");
  const auto& state = word("breaker").arguments.back();
  CHECK(state.check("open") == "auto, forced_open, forced_closed or observe_only");
  CHECK(state.check("forced_open").empty());
}
