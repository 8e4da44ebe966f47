#include <banyan/http/openapi.hpp>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace banyan;
namespace json = boost::json;

namespace {

const json::value order{{"type", "object"}};

std::vector<api_operation> operations() {
  return {{.method = "POST",
           .path = "/orders",
           .summary = "Places an order",
           .operation_id = "place_order",
           .request_schema = order,
           .response_schema = order,
           .success_status = 201,
           .errors = {code::refused, code::invalid_argument, code::internal, code::corrupt}},
          {.method = "GET", .path = "/orders/{id}", .response_schema = order, .errors = {code::not_found}},
          {.method = "DELETE", .path = "/orders/{id}", .success_status = 204}};
}

}  // namespace

TEST_CASE("operations become an OpenAPI 3.1 document", "[http][openapi]") {
  const auto made = openapi_document({.title = "orders"}, operations());
  REQUIRE(made);
  const json::value d = *made;
  CHECK(d.at("openapi").as_string() == "3.1.0");
  CHECK(d.at("info").at("title").as_string() == "orders");
  const auto& place = d.at("paths").at("/orders").at("post");
  CHECK(place.at("operationId").as_string() == "place_order");
  CHECK(place.at("requestBody").at("content").at("application/json").at("schema") == order);
  CHECK(place.at("responses").at("201").at("description").as_string() == "Created");
  CHECK(place.at("responses").at("422").at("content").at("application/problem+json").at("schema").at("$ref").as_string() ==
        "#/components/schemas/problem");
  CHECK(place.at("responses").at("500").at("description").as_string() == "Internal Server Error: corrupt, internal");
  const auto& one = d.at("paths").at("/orders/{id}");
  REQUIRE(one.at("get").at("parameters").as_array().size() == 1);
  CHECK(one.at("get").at("parameters").at(0).at("name").as_string() == "id");
  CHECK(one.at("get").at("parameters").at(0).at("required").as_bool());
  CHECK_FALSE(one.at("delete").at("responses").at("204").as_object().contains("content"));
  CHECK(d.at("components").at("schemas").as_object().contains("problem"));
}

TEST_CASE("an operation that is no route, or is there twice, is an error that says which", "[http][openapi]") {
  auto list = operations();
  list[1].path = "orders/{id}";
  CHECK(openapi_document({.title = "x"}, list).error().field == "operations[1]");
  list = operations();
  list[2].method = "GET";
  CHECK(openapi_document({.title = "x"}, list).error().code == code::conflict);
  list = operations();
  list[2].operation_id = "place_order";
  CHECK(openapi_document({.title = "x"}, list).error().field == "operations[2]");
  list[2].operation_id = "";
  list[2].method = "CONNECT";
  CHECK(openapi_document({.title = "x"}, list).error().code == code::invalid_argument);
}
