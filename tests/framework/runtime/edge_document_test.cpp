// The OpenAPI document and the edge are one: requests made from the document are taken, what it forbids is refused, and every answer is one
// that it lists. For the sample shop, and for an API that has every type in every place.
#include <tests/framework/runtime/document_requests.hpp>
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/every_type.hpp>
#include <tests/services/the_shop.hpp>

#include <banyan/journal/position_token.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/runtime/node.hpp>

#include <catch2/catch.hpp>

#include <regex>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;
using every_type::the_things;
using test::document_requests;
using test::extent;
namespace json = boost::json;

namespace {

// A world, its document, and a client that checks of each answer that the document lists it.
struct documented : test::edge_client {
  documented(const application& app, std::map<std::string, json::value> samples)
      : edge_client{app}, document(parse_json(send("GET", "/openapi.json").body).value()), requests{document, std::move(samples)} {}

  http_response ask(const document_requests::operation& o, http_request r) {
    CAPTURE(o.method, r.target, r.body);
    const auto answer = send(r.method, r.target, r.body, r.headers);
    INFO(answer.body);
    CHECK(o.answers(answer.status));
    if (!o.answers(answer.status)) return answer;
    auto& listed = o.described.at("responses").at(std::to_string(answer.status)).as_object();
    CHECK(listed.at("headers").as_object().contains("traceparent"));
    CHECK(answer.headers.find("traceparent"));
    for (auto& name : {"Allow", "Retry-After", "Accept-Encoding", "X-Banyan-Position"})
      if (answer.headers.find(name)) CHECK(listed.at("headers").as_object().contains(name));
    if (auto* position = answer.headers.find("X-Banyan-Position")) CHECK(std::regex_search(*position, pattern_of(o, "X-Banyan-Position")));
    const bool problem = answer.headers.get("Content-Type") == "application/problem+json";
    CHECK(listed.at("content").as_object().contains(problem ? "application/problem+json" : "application/json"));
    if (problem) check_problem(answer);
    return answer;
  }
  // What the document says of a header that a client sends.
  static std::regex pattern_of(const document_requests::operation& o, std::string_view header) {
    for (auto& p : o.parameters("header"))
      if (p.at("name").as_string() == header) return std::regex{p.at("schema").at("pattern").as_string().c_str()};
    return std::regex{"no such header"};
  }
  // Every member of a problem is in its schema, and everything that the schema requires is there.
  void check_problem(const http_response& r) {
    const auto problem = parse_json(r.body).value();
    auto& schema = document.at("components").at("schemas").at("problem").as_object();
    for (auto& member : problem.as_object()) CHECK(schema.at("properties").as_object().contains(member.key()));
    for (auto& name : schema.at("required").as_array()) CHECK(problem.as_object().contains(name.as_string()));
  }
  void taken(const document_requests::operation& o, extent how) {
    auto r = requests.make(o, how);
    CAPTURE(o.method, r.target, r.body);
    const auto answer = ask(o, std::move(r));
    INFO(answer.body);
    CHECK(answer.status == o.success());
  }
  void refused(const document_requests::operation& o, http_request r, const std::string& field) {
    CAPTURE(o.method, r.target, r.body, field);
    const auto answer = ask(o, std::move(r));
    INFO(answer.body);
    CHECK(answer.status == 400);
    if (answer.status != 400) return;
    const auto problem = parse_json(answer.body).value();
    CHECK(std::string{problem.at("field").as_string()}.starts_with(field));
  }
  void refuses_what_is_forbidden(const document_requests::operation& o);

  json::value document;
  document_requests requests;
};

http_request with_body(http_request r, json::object body) {
  r.body = json::serialize(body);
  r.headers.set("Content-Type", "application/json");
  return r;
}

// The target without one parameter of its query.
std::string without(const std::string& target, const std::string& name) {
  auto query = target.find('?');
  std::string out = target.substr(0, query);
  char separator = '?';
  while (query != std::string::npos) {
    const auto next = target.find('&', query + 1);
    const auto one = target.substr(query + 1, next == std::string::npos ? next : next - query - 1);
    if (!one.starts_with(name + "=")) out += separator + one, separator = '&';
    query = next;
  }
  return out;
}

bool has_header(const document_requests::operation& o, const std::string& name) {
  for (auto& p : o.parameters("header"))
    if (p.at("name").as_string() == name) return true;
  return false;
}

// What stands in a target where the path has a capture.
std::string segment_of(const std::string& target, const std::string& path, const std::string& name) {
  const auto before = std::count(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(path.find("{" + name + "}")), '/');
  std::size_t at = 0;
  for (std::ptrdiff_t i = 0; i < before; ++i) at = target.find('/', at) + 1;
  return target.substr(at, target.find_first_of("/?", at) - at);
}

// Whether every text is one of the schema's values: then none can be refused for what it is.
bool holds_any_text(const json::object& schema) {
  if (schema.at("type").as_string() == "array") return holds_any_text(schema.at("items").as_object());
  return schema.at("type").as_string() == "string" && !schema.contains("enum") && !schema.contains("format");
}

void documented::refuses_what_is_forbidden(const document_requests::operation& o) {
  const auto minimal = requests.make(o, extent::minimal);
  for (auto& p : o.parameters("query")) {
    const std::string name{p.at("name").as_string()};
    const auto written = document_requests::encoded(name);
    if (p.at("required").as_bool()) {
      auto r = minimal;
      r.target = without(r.target, written);
      refused(o, r, name);
    }
    auto schema = p.contains("content") ? json::object{{"type", "object"}} : p.at("schema").as_object();
    if (holds_any_text(schema)) continue;
    auto r = minimal;
    r.target = without(r.target, written);
    r.target += (r.target.find('?') == std::string::npos ? "?" : "&") + written + "=%00wrong";
    refused(o, r, name);
  }
  for (auto& p : o.parameters("path")) {
    auto& schema = p.contains("content") ? p.at("content").at("application/json").at("schema") : p.at("schema");
    if (schema.at("type").as_string() == "string" && !schema.as_object().contains("enum")) continue;
    const std::string name{p.at("name").as_string()};
    auto r = minimal;
    r.target = o.path;
    for (auto& q : o.parameters("path")) {
      const std::string other{q.at("name").as_string()};
      const auto good = requests.make(o, extent::minimal);
      const auto at = r.target.find("{" + other + "}");
      r.target.replace(at, other.size() + 2, other == name ? "wrong" : segment_of(good.target, o.path, other));
    }
    refused(o, r, name);
  }
  if (auto* body = o.body()) {
    const auto whole = requests.value(*body, {}, true).as_object();
    for (auto& member : whole) {
      if (document_requests::is_required(*body, member.key())) {
        auto less = whole;
        less.erase(member.key());
        refused(o, with_body(minimal, less), std::string{member.key()});
      }
      auto& schema = body->at("properties").at(member.key()).as_object();
      if (schema.empty()) continue;  // any value
      auto wrong = whole;
      wrong[member.key()] = schema.contains("type") && schema.at("type").as_string() == "object"
                                ? json::value(1)
                                : json::value(json::object{{"no", 1}, {"such", 2}});
      refused(o, with_body(minimal, wrong), std::string{member.key()});
      for (auto bound : {"minimum", "maximum"})
        if (schema.contains(bound)) {
          wrong[member.key()] = schema.at(bound).to_number<std::int64_t>() + (bound == std::string_view{"minimum"} ? -1 : 1);
          refused(o, with_body(minimal, wrong), std::string{member.key()});
        }
    }
    if (o.described.at("requestBody").at("required").as_bool()) {
      auto none = minimal;
      none.body.clear();
      CHECK(ask(o, none).status == 400);
    }
    for (auto* no_object : {"[]", "1", "{"}) {
      auto r = minimal;
      r.body = no_object;
      r.headers.set("Content-Type", "application/json");
      CHECK(ask(o, r).status == 400);
    }
    auto text = with_body(minimal, whole);
    text.headers.set("Content-Type", "text/plain");
    CHECK(ask(o, text).status == 415);
  } else if (o.method == "GET" || o.method == "DELETE") {
    CHECK(ask(o, with_body(minimal, {})).status == 400);
  }
  for (auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"Idempotency-Key", "a b"},
                                                                              {"X-Banyan-Position", "latest"},
                                                                              {"X-Banyan-Deadline-Ms", "0"},
                                                                              {"X-Banyan-Deadline-Ms", "86400001"}}) {
    if (name == "Idempotency-Key" && !has_header(o, name)) continue;
    CHECK(has_header(o, name));
    auto r = minimal;
    r.headers.add(name, value);
    refused(o, r, name);
  }
  if (o.method != "GET") {
    auto foreign = minimal;
    foreign.headers.add("Origin", "http://evil.example");
    CHECK(ask(o, foreign).status == 403);
    auto conditional = minimal;
    conditional.headers.add("If-None-Match", "*");
    CHECK(ask(o, conditional).status == 412);
  }
}

std::set<std::string> declared(const application& app) {
  std::set<std::string> patterns;
  for (auto& p : app.services)
    for (auto& [item, r] : p.all<route_spec>()) patterns.insert(r->pattern);
  return patterns;
}

// Of the beginning: every journal has that one.
std::string sample_position(documented&) { return to_string(position_token{}); }

}  // namespace

TEST_CASE("every declared route is in the document with its success, and no other") {
  documented w{shop_test::the_shop(), {}};
  std::set<std::string> found, ids;
  for (auto& o : w.requests.operations()) {
    found.insert(o.method + " " + o.path);
    CHECK(ids.insert(o.id()).second);
  }
  CHECK(found == declared(shop_test::the_shop()));
  CHECK(w.document.at("paths").at("/orders").at("post").at("responses").as_object().contains("201"));
}

TEST_CASE("an operation lists every status that it can come to") {
  documented w{the_things(), {}};
  const std::set<std::string> everywhere{"400", "404", "405", "408", "409", "413", "414", "415", "417",    "421",
                                         "422", "429", "431", "500", "501", "503", "504", "505", "default"};
  for (auto& o : w.requests.operations()) {
    std::set<std::string> listed;
    for (auto& r : o.described.at("responses").as_object()) listed.insert(std::string{r.key()});
    auto expected = everywhere;
    expected.insert(std::to_string(o.id() == "put_thing" ? 201 : 200));
    if (o.method != "GET")
      for (auto* status : {"403", "412"}) expected.insert(status);
    CHECK(listed == expected);
  }
}

TEST_CASE("what the path captures is a parameter of its type and no member of the body; a body is required only where it is") {
  documented w{the_things(), {}};
  auto& put = w.document.at("paths").at("/things/{thing}/{number}/{how}/{price}").at("put");
  auto& parameters = put.at("parameters").as_array();
  CHECK(parameters[0].at("schema") == json::value{{"type", "string"}});
  CHECK(parameters[1].at("schema").at("type").as_string() == "integer");
  CHECK(parameters[2].at("schema").at("enum") == json::value{"narrow", "wide"});
  CHECK(parameters[3].at("content").at("application/json").at("schema").at("title").as_string() == "money");
  auto& body = put.at("requestBody").at("content").at("application/json").at("schema").as_object();
  for (auto* captured : {"thing", "number", "how", "price"}) {
    CHECK_FALSE(body.at("properties").as_object().contains(captured));
    CHECK_FALSE(document_requests::is_required(body, captured));
  }
  CHECK(put.at("requestBody").at("required").as_bool());
  CHECK_FALSE(w.document.at("paths").at("/resets").at("post").as_object().contains("requestBody"));
  documented shop{shop_test::the_shop(), {}};
  CHECK_FALSE(shop.document.at("paths").at("/orders/{id}/cancel").at("post").at("requestBody").at("required").as_bool());
  CHECK(shop.document.at("paths")
            .at("/products/{sku}")
            .at("put")
            .at("responses")
            .at("200")
            .at("headers")
            .as_object()
            .contains("X-Banyan-Position"));
}

TEST_CASE("an API with every type takes what its document says, and refuses what it forbids") {
  documented w{the_things(), {}};
  for (auto& o : w.requests.operations()) {
    const std::map<std::string, json::value> samples{{"X-Banyan-Position", json::value(sample_position(w))},
                                                     {"X-Banyan-Deadline-Ms", 5000},
                                                     {"Idempotency-Key", json::value("key-of-" + o.id())},
                                                     {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}};
    w.requests = document_requests{w.document, samples};
    for (auto how : {extent::minimal, extent::full, extent::by_query}) w.taken(o, how);
    w.refuses_what_is_forbidden(o);
  }
}

TEST_CASE("the shop takes what its document says: commands first, then what reads them") {
  documented w{shop_test::the_shop(), {}};
  auto all = w.requests.operations();
  std::map<std::string, int> order{
      {"put_product", 0}, {"put_customer", 1}, {"receive_stock", 2},  {"checkout", 3},    {"cancel_order", 4},
      {"put_line", 5},    {"add_line", 6},     {"check_out_cart", 7}, {"remove_line", 8}, {"clear_cart", 8}};
  std::stable_sort(all.begin(), all.end(), [&](auto& a, auto& b) {
    const auto of = [&](auto& o) { return order.contains(o.id()) ? order[o.id()] : 9; };
    return of(a) < of(b);
  });
  for (auto how : {extent::minimal, extent::full, extent::by_query}) {
    const auto number = std::to_string(static_cast<int>(how));
    for (auto& o : all) {
      w.requests = document_requests{w.document,
                                     {{"X-Banyan-Position", json::value(sample_position(w))},
                                      {"X-Banyan-Deadline-Ms", 5000},
                                      {"Idempotency-Key", json::value(o.id() + number)},
                                      {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"},
                                      {"id", json::value("A" + number)},
                                      {"sku", "A1"},
                                      {"payment", "tok_ok"},
                                      {"order", json::value((o.id() == "check_out_cart" ? "C" : "A") + number)},
                                      {"customer", json::value("A" + number)},
                                      {"currency", "GBP"},
                                      {"kind", o.id() == "checkout" ? "sale" : "receipt"},
                                      {"unit_price", "2.55"},
                                      {"email", "ann@shop.example"},
                                      {"country", "United Kingdom"},
                                      {"line", 1},
                                      {"after", "A0"},
                                      {"limit", 10}}};
      if (o.id() == "settle") {  // what is signed is not in the document
        CHECK(w.ask(o, w.requests.make(o, how)).status >= 400);
        continue;
      }
      if (how == extent::minimal && o.id() == "checkout") {  // without an id the shop makes one, which nobody could cancel then
        auto r = w.requests.make(o, extent::minimal);
        auto body = parse_json(r.body).value().as_object();
        body["id"] = "A0";
        CHECK(w.ask(o, with_body(r, body)).status == 201);
        w.settle();
        continue;
      }
      w.taken(o, how);
      w.settle();
    }
  }
}

TEST_CASE("another method than those of a path is 405, and Allow names them") {
  documented w{the_things(), {}};
  std::map<std::string, std::set<std::string>> methods;
  for (auto& o : w.requests.operations()) methods[o.path].insert(o.method);
  for (auto& [path, here] : methods)
    for (auto* method : {"GET", "PUT", "POST", "DELETE", "PATCH"}) {
      if (here.contains(method)) continue;
      std::string target = path;
      while (target.find('{') != std::string::npos) target.replace(target.find('{'), target.find('}') - target.find('{') + 1, "1");
      const auto answer = w.send(method, target);
      CHECK(answer.status == 405);
      for (auto& m : here) CHECK(std::string{answer.headers.get("Allow")}.find(m) != std::string::npos);
    }
}
