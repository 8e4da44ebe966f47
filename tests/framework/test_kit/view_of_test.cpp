#include <banyan/test_kit/view_of.hpp>

#include <services/catalog/product_search.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::catalog;
using test_kit::expectation_failed;
using test_kit::view_of;

namespace {

const product_put lantern{"A1", "lantern", {255, "GBP"}, true};
const product listed{"A1", "lantern", {255, "GBP"}, true};

// A view of its own metadata, and one that can not be applied.
struct journal_data {
  using events = std::variant<product_put>;
  using queries = std::variant<get_product>;
  static void create(view_writer& v) { v.run("create table seen (position integer, stream text, at text)"); }
  static void apply(view_writer& v, const events&, const recorded_event& at) {
    if (at.type != "catalog.product_put" || at.payload.find("\"sku\"") == std::string::npos)
      throw std::runtime_error{"not as stored: " + at.payload};
    v.run("insert into seen values (?1, ?2, ?3)", std::int64_t{at.position}, at.stream, to_rfc3339(at.recorded_at));
  }
  static result<product> answer(view_reader& v, const get_product& q) {
    const auto at = v.first<std::string>("select position || ' ' || stream || ' ' || at from seen where position = ?1", q.sku);
    if (!at) return error{code::not_found, "none"};
    return product{*at, {}, {}, true};
  }
};

}  // namespace

TEST_CASE("a view answers what its events say") {
  view_of<product_search> view{{lantern}};
  view.when(get_product{"A1"}).then_reply(listed);
  view.when(get_product{"A2"}).then_error(code::not_found);
  view.apply(product_put{"A2", "kite", {100, "GBP"}, true});
  CHECK(view.when(find_products{"ki", {}, 50}).answer().value().products.size() == 1);
}

TEST_CASE("an expectation that does not hold says expected and actual") {
  view_of<product_search> view{{lantern}};
  CHECK_THROWS_WITH(view.when(get_product{"A1"}).then_reply(product{"A1", "kite", {255, "GBP"}, true}),
                    Catch::Contains("- name = \"kite\"") && Catch::Contains("+ name = \"lantern\""));
  CHECK_THROWS_AS(view.when(get_product{"A1"}).then_error(code::not_found), expectation_failed);
  CHECK_THROWS_AS(view.when(get_product{"A2"}).then_reply(listed), expectation_failed);
  CHECK_THROWS_AS(view.when(get_product{"A2"}).then_error(code::conflict), expectation_failed);
}

TEST_CASE("a view sees the data that the journal has of an event") {
  view_of<journal_data> view;
  view.apply(lantern);
  view.apply(lantern, "products-A1", instant{std::chrono::sys_days{std::chrono::May / 1 / 2026}});
  CHECK(view.when(get_product{"1"}).answer()->sku == "1 stream-1 1970-01-01T00:00:00Z");
  CHECK(view.when(get_product{"2"}).answer()->sku == "2 products-A1 2026-05-01T00:00:00Z");
}

TEST_CASE("what a view throws reaches the test, and its write is undone") {
  struct stumbles : journal_data {
    static void apply(view_writer& v, const events& e, const recorded_event& at) {
      journal_data::apply(v, e, at);
      if (at.stream == "bad") throw std::runtime_error{"bad stream"};
    }
  };
  view_of<stumbles> view;
  CHECK_THROWS_WITH(view.apply(lantern, "bad"), "bad stream");
  view.when(get_product{"1"}).then_error(code::not_found);
  view.apply(lantern, "good");
  CHECK(view.when(get_product{"1"}).answer());
}
