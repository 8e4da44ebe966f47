// Tables that can not be created are found before a node starts.
#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/check_views.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

struct counted {
  static constexpr stored_as stored{"numbers.counted", 1};
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(counted, (), (n))

struct total {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (n))
struct get_total {
  using reply = total;
};
BOOST_DESCRIBE_STRUCT(get_total, (), ())

template <int Which>
struct a_view {
  using events = std::variant<counted>;
  using queries = std::variant<get_total>;
  static void create(view_writer& v) {
    if (Which == 0) v.run("CREATE TABLE totals (n INTEGER NOT NULL)");
    if (Which == 1) v.run("CREATE TABEL totals (n INTEGER NOT NULL)");
    if (Which == 2) v.run("CREATE INDEX by_n ON totals (n)");
    if (Which == 3) throw std::runtime_error{"no plan of mine"};
  }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<total> answer(view_reader&, const get_total&) { return total{}; }
};

template <int Which>
plan numbers() {
  plan p{"numbers"};
  projection<a_view<Which>>{.of = "numbers", .name = "totals"}.contribute(p);
  return p;
}

}  // namespace

TEST_CASE("views whose tables can be created are no problem") {
  CHECK(check_views(application{"app", {numbers<0>()}}).empty());
}

TEST_CASE("a view whose SQL does not run is a problem, with the database's words, all of them at once") {
  const auto problems = check_views(application{"app", {numbers<1>(), numbers<2>(), numbers<3>()}});
  REQUIRE(problems.size() == 3);
  for (auto& p : problems) CHECK(p.where == "numbers.projection.totals");
  CHECK_THAT(problems[0].sentence, Catch::Contains("syntax error"));
  CHECK_THAT(problems[1].sentence, Catch::Contains("no such table"));
  CHECK_THAT(problems[2].sentence, Catch::Contains("no plan of mine"));
}
