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
//   - unknown parameters and unknown members of the body are ignored, so that newer clients can call older programs;
//   - a member named in `taken_from` comes from a header, which occurs at most once, or is the whole body as it was
//     sent, not parsed: the bytes that a signature is of. Of a route that takes the whole body the other members come
//     from the path, headers and the query string.
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
#include <utility>
#include <vector>

namespace banyan {

// Members that are not read by their name.
struct taken_from {
  std::string body = {};                                          // the member that is the whole body: text, in UTF-8
  std::vector<std::pair<std::string, std::string>> headers = {};  // header, member: simple
};

struct request_member {
  enum class source { path, query, header, body, body_or_query, whole_body };
  enum class form { plain, repeated, json };  // text form
  std::string name;
  source from = source::body;
  bool required = true;
  shape type;  // of an optional member: its content's
  form as_text = form::plain;
  std::string header = {};
};

class request_members {
 public:
  request_members(const route_pattern& pattern, const shape& request, const taken_from& elsewhere = {});

  result<boost::json::object> read(const http_request& request, const route_match& match) const;

  const std::vector<request_member>& all() const { return all_; }
  // The members that a body may have; a record without parts when there are none. For a request that is no record:
  // the whole; for a body that is a member: any.
  const shape& body() const { return body_; }
  bool takes_body() const { return takes_body_; }
  bool needs_body() const { return needs_body_; }  // a required member can only come from the body

 private:
  const request_member* find(std::string_view name) const;
  result<void> read_captures(const route_match& match, boost::json::object& fields) const;
  result<void> read_query(const http_request& request, boost::json::object& fields) const;
  result<void> read_headers(const http_request& request, boost::json::object& fields) const;
  result<boost::json::object> read_body(const http_request& request) const;

  std::string method_;
  std::vector<request_member> all_;
  shape body_;
  std::string whole_body_;  // the member; empty: the body is parsed
  bool takes_body_ = false;
  bool needs_body_ = false;
};

}  // namespace banyan
