#include <banyan/plan/suggestion.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

const std::vector<command_words> commands{
    {"events list", {"--json", "--limit"}}, {"events", {"list", "--help"}}, {"serve", {"--port"}}, {"", {"events", "serve", "--version"}}};

std::string meant(std::vector<const char*> words) {
  words.insert(words.begin(), "shop");
  return suggestion(static_cast<int>(words.size()), words.data(), commands);
}

}  // namespace

TEST_CASE("the first word that nobody knows is compared with what could stand there") {
  CHECK(meant({"serv"}) == "Did you mean serve?");
  CHECK(meant({"events", "lst"}) == "Did you mean list?");
  CHECK(meant({"events", "list", "--jsn"}) == "Did you mean --json?");
  CHECK(meant({"events", "list", "orders-1", "--limt=3"}) == "Did you mean --limit?");
  CHECK(meant({"--versio"}) == "Did you mean --version?");
  CHECK(meant({"serve", "--json"}).empty());  // of another command, and close to nothing here
  CHECK(meant({"serve", ""}).empty());
  CHECK(meant({}).empty());
  CHECK(suggestion(1, std::vector<const char*>{"shop"}.data(), {}).empty());
}
