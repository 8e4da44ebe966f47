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

TEST_CASE("parameters, headers and statuses are described as they are given", "[http][openapi]") {
  auto list = operations();
  list[1].parameters = {{.name = "id", .in = "path", .schema = {{"type", "integer"}}},
                        {.name = "price", .description = "As JSON", .schema = order, .as_json = true},
                        {.name = "X-Key", .in = "header", .required = true}};
  list[1].statuses = {405, 415};
  list[1].errors = {code::unavailable};
  list[1].headers = {{"traceparent", "The trace"}};
  list[1].success_headers = {{"ETag", "The version"}};
  list[1].other_errors = true;
  list[0].body_required = false;
  const json::value d = openapi_document({.title = "x"}, list).value();
  const auto& get = d.at("paths").at("/orders/{id}").at("get");
  const auto& parameters = get.at("parameters").as_array();
  REQUIRE(parameters.size() == 3);
  CHECK(parameters[0].at("schema").at("type").as_string() == "integer");
  CHECK(parameters[0].at("required").as_bool());
  CHECK(parameters[1].at("content").at("application/json").at("schema") == order);
  CHECK_FALSE(parameters[1].as_object().contains("schema"));
  CHECK_FALSE(parameters[1].at("required").as_bool());
  CHECK(parameters[2].at("in").as_string() == "header");
  const auto headers = [&](const char* status) { return get.at("responses").at(status).at("headers").as_object(); };
  CHECK(headers("200").contains("ETag"));
  for (auto* status : {"200", "405", "415", "503", "default"}) CHECK(headers(status).contains("traceparent"));
  CHECK(headers("405").contains("Allow"));
  CHECK(headers("415").contains("Accept-Encoding"));
  CHECK(headers("503").contains("Retry-After"));
  CHECK(get.at("responses").at("405").at("description").as_string() == "Method Not Allowed");
  CHECK_FALSE(d.at("paths").at("/orders").at("post").at("requestBody").at("required").as_bool());
}

TEST_CASE("paths that differ in the names of their captures only are one path, under the first names", "[http][openapi]") {
  const json::value d =
      openapi_document({.title = "x"},
                       {{.method = "GET", .path = "/a/{id}/b/{n}"},
                        {.method = "PUT", .path = "/a/{key}/b/{id}", .parameters = {{.name = "id", .in = "path", .schema = order}}}})
          .value();
  REQUIRE(d.at("paths").as_object().size() == 1);
  const auto& put = d.at("paths").at("/a/{id}/b/{n}").at("put").at("parameters").as_array();
  CHECK(put[0].at("name").as_string() == "id");
  CHECK(put[0].at("schema") == json::value{{"type", "string"}});
  CHECK(put[1].at("name").as_string() == "n");
  CHECK(put[1].at("schema") == order);
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
