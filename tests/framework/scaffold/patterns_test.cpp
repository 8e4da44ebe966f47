// What --with may name, and what that implies.
#include <banyan/scaffold/patterns.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

using names = std::vector<std::string>;

std::string refusal(std::string_view list) {
  const auto parsed = parse_patterns(list);
  return parsed ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("patterns are in one order, whatever they are named in") {
  CHECK(parse_patterns("")->names.empty());
  CHECK(parse_patterns("ambassador,sharding,event_sourcing")->names ==
        names{"event_sourcing", "sharding", "ambassador"});
  CHECK(parse_patterns("pub-sub,event-sourcing,sharding")->names == names{"event_sourcing", "sharding", "pub_sub"});
  CHECK(parse_patterns("cqrs,cqrs")->names == names{"event_sourcing", "sharding", "cqrs"});
  CHECK(parse_patterns("ambassador,saga,pub_sub")->names ==
        names{"event_sourcing", "sharding", "pub_sub", "saga", "ambassador"});
}

TEST_CASE("what the others need is added, and told") {
  for (const auto* one : {"cqrs", "pub_sub", "saga"}) {
    CHECK(parse_patterns(one)->names == names{"event_sourcing", "sharding", one});
    CHECK(parse_patterns(one)->implied == names{"event_sourcing", "sharding"});
  }
  CHECK(parse_patterns("sharding")->implied == names{"event_sourcing"});
  CHECK(parse_patterns("event_sourcing")->implied == names{"sharding"});
  CHECK(parse_patterns("event_sourcing,sharding")->implied.empty());
  CHECK(parse_patterns("ambassador")->implied.empty());
  CHECK(parse_patterns("circuit-breaker")->names == names{"ambassador", "circuit_breaker"});
  CHECK(parse_patterns("circuit_breaker")->implied == names{"ambassador"});
  CHECK(parse_patterns("circuit_breaker,ambassador:catalog")->implied.empty());
}

TEST_CASE("an ambassador has a target") {
  CHECK(parse_patterns("ambassador:catalog")->peer == "catalog");
  CHECK(parse_patterns("ambassador:catalog")->asks);
  CHECK(parse_patterns("ambassador")->peer.empty());
  CHECK(parse_patterns("circuit_breaker,ambassador:catalog")->peer == "catalog");
  CHECK(parse_patterns("circuit_breaker")->asks);
  CHECK_FALSE(parse_patterns("cqrs")->asks);
  CHECK(refusal("cqrs:catalog").find("Only an ambassador") == 0);
  CHECK(refusal("circuit_breaker:catalog").find("Only an ambassador") == 0);
  CHECK(refusal("saga:catalog").find("Only an ambassador") == 0);
  CHECK(refusal("ambassador:").find("Only an ambassador") == 0);
  CHECK(refusal("ambassador:a,ambassador:b").find("One ambassador") == 0);
}

TEST_CASE("an unknown pattern is refused, with a suggestion or the list") {
  CHECK(refusal("pubsub") == "There is no pattern \"pubsub\"; did you mean pub_sub?");
  CHECK(refusal("sagas") == "There is no pattern \"sagas\"; did you mean saga?");
  CHECK(refusal("kitchen").find("; the patterns are: event_sourcing, sharding, ") != std::string::npos);
  CHECK(refusal("cqrs,,pub_sub").find("There is no pattern \"\"") == 0);
}
