#include <banyan/observability/trace_state.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

std::string members(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += (i ? ",k" : "k") + std::to_string(i) + "=v";
  return text;
}

std::string of_size(std::size_t size, const std::string& key) {
  return key + "=" + std::string(size - key.size() - 1, 'v');
}

}  // namespace

TEST_CASE("a tracestate is passed on, joined and dropped by the rules of W3C Trace Context") {
  const std::string long_key(256, 'k'), long_tenant(241, 't'), long_system(14, 's'), long_value(256, 'v');
  struct one {
    const char* why;
    std::vector<std::string> given;
    std::optional<std::string> passed_on;
  };
  const std::vector<one> table{
      {"one member", {"rojo=00f067aa0ba902b7"}, "rojo=00f067aa0ba902b7"},
      {"two, in their order", {"rojo=1,congo=t61"}, "rojo=1,congo=t61"},
      {"several headers are one list", {"a=1,b=2", "c=3"}, "a=1,b=2,c=3"},
      {"white space around members", {" a=1 ,\tb=2\t"}, "a=1,b=2"},
      {"empty members", {"a=1,,b=2,", "", " , "}, "a=1,b=2"},
      {"nothing", {""}, {}},
      {"only commas", {",,,"}, {}},
      {"no header", {}, {}},
      {"all characters of a key", {"a0_-*/z=1"}, "a0_-*/z=1"},
      {"a tenant", {"0t@v=1"}, "0t@v=1"},
      {"white space within a value", {"a= 1 2"}, "a= 1 2"},
      {"all characters of a value", {"a=!~+<>:;@\"'"}, "a=!~+<>:;@\"'"},
      {"32 members", {members(32)}, members(32)},
      {"33 members", {members(33)}, {}},
      {"33 members in two headers", {members(32), "x=1"}, {}},
      {"the longest key", {long_key + "=1"}, std::string{}},
      {"a key too long", {long_key + "k=1"}, {}},
      {"a value too long", {"a=" + long_value + "v"}, {}},
      {"the longest tenant", {long_tenant + "@" + long_system + "=1"}, std::string{}},
      {"a tenant too long", {long_tenant + "t@s=1"}, {}},
      {"a system too long", {"t@" + long_system + "s=1"}, {}},
      {"an upper case key", {"A=1"}, {}},
      {"a key that begins with a digit", {"1a=1"}, {}},
      {"a key with a space", {"a b=1"}, {}},
      {"two at signs", {"a@b@c=1"}, {}},
      {"an at sign first", {"@v=1"}, {}},
      {"an at sign last", {"t@=1"}, {}},
      {"no value", {"a="}, {}},
      {"no key", {"=1"}, {}},
      {"no equals sign", {"a"}, {}},
      {"two equals signs", {"a=1=2"}, {}},
      {"a control character", {std::string{"a=1\x01"} + "2"}, {}},
      {"not ASCII", {"a=\xc3\xa9"}, {}},
      {"one malformed member spoils all", {"a=1,B=2,c=3"}, {}},
      {"a key twice: the first is kept", {"a=1,b=2,a=3"}, "a=1,b=2"},
      {"a key twice, in two headers", {"a=1", "a=2,b=3"}, "a=1,b=3"},
      {"512 characters",
       {of_size(128, "a") + "," + of_size(128, "b") + "," + of_size(128, "c") + "," + of_size(125, "d")},
       of_size(128, "a") + "," + of_size(128, "b") + "," + of_size(128, "c") + "," + of_size(125, "d")},
      {"more: the last members go",
       {of_size(128, "a") + "," + of_size(128, "b") + "," + of_size(128, "c") + "," + of_size(126, "d")},
       of_size(128, "a") + "," + of_size(128, "b") + "," + of_size(128, "c")},
      {"more: members longer than 128 go first, the last of them before the others",
       {of_size(200, "a") + "," + of_size(129, "b") + "," + of_size(100, "c") + "," + of_size(100, "d")},
       of_size(200, "a") + "," + of_size(100, "c") + "," + of_size(100, "d")},
  };
  for (const auto& t : table) {
    CAPTURE(t.why);
    const std::vector<std::string_view> headers(t.given.begin(), t.given.end());
    const auto passed_on = read_tracestate(headers);
    if (t.passed_on && t.passed_on->empty())
      CHECK(passed_on == t.given[0]);
    else
      CHECK(passed_on == t.passed_on);
    if (!passed_on) continue;
    CHECK(passed_on->size() <= max_tracestate_size);
    CHECK(read_tracestate({*passed_on}) == passed_on);  // what is passed on is passed on again
  }
}

TEST_CASE("any bytes are read, and what is passed on is always valid", "[property]") {
  std::uint64_t seed = 1;
  const auto next = [&] { return seed = seed * 6364136223846793005u + 1442695040888963407u, seed >> 33; };
  constexpr std::string_view letters = "abz09_-*/@=,, \tA~!\x01\xc3";
  int passed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = next() % 12; n > 0; --n) text += letters[next() % letters.size()];
    const auto once = read_tracestate({text, "a=1"});
    if (!once) continue;
    ++passed;
    CAPTURE(text);
    CHECK(read_tracestate({*once}) == once);
  }
  CHECK(passed > 500);
}
