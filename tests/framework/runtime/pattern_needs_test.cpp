// What patterns need of each other is found before a node starts.
#include <tests/framework/runtime/a_total.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/plan/check_needs.hpp>
#include <banyan/sharding/sharded.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;

namespace {

struct empty_view {
  using events = std::variant<counted>;
  using queries = std::variant<get_total>;
  static void create(view_writer&) {}
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<total> answer(view_reader&, const get_total&) { return total{}; }
};

template <int>
struct of_kind : empty_view {};

struct count_one {
  using reply = total;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(count_one, (), (id))
struct count_two {
  using reply = total;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(count_two, (), (id))

template <class Self, class Command>
struct counting {
  using command = std::variant<Command>;
  using event = std::variant<counted>;
  using state = total;
  static decision<Self> decide(const state&, const command&, const decision_context&) { return accept<Self>({counted{1}}, total{}); }
  static void evolve(state&, const event&) {}
};
template <class A>
std::string id_of(const typename A::command& c) {
  return std::get<0>(c).id;
}

namespace stock {
struct summary : empty_view {};
struct counter : counting<counter, count_one> {};
}  // namespace stock
namespace sales {
struct summary : empty_view {};
struct other : empty_view {};
struct counter : counting<counter, count_two> {};
}  // namespace sales

template <class V>
plan with_view(const std::string& service, const std::string& name = {}) {
  plan p{service};
  projection<V>{.of = "numbers", .name = name}.contribute(p);
  return p;
}

std::vector<std::string> told(const application& app) {
  std::vector<std::string> all;
  for (auto& p : check_needs(app)) all.push_back(p.where + ": " + p.sentence);
  return all;
}

}  // namespace

TEST_CASE("two projections that would share a store are told, each with its owner") {
  CHECK(told({"app", {with_view<stock::summary>("stock"), with_view<sales::summary>("sales", "months")}}) ==
        std::vector<std::string>{"sales.projection.months: builds the view summary, as stock.projection.summary does: both would write to "
                                 "one store; keep one of them, or give the struct of the view another name"});
  CHECK(told({"app", {with_view<stock::summary>("stock"), with_view<sales::other>("sales")}}).empty());
}

TEST_CASE("two projections of one view in one service are told as well") {
  auto twice = with_view<stock::summary>("stock");
  projection<stock::summary>{.of = "numbers", .version = 2, .name = "new"}.contribute(twice);
  CHECK(told({"app", {twice}}).size() == 1);
}

TEST_CASE("a view whose store can not be named is told") {
  plan p{"stock"};
  projection<of_kind<1>>{.of = "numbers", .version = 0, .name = "kinds"}.contribute(p);
  const auto problems = p.check();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].where == "stock.projection.kinds");
  CHECK_THAT(problems[0].sentence, Catch::Contains("that of its struct, \"of_kind<1>\": derive a struct that is no template"));
  CHECK(problems[1].where == "stock.projection.kinds.version");
  CHECK(with_view<stock::summary>("stock").check().empty());
}

TEST_CASE("an aggregate that two patterns would place is told with both owners") {
  plan p{"stock"};
  event_sourced<stock::counter>{.journal = "numbers"}.contribute(p);
  sharded<stock::counter>{.entity = id_of<stock::counter>}.contribute(p);
  CHECK(told({"app", {p}}).empty());
  sharded<stock::counter>{.entity = id_of<stock::counter>, .shards = 8, .name = "again"}.contribute(p);
  CHECK(told({"app", {p}}) ==
        std::vector<std::string>{"stock.sharded.again: counter is sharded by stock.sharded.counter already, and only one would be heeded; "
                                 "keep one of them, or give the struct of the aggregate another name"});
}

TEST_CASE("an aggregate that nothing places is told") {
  plan p{"stock"};
  event_sourced<stock::counter>{.journal = "numbers"}.contribute(p);
  CHECK(told({"app", {p}}).size() == 1);
}

TEST_CASE("two aggregates of one name are told if they are in one service") {
  plan both{"both"}, other{"other"};
  event_sourced<stock::counter>{.journal = "stock"}.contribute(both);
  sharded<stock::counter>{.entity = id_of<stock::counter>}.contribute(both);
  event_sourced<sales::counter>{.journal = "sales"}.contribute(other);
  sharded<sales::counter>{.entity = id_of<sales::counter>}.contribute(other);
  CHECK(told({"app", {both, other}}).empty());
  event_sourced<sales::counter>{.journal = "sales", .name = "sold"}.contribute(both);
  const auto all = told({"app", {both}});
  REQUIRE(all.size() == 1);
  CHECK(all[0] == "both.event_sourced.sold: counter is event_sourced by both.event_sourced.counter already, and only one would be heeded; "
                  "keep one of them, or give the struct of the aggregate another name");
}

TEST_CASE("two query sides of one view are told with both owners") {
  auto stock = with_view<stock::summary>("stock"), sales = with_view<sales::other>("sales");
  query_side<stock::summary>{}.contribute(stock);
  query_side<sales::other>{}.contribute(sales);
  CHECK(told({"app", {stock, sales}}).empty());
  query_side<sales::summary>{.replicas = 8, .name = "months"}.contribute(sales);
  CHECK(told({"app", {stock, sales}}) ==
        std::vector<std::string>{"sales.query_side.months: reads the view summary, as stock.query_side.summary does: only the readers of "
                                 "one would be there; keep one of them, or give the struct of the view another name"});
}
