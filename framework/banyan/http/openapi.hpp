// An OpenAPI 3.1 document generated from a list of operations, so that served and documented API agree.
//
//   boost::json::object document = openapi_document({.title = "orders", .version = "1.0.0"}, operations);
//
// Pure. Captures of the path are string parameters unless described otherwise; every operation may answer with a
// problem (RFC 9457), listed by the status of its error codes. OpenAPI 3.1 schemas are JSON Schema 2020-12
// (https://spec.openapis.org/oas/v3.1.0). Paths that differ only in the names of captures are one path in OpenAPI;
// the first names are used.
#pragma once

#include <banyan/core/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct api_parameter {
  std::string name = {};
  std::string in = "query";  // "path", "query", "header"; a "path" parameter must be a capture of the path
  bool required = false;
  std::string description = {};
  boost::json::value schema = {};
  bool as_json = false;  // its text is JSON of that schema
};

struct api_header {
  std::string name = {};
  std::string description = {};
};

struct api_operation {
  std::string method = {};                                // "POST"
  std::string path = {};                                  // "/orders/{id}"
  std::string summary = {};                               // one line
  std::string operation_id = {};                          // unique in the document; "" leaves it out
  std::optional<boost::json::value> request_schema = {};  // absent: no body
  std::optional<boost::json::value> response_schema = {};
  int success_status = 200;
  std::vector<code> errors = {};  // error codes it may answer
  std::vector<api_parameter> parameters = {};
  bool body_required = true;              // if there is a body
  std::vector<int> statuses = {};         // further statuses, of HTTP itself
  std::vector<api_header> headers = {};   // of every response
  std::vector<api_header> success_headers = {};
  bool other_errors = false;              // may answer any other problem too: "default"
};

struct api_description {
  std::string title = {};
  std::string version = "1.0.0";
  std::string description = {};
};

// Errors: invalid_argument for an invalid path or method (`field` is "operations[2]"), conflict for an operation
// listed twice, by route or by id.
result<boost::json::object> openapi_document(const api_description& about, const std::vector<api_operation>& operations);

}  // namespace banyan
