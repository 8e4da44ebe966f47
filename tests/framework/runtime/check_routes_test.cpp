// Mistakes in routes that are found before a node starts.
#include <banyan/http/http_routes.hpp>
#include <banyan/http/static_files.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/edge.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

struct thing {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(thing, (), (n))

struct get_thing {
  using reply = thing;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(get_thing, (), (id))

plan with(const std::string& service, std::vector<route_spec> routes) {
  plan p{service};
  http_routes{.routes = std::move(routes)}.contribute(p);
  p.implements(describe_operation<get_thing>(service), "handles.get_thing");
  return p;
}

std::vector<problem> problems_of(std::vector<route_spec> routes) { return check_routes(application{"app", {with("things", std::move(routes))}}); }

}  // namespace

TEST_CASE("routes without a mistake are no problem") {
  CHECK(problems_of({query<get_thing>("GET /things/{id}"), command<get_thing>("PATCH /things/{id}", {.name = "patch"})}).empty());
}

TEST_CASE("a method that does not exist is a problem, with the one that was meant") {
  const auto problems = problems_of({query<get_thing>("GETT /things/{id}")});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "things.http_route.get_thing");
  CHECK_THAT(problems[0].sentence, Catch::Contains("did you mean GET?"));
  CHECK(problems_of({query<get_thing>("TRACE /things/{id}")}).size() == 1);
}

TEST_CASE("a success that is answered as something else is a problem") {
  for (int status : {200, 201, 202, 299}) CHECK(problems_of({query<get_thing>("GET /things/{id}", {.success = status})}).empty());
  for (int status : {-1, 0, 100, 199, 300, 404, 999}) {
    const auto problems = problems_of({query<get_thing>("GET /things/{id}", {.success = status})});
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].where == "things.http_route.get_thing");
    CHECK_THAT(problems[0].sentence, Catch::Contains("answers success with " + std::to_string(status)));
  }
}

TEST_CASE("a capture that the request has no member for is a problem") {
  const auto problems = problems_of({query<get_thing>("GET /things/{idd}")});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "things.http_route.get_thing");
  CHECK_THAT(problems[0].sentence, Catch::Contains("captures {idd}") && Catch::Contains("did you mean {id}?"));
}

TEST_CASE("two services with one route are told with both owners") {
  const auto problems =
      check_routes(application{"app", {with("things", {query<get_thing>("GET /things/{id}")}), with("others", {query<get_thing>("GET /things/{id}")})}});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "others.http_route.get_thing");
  CHECK_THAT(problems[0].sentence, Catch::Contains("things.http_route.get_thing"));
}

TEST_CASE("a request that nothing of a route can fill is a problem") {
  for (auto content : {shape::text(), shape::list(shape::text())}) {
    auto get = query<get_thing>("GET /things"), post = command<get_thing>("POST /things", {.name = "post"});
    get.request_shape = post.request_shape = [content] { return content; };
    const auto problems = problems_of({get, post});
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].where == "things.http_route.get_thing");
    CHECK_THAT(problems[0].sentence, Catch::Contains("\"GET /things\" fills nothing of get_thing"));
  }
  auto get = query<get_thing>("GET /things"), post = command<get_thing>("POST /things", {.name = "post"});
  get.request_shape = post.request_shape = [] { return shape::variant(); };
  CHECK(problems_of({get, post}).size() == 1);
}

TEST_CASE("a route whose request nobody answers is a problem, wherever it is answered") {
  plan edge{"edge"};
  http_routes{.routes = std::vector{query<get_thing>("GET /things/{id}")}}.contribute(edge);
  const auto problems = check_routes(application{"app", {edge}});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "edge.http_route.get_thing");
  CHECK_THAT(problems[0].sentence, Catch::Contains("asks get_thing, which no service of this application answers"));
  CHECK(check_routes(application{"app", {edge, with("things", {})}}).empty());
}

TEST_CASE("a file that nobody can ask for is a problem, and so is one that hides another file or a route") {
  const auto with_files = [](const std::string& service, const std::vector<std::string>& paths) {
    plan p{service};
    std::vector<static_file> files;
    for (const auto& path : paths) files.push_back({path, "text/plain", "x"});
    static_files{.files = files}.contribute(p);
    return p;
  };
  const auto sentence_of = [](const application& app) {
    const auto problems = check_routes(app);
    REQUIRE(problems.size() == 1);
    return problems[0].where + ": " + problems[0].sentence;
  };
  CHECK(check_routes(application{"app", {with_files("page", {"/index.html", "/art/a b.svg", "/%2e.css"})}}).empty());
  for (const auto* path : {"style.css", "", "/", "/a//b", "/a/", "/../a", "/./a", "/a\\b", "/a\n", "/\xff"}) {
    CAPTURE(path);
    CHECK_THAT(sentence_of(application{"app", {with_files("page", {path})}}), Catch::Contains("can never be asked for"));
  }
  CHECK(sentence_of(application{"app", {with_files("page", {"/a.css"}), with_files("admin", {"/a.css"})}}) ==
        "admin.static_files.files: the file \"/a.css\" is never served: there is one of page.static_files.files");
  CHECK_THAT(sentence_of(application{"app", {with_files("page", {"/openapi.json"})}}), Catch::Contains("of the edge itself"));
  const auto hidden = [&](const std::string& pattern, const std::string& file) {
    auto route = query<get_thing>(pattern);
    return check_routes(application{"app", {with("things", {route}), with_files("page", {file})}});
  };
  CHECK(hidden("GET /things", "/things").size() == 1);
  CHECK(hidden("GET /", "/index.html").size() == 1);
  CHECK(hidden("GET /openapi.json", "/a.css").size() == 1);
  CHECK(hidden("GET /{id}", "/things").empty());
  CHECK(hidden("PUT /things", "/things").empty());
}

TEST_CASE("all mistakes are told at once") {
  CHECK(problems_of({query<get_thing>("GETT /a/{id}", {.name = "a"}), query<get_thing>("GET /b/{wrong}", {.name = "b"}),
                     query<get_thing>("GET c", {.name = "c"})})
            .size() == 3);
}

TEST_CASE("a header or a body that fills no member is a problem, and so is one whose member has no plain text") {
  const auto sentence_of = [](route_spec route) {
    const auto problems = problems_of({std::move(route)});
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].where == "things.http_route.get_thing");
    return problems[0].sentence;
  };
  CHECK(problems_of({command<get_thing>("POST /things", {.headers = {{"X-Id", "id"}}})}).empty());
  CHECK(problems_of({command<get_thing>("POST /things", {.body_as = "id"})}).empty());
  CHECK_THAT(sentence_of(command<get_thing>("POST /things", {.headers = {{"X-Id", "idd"}}})),
             Catch::Contains("did you mean id?"));
  CHECK_THAT(sentence_of(command<get_thing>("POST /things", {.headers = {{"X Id", "id"}}})),
             Catch::Contains("no name of a header"));
  CHECK_THAT(sentence_of(command<get_thing>("POST /things", {.body_as = "idd"})), Catch::Contains("from the body"));
  CHECK_THAT(sentence_of(query<get_thing>("GET /things", {.body_as = "id"})), Catch::Contains("a GET has none"));
}
