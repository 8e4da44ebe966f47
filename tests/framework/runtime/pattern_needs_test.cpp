// What patterns need of each other is found before a node starts.
#include <tests/framework/runtime/a_total.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/pattern_needs.hpp>

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

namespace stock {
struct summary : empty_view {};
}  // namespace stock
namespace sales {
struct summary : empty_view {};
struct other : empty_view {};
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
