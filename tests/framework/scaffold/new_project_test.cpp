// What a new application or service writes, from the real template.
#include <tests/framework/scaffold/under_test.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::scaffold;

TEST_CASE("an application and its service are what a service alone is, but for the name") {
  const auto app = written(new_application(from(), "orders").value());
  const auto both =
      written(new_service_inside(from(), service("orders", "cqrs"), record_of(app), reader_of(app)).value(), app);
  CHECK(both == written(new_service_alone(from(), service("orders", "cqrs")).value()));
}

TEST_CASE("a service is wired into the files of its application") {
  auto shop = written(new_application(from(), "shop").value());
  for (const auto* name : {"orders", "catalog", "users"}) {
    const auto made = new_service_inside(from(), service(name, "pub_sub"), record_of(shop), reader_of(shop)).value();
    CHECK(made.to_paste.empty());
    shop = written(made, std::move(shop));
  }
  CHECK(has(shop["app/application.cpp"],
            "#include <services/catalog/service.hpp>\n#include <services/orders/service.hpp>\n#include "
            "<services/users/service.hpp>\n"));
  CHECK(has(shop["app/application.cpp"],
            "  app.services.push_back(catalog::describe());\n  app.services.push_back(orders::describe());\n"));
  CHECK(has(shop["services/CMakeLists.txt"],
            "add_subdirectory(catalog)\nadd_subdirectory(orders)\nadd_subdirectory(users)\n"));
  CHECK(has(shop["tests/CMakeLists.txt"], "add_subdirectory(services/orders)\n"));
  CHECK(has(shop["shop.toml"], "# [catalog.sharded.catalog_item]\n"));
  CHECK(has(shop["README.md"], "## Catalog\n"));
  CHECK(record_of(shop).services.size() == 3);
  CHECK(record_of(shop).find("orders")->patterns == std::vector<std::string>{"event_sourcing", "sharding", "pub_sub"});
}

TEST_CASE("a file that has no place for a line, or is gone, is left alone, and the line is to be pasted") {
  auto shop = written(new_application(from(), "shop").value());
  shop["app/application.cpp"] = "// rewritten\n";
  shop.erase("README.md");
  const auto made = new_service_inside(from(), service("orders", ""), record_of(shop), reader_of(shop)).value();
  std::string pasted;
  for (const auto& f : made.to_paste) pasted += f.path + ": " + f.text.substr(0, f.text.find('\n')) + "\n";
  CHECK(pasted ==
        "README.md: ## Orders\napp/application.cpp: #include <services/orders/service.hpp>\n"
        "app/application.cpp:   app.services.push_back(orders::describe());\n");
  for (const auto& f : made.changed) CHECK(f.path != "app/application.cpp");
}

TEST_CASE("an ambassador asks a service of the application, or alone one that is made for it") {
  auto shop = written(new_application(from(), "shop").value());
  const auto inside = [&](std::string_view patterns) {
    return new_service_inside(from(), service("orders", patterns), record_of(shop), reader_of(shop));
  };
  CHECK(has(refusal(inside("ambassador")), "has none yet"));
  shop = written(new_service_inside(from(), service("people", ""), record_of(shop), reader_of(shop)).value(), shop);
  CHECK(has(refusal(inside("ambassador")), "one of: people."));
  CHECK(has(refusal(inside("ambassador:orders")), "has no service \"orders\""));
  const auto made = written(inside("ambassador:people").value());
  CHECK(has(made.at("services/orders/order_review.hpp"), "using peer_check = people::check_people_item;"));
  CHECK(record_of(made).find("orders")->asks == "people");

  const auto alone = written(new_service_alone(from(), service("orders", "ambassador")).value());
  CHECK(alone.contains("services/partners/partner_check.cpp"));
  CHECK(has(alone.at("services/orders/service.cpp"), "banyan::ambassador<partners::partners_api>"));
  CHECK(record_of(alone).services.size() == 2);
  CHECK(has(refusal(inside("circuit_breaker")), "ambassador:NAME, where NAME is one of: people."));
  const auto guarded = written(new_service_alone(from(), service("orders", "circuit_breaker")).value());
  CHECK(has(guarded.at("services/orders/service.cpp"), ".breaker = banyan::circuit_breaker{"));
  CHECK(guarded.contains("services/partners/partner_check.cpp"));
  CHECK(has(refusal(new_service_alone(from(), service("orders", "ambassador:orders"))), "another service"));
  CHECK(has(refusal(new_service_alone(from(), service("orders", "ambassador:class"))), "keyword"));
}

TEST_CASE("a service of that name, a wrong name and a wrong aggregate are refused") {
  auto shop = written(new_application(from(), "shop").value());
  shop = written(new_service_inside(from(), service("orders", ""), record_of(shop), reader_of(shop)).value(), shop);
  CHECK(has(refusal(new_service_inside(from(), service("orders", ""), record_of(shop), reader_of(shop))), "already"));
  CHECK(has(refusal(new_service_alone(from(), service("class", ""))), "keyword"));
  CHECK(has(refusal(new_service_alone(from(), service("time", ""))), "C library"));
  CHECK(has(refusal(new_application(from(), "std")), "taken"));
  auto wanted = service("orders", "");
  wanted.aggregate = "orders";
  CHECK(has(refusal(new_service_alone(from(), wanted)), "--aggregate"));
}

TEST_CASE("a project keeps its files as they were made, whatever became of them since") {
  auto shop = written(new_application(from(), "shop").value());
  shop["app/application.cpp"] = "// rewritten\n";
  const auto both =
      written(new_service_inside(from(), service("orders", "cqrs"), record_of(shop), reader_of(shop)).value(), shop);
  const auto made = render_project(from(), record_of(both)).value();
  CHECK(both.at(base_path) == base_to_text(made));
  project files;
  for (const auto& f : read_base(both.at(base_path)).value()) files[f.path] = f.text;
  CHECK(files.at("services/orders/order.hpp") == both.at("services/orders/order.hpp"));
  CHECK(has(files.at("app/application.cpp"), "orders::describe()"));
  CHECK(files.size() + 2 == both.size());

  auto without = both;
  without.erase(base_path);
  const auto more = service("users", "");
  const auto made_again = new_service_inside(from(), more, record_of(without), reader_of(without)).value();
  CHECK(written(made_again) == written(new_service_inside(from(), more, record_of(both), reader_of(both)).value()));
  auto record = record_of(without);
  record.template_version = 0;
  CHECK(has(refusal(new_service_inside(from(), more, record, reader_of(without))), "older template"));
  without[base_path] = "{}";
  CHECK(has(refusal(new_service_inside(from(), more, record_of(without), reader_of(without))), "base.json: "));
}

TEST_CASE("the record of a newer template is refused") {
  CHECK_FALSE(read_record(R"({"application":"shop","template_version":999,"services":[]})"));
  CHECK_FALSE(read_record("{}"));
  const project_record record{
      "shop", 1, {{"orders", "order", {"cqrs"}, true, "stock", 1}, {"stock", "item", {}, false, {}, 1}}};
  CHECK(to_text(read_record(to_text(record)).value()) == to_text(record));
}
