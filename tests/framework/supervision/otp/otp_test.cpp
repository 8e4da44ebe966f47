// The same scripts on Erlang/OTP's supervisor and on ours. outcomes.txt was recorded there, once; ours are played here, now.
//
// `compare --live` plays them on an Erlang of today; it takes ours from the hidden test case below.
#include <tests/framework/supervision/otp/worlds.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <set>

using namespace banyan::test::otp;

namespace {

const std::string here = BANYAN_OTP_SCRIPTS;

std::string text_of(const std::vector<std::string>& lines) {
  std::string all = "\n";
  for (const auto& l : lines) all += l + "\n";
  return all;
}

void compare(std::unique_ptr<world> (*make)()) {
  const auto outcomes = read_outcomes(here + "/outcomes.txt");
  const auto scripts = read_scripts(here + "/scripts.txt");
  REQUIRE(scripts.size() >= 100);
  for (const auto& s : scripts) {
    INFO(s.title);
    REQUIRE(outcomes.count(s.title) == 1);
    CHECK(text_of(make()->play(s)) == text_of(outcomes.at(s.title)));
  }
}

}  // namespace

TEST_CASE("every script has one recorded outcome, and every outcome a script", "[otp]") {
  std::set<std::string> titles;
  for (const auto& s : read_scripts(here + "/scripts.txt")) CHECK(titles.insert(s.title).second);
  CHECK(read_outcomes(here + "/outcomes.txt").size() == titles.size());
}

TEST_CASE("our supervisors and pools do what Erlang/OTP's do", "[otp]") { compare(make_actor_world); }

TEST_CASE("their pure cores alone do what Erlang/OTP's do", "[otp]") { compare(make_core_world); }

TEST_CASE("writes our outcomes to the file named by BANYAN_OTP_OURS", "[.write]") {
  const char* to = std::getenv("BANYAN_OTP_OURS");
  REQUIRE(to);
  std::ofstream out{to};
  for (const auto& s : read_scripts(here + "/scripts.txt")) out << "\n== " << s.title << text_of(make_actor_world()->play(s));
  REQUIRE(out.flush());
}
