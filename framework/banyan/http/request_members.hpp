// The source of each member of a request struct: path, query string or JSON body. Decided once per route from its
// pattern and the struct's shape, then used both to read requests and to describe them (OpenAPI).
//
//   const request_members members{*route_pattern::parse("PUT /products/{sku}"), shape_of<put_product>()};
//   result<boost::json::object> fields = members.read(request, match);       // for from_value<put_product>(*fields)
//
// Rules:
//   - a member captured by the path comes from the path. The body may repeat it with the same value; another value
//     is an error;
//   - GET, HEAD and DELETE take the others from the query string, and no body. Other methods take them from the
//     body, a JSON object; optional members that are simple, or lists of simple values, may come in the query string
//     instead;
//   - a parameter that occurs twice, or is also in the path or the body, is an error: no silent precedence;
//   - unknown parameters and unknown members of the body are ignored, so that newer clients can call older programs.
//
// Text forms in a path or query string: a simple value (string, number, boolean, enumerator) plainly, a list of
// simple values in a query string as one parameter per item, everything else as JSON. Errors are invalid_argument
// with the member's name.
#pragma once

#include <banyan/core/shape.hpp>
#include <banyan/http/route.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct request_member {
  enum class source { path, query, body, body_or_query };
  enum class form { plain, repeated, json };  // text form
  std::string name;
  source from = source::body;
  bool required = true;
  shape type;  // of an optional member: its content's
  form as_text = form::plain;
};

class request_members {
 public:
  request_members(const route_pattern& pattern, const shape& request);

  result<boost::json::object> read(const http_request& request, const route_match& match) const;

  const std::vector<request_member>& all() const { return all_; }
  // The members that a body may have; a record without parts when there are none. For a request that is no record:
  // the whole.
  const shape& body() const { return body_; }
  bool takes_body() const { return takes_body_; }
  bool needs_body() const { return needs_body_; }  // a required member can only come from the body

 private:
  const request_member* find(std::string_view name) const;
  result<void> read_captures(const route_match& match, boost::json::object& fields) const;
  result<void> read_query(const http_request& request, boost::json::object& fields) const;

  std::string method_;
  std::vector<request_member> all_;
  shape body_;
  bool takes_body_ = false;
  bool needs_body_ = false;
};

}  // namespace banyan
