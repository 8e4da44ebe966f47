// Where the members of a request come from: path, query string or JSON body. Decided once per route from its pattern and the shape of the
// request struct, then used to read requests and to describe them (OpenAPI), so that the two can not differ.
//
//   const request_members members{*route_pattern::parse("PUT /products/{sku}"), shape_of<put_product>()};
//   result<boost::json::object> fields = members.read(request, match);       // for from_value<put_product>(*fields)
//
// Rules:
//   - a member that the path captures comes from the path. In the body it may be repeated, with the same value; another one is an error;
//   - GET, HEAD and DELETE take the others from the query string, and no body. Other methods take them from the body, a JSON object;
//     optional ones that are simple, or lists of such, may come in the query string instead;
//   - a parameter that occurs twice, or names what the path or the body has as well, is an error: nothing wins silently;
//   - parameters and members of the body that the request does not know are ignored, so that newer clients can talk to older programs.
//
// As text in a path or a query string, a simple value (text, number, boolean, enumerator) is written plainly, a list of simple values in a
// query string as a parameter per item, everything else as JSON text. Errors are invalid_argument and name the member.
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
  enum class form { plain, repeated, json };  // as text
  std::string name;
  source from = source::body;
  bool required = true;
  shape type;  // of the content, when it is optional
  form as_text = form::plain;
};

class request_members {
 public:
  request_members(const route_pattern& pattern, const shape& request);

  result<boost::json::object> read(const http_request& request, const route_match& match) const;

  const std::vector<request_member>& all() const { return all_; }
  // The members that a body may have; a record without parts when there are none. Of a request that is no record: all of it.
  const shape& body() const { return body_; }
  bool takes_body() const { return takes_body_; }
  bool needs_body() const { return needs_body_; }  // without one something is missing

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
