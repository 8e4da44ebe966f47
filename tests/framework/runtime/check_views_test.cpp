// Tables that can not be created are found before a node starts.
#include <tests/framework/runtime/a_total.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;

namespace {

template <int Which>
struct a_view {
  using events = std::variant<counted>;
  using queries = std::variant<get_total>;
  static void create(view_writer& v) {
    if (Which == 0) v.run("CREATE TABLE totals (n INTEGER NOT NULL)");
    if (Which == 1) v.run("CREATE TABEL totals (n INTEGER NOT NULL)");
    if (Which == 2) v.run("CREATE INDEX by_n ON totals (n)");
    if (Which == 3) throw std::runtime_error{"no plan of mine"};
    if (Which > 3) v.run("CREATE TABLE totals (n INTEGER NOT NULL)");
  }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<total> answer(view_reader& v, const get_total&) {
    if (Which == 4) v.query<total>("SELECT m FROM totals WHERE n > ?1", 1);
    if (Which == 5) v.query<total>("SELECT n FROM totals WHERE n > ?1");
    if (Which == 6) return v.query<total>("SELECT n FROM totals").at(0);
    if (Which == 7) v.query<total>("SELECT abs(-9223372036854775808) AS n");
    return total{};
  }
};

template <int Which>
plan numbers() {
  plan p{"numbers"};
  projection<a_view<Which>>{.of = "numbers", .name = "totals"}.contribute(p);
  query_side<a_view<Which>>{.name = "totals"}.contribute(p);
  return p;
}

}  // namespace

TEST_CASE("views whose tables can be created are no problem") {
  CHECK(check(application{"app", {numbers<0>()}}, engines_in_memory()).empty());
}

TEST_CASE("a view whose SQL does not run is a problem, with the database's words, all of them at once") {
  const auto problems = check(application{"app", {numbers<1>(), numbers<2>(), numbers<3>()}}, engines_in_memory());
  REQUIRE(problems.size() == 3);
  for (auto& p : problems) CHECK(p.where == "numbers.projection.totals");
  CHECK_THAT(problems[0].sentence, Catch::Contains("syntax error"));
  CHECK_THAT(problems[1].sentence, Catch::Contains("no such table"));
  CHECK_THAT(problems[2].sentence, Catch::Contains("no plan of mine"));
}

TEST_CASE("a query whose SQL does not run is a problem of its query side") {
  const auto problems = check(application{"app", {numbers<4>(), numbers<5>()}}, engines_in_memory());
  REQUIRE(problems.size() == 2);
  for (auto& p : problems) CHECK(p.where == "numbers.query_side.totals");
  CHECK_THAT(problems[0].sentence, Catch::StartsWith("the query get_total can not be answered: SELECT m FROM totals") &&
                                       Catch::Contains("no such column: m"));
  CHECK_THAT(problems[1].sentence, Catch::Contains("takes 1 arguments, not 0"));
}

TEST_CASE("what a query says of a request without content is no problem, nor what fails for its data") {
  CHECK(check(application{"app", {numbers<6>(), numbers<7>()}}, engines_in_memory()).empty());
}
