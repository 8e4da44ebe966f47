// What a tool learns of subscriptions from a data folder: of one that never ran, and of one that has no business there.
#include <tests/framework/runtime/the_catalog.hpp>

#include <services/catalog/events.hpp>
#include <services/catalog/service.hpp>

#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/pub_sub/topics.hpp>
#include <banyan/pub_sub/stored_subscriptions.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <future>

#include <unistd.h>

using namespace banyan;

namespace {

struct mail_api {
  static constexpr std::string_view name = "mail";
  using operations = banyan::operations<>;
};
task<result<done>> follow(context<>, const shop::catalog::product_put&) { co_return done{}; }

struct folder {
  folder() : path{std::filesystem::temp_directory_path() / ("banyan_stored_" + std::to_string(getpid()))} {
    (void)open("sqlite:shop.db", path.string()).value();
    std::filesystem::create_directories(path / "views");
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

const application& the_app() {
  static const application app{"app", {shop::catalog::describe(), service<mail_api>(subscribes<follow>{.topic = "catalog.product_put"})}};
  return app;
}

result<std::vector<stored_subscription>> stored_in(const folder& in) {
  return stored_subscriptions(the_app(), open("sqlite:shop.db", in.path.string(), true).value().ports);
}

}  // namespace

TEST_CASE("a subscription that never ran has handled nothing, and nothing is made for it") {
  const folder in;
  const auto all = stored_in(in);
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK(all->front().topic == "catalog.product_put");
  CHECK(all->front().group == "mail");
  CHECK(all->front().checkpoint == 0);
  CHECK(all->front().dead == 0);
  CHECK(std::filesystem::is_empty(in.path / "views"));
}

TEST_CASE("what a subscription has stored is read beside the node that goes on writing") {
  const folder in;
  const auto node = open("sqlite:shop.db", in.path.string()).value();
  const auto store = node.ports.open<delivery_store>({"catalog.product_put", "mail"}).value();
  std::promise<result<delivery_store::committed>> last;
  store->open({node.info.history, node.info.head}, [](result<delivery_store::state> s) { (void)s.value(); });
  delivery_change change{.checkpoint = 20, .began = 0};
  for (position at = 1; at <= 12; ++at)
    change.given_up.push_back({at, "e", "products-1", "catalog.product_put", "{}", 8, "no luck"});
  store->commit(change, [&](result<delivery_store::committed> c) { last.set_value(std::move(c)); });
  REQUIRE(last.get_future().get());
  const auto all = stored_in(in);
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK(all->front().checkpoint == 20);
  CHECK(all->front().dead == 12);
  REQUIRE(all->front().first_dead.size() == 10);
  CHECK(all->front().first_dead[9].position == 10);
  CHECK(all->front().first_dead[9].reason == "no luck");
  CHECK(all->front().first_dead[9].payload.empty());
}

TEST_CASE("a file that is no store is an error that names it") {
  const folder in;
  const auto file = in.path / "views" / "subscription__catalog_product_put__mail.v1.db";
  std::ofstream{file} << "this is no database, whatever its name says, and it is long enough to be one";
  const auto all = stored_in(in);
  REQUIRE_FALSE(all);
  CHECK(all.error().code == code::corrupt);
}
