// An OpenAPI 3.1 document from a list of operations, so that the API that is served and the API that is documented are one.
//
//   boost::json::object document = openapi_document({.title = "orders", .version = "1.0.0"}, operations);
//
// Pure. Parameters come from the captures of the path; every operation may answer with a problem (RFC 9457), listed by the status of its
// error codes. OpenAPI 3.1 schemas are JSON Schema 2020-12 (https://spec.openapis.org/oas/v3.1.0).
#pragma once

#include <banyan/core/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct api_operation {
  std::string method = {};                                // "POST"
  std::string path = {};                                  // "/orders/{id}"
  std::string summary = {};                               // one line
  std::string operation_id = {};                          // unique in the document; "" leaves it out
  std::optional<boost::json::value> request_schema = {};  // absent: no body
  std::optional<boost::json::value> response_schema = {};
  int success_status = 200;
  std::vector<code> errors = {};  // what it may answer besides success
};

struct api_description {
  std::string title = {};
  std::string version = "1.0.0";
  std::string description = {};
};

// Errors: invalid_argument for a path or method that is no route (`field` is "operations[2]"), conflict for an operation listed twice, by
// route or by id.
result<boost::json::object> openapi_document(const api_description& about, const std::vector<api_operation>& operations);

}  // namespace banyan
