#include <bikes/service.hpp>

#include <banyan/simulation/simulation.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {

// One node, in virtual time.
struct bike_share {
  const banyan::application app{"bike_share", {bikes::describe()}};
  banyan::simulation world{app, {.seed = 1}};

  std::string send(const std::string& method, const std::string& target, const std::string& body = {}) {
    std::string answer = "no answer";
    world.request(method, target, body, [&](banyan::result<banyan::http_response> r) {
      answer = r ? r->body : banyan::to_string(r.error());
    });
    world.run_until_idle(10s);
    return answer;
  }
};

}  // namespace

TEST_CASE("a rider owes the minutes of all rides") {
  bike_share share;
  CHECK(share.send("POST", "/bikes/b1/rent", R"({"rider":"ada"})") == R"({"bike":"b1","rider":"ada","minutes":0})");
  share.world.run_for(90min - 30s);
  CHECK(share.send("POST", "/bikes/b1/return") == R"({"bike":"b1","rider":"ada","minutes":90})");
  share.world.run_for(24h);
  CHECK(share.send("GET", "/riders/ada") == R"({"name":"ada","rides":1,"cents":900})");
}

TEST_CASE("a ride goes on while the power fails") {
  bike_share share;
  share.send("POST", "/bikes/b1/rent", R"({"rider":"ada"})");
  share.world.crash();
  share.world.run_for(10min - 30s);
  CHECK(share.send("POST", "/bikes/b1/return") == R"({"bike":"b1","rider":"ada","minutes":10})");
}
