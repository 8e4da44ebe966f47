// What `banyan describe|check|events|topology` read: the pages of the operations port, by HTTP and through the client.
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/core/json.hpp>
#include <banyan/runtime/check_report.hpp>
#include <banyan/runtime/events_command.hpp>
#include <banyan/runtime/node_commands.hpp>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <sstream>

using namespace banyan;
using banyan::test::lantern;
using banyan::test::the_catalog;
using namespace std::chrono_literals;

namespace {

const std::string token = "s3cret";

struct a_node {
  a_node() : n{the_catalog(), {.operator_token = token}} {
    for (const auto* sku : {"A1", "A2", "A3"})
      REQUIRE(n.send("PUT", std::string{"/products/"} + sku, lantern).status == 200);
    REQUIRE(n.send("PUT", "/products/A1", R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})").status == 200);
  }
  http_response get(const std::string& target, const std::string& with = token) {
    http_request r;
    r.target = target;
    if (!with.empty()) r.headers.set("Authorization", "Bearer " + with);
    return n.operations(std::move(r));
  }
  operations_url address() const { return {.authority = "127.0.0.1:" + std::to_string(n.operations_port())}; }
  test::running_node n;
};

// What a function prints, behind its exit code.
template <class F>
std::string printed(F command) {
  std::ostringstream out, err;
  const int code = command(out, err);
  return std::to_string(code) + "\n" + out.str() + err.str();
}

struct page_of_streams {
  std::vector<boost::json::value> streams;
};
BOOST_DESCRIBE_STRUCT(page_of_streams, (), (streams))

}  // namespace

TEST_CASE("the plan is served in each of its forms") {
  a_node node;
  const auto text = node.get("/plan?form=text");
  CHECK(text.headers.get("Content-Type") == "text/plain; charset=utf-8");
  CHECK(text.body.find("event_sourced listing") != std::string::npos);
  CHECK(text.body.find("operator_token") != std::string::npos);
  CHECK(text.body.find(token) == std::string::npos);
  CHECK(node.get("/plan?form=dot").body.starts_with("digraph"));
  CHECK(node.get("/plan?form=json").body == node.get("/plan").body);
  CHECK(node.get("/plan").headers.get("Content-Type") == "application/json");
  CHECK(node.get("/plan?form=yaml").status == 400);
}

TEST_CASE("a check of a running node tells its health, too") {
  a_node node;
  const auto report = from_json<check_report>(node.get("/check").body);
  REQUIRE(report);
  CHECK(report->problems.empty());
  CHECK_FALSE(report->health.empty());
  node.n.operations().edge_draining();
  operations_client client{node.address(), ""};
  const auto said = printed([&](auto& out, auto& err) { return show_check(client, false, out, err); });
  CHECK(said.starts_with("1\nThe plan and its configuration are sound.\n"));
  CHECK(said.find("waiting: edge: draining\n") != std::string::npos);
  CHECK(said.find("ready.") == std::string::npos);
}

TEST_CASE("a report is printed with its problems, notes and health, and decides the exit code") {
  const auto said = [](const check_report& r) {
    return printed([&](auto& out, auto& err) { return print(r, false, out, err); });
  };
  CHECK(said({{}, {"a remark"}}) == "0\nThe plan and its configuration are sound.\nnote: a remark\n");
  CHECK(said({{}, {}, {{"edge", health_state::ready, "open"}, {"log", health_state::degraded, "slow"}}}) ==
        "0\nThe plan and its configuration are sound.\ndegraded: log: slow\nThe node is ready.\n");
  const auto wrong = said({{{"orders", "it is wrong"}}, {}});
  CHECK(wrong.starts_with("1\n"));
  CHECK(wrong.find("orders") != std::string::npos);
  CHECK(wrong.find("sound") == std::string::npos);
}

TEST_CASE("events are read with the operator's token alone") {
  a_node node;
  for (const auto* page : {"/streams", "/events?stream=catalog-A1"}) {
    CAPTURE(page);
    CHECK(node.get(page).status == 200);
    CHECK(node.get(page, "").status == 401);
    CHECK(node.get(page, "another").status == 401);
    CHECK(node.n.operations("POST", page).status == 405);
  }
  test::running_node without{the_catalog()};
  CHECK(without.operations("/streams").status == 403);
}

TEST_CASE("streams and events come page by page") {
  a_node node;
  const auto streams = [&](const std::string& query) {
    return from_json<page_of_streams>(node.get("/streams?" + query).body).value().streams.size();
  };
  CHECK(streams("") == 3);
  CHECK(streams("limit=2") == 2);
  CHECK(streams("after=catalog-A2") == 1);
  CHECK(streams("prefix=orders") == 0);
  const auto has_version = [&](const std::string& query, int v) {
    return node.get("/events?stream=catalog-A1&" + query).body.find("\"version\":" + std::to_string(v)) != std::string::npos;
  };
  CHECK((has_version("", 1) && has_version("", 2)));
  CHECK((has_version("limit=1", 1) && !has_version("limit=1", 2)));
  CHECK((!has_version("from=2", 1) && has_version("from=2", 2)));
  CHECK((!has_version("backwards=true&limit=1", 1) && has_version("backwards=true&limit=1", 2)));
  CHECK(node.get("/events?stream=catalog-A1&from=3").body == R"({"events":[]})");
  for (const auto* wrong : {"/streams?limit=0", "/streams?limit=10001", "/streams?limit=x", "/events?stream=a&from=-1",
                            "/events?stream=a&limit=99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(node.get(wrong).status == 400);
  }
}

TEST_CASE("events of a running node are printed like those of its journal") {
  a_node node;
  operations_client client{node.address(), token};
  node_events remote{client};
  journal_events local{node.n.journal};
  const auto same = [&](auto command, events_query q) {
    const auto from = [&](events_source& s) { return printed([&](auto& out, auto& err) { return command(s, q, out, err); }); };
    CHECK(from(remote) == from(local));
    return from(remote);
  };
  const bool json = GENERATE(true, false);
  CHECK(same(list_events, {.json = json}).find("catalog-A3") != std::string::npos);
  same(list_events, {.limit = 2, .json = json});
  same(list_events, {.prefix = "nothing", .json = json});
  CHECK(same(show_events, {.stream = "catalog-A1", .json = json}).find("lantern") != std::string::npos);
  same(show_events, {.stream = "catalog-A1", .after_version = 1, .pretty = true, .json = json});
  same(show_events, {.stream = "catalog-A1", .limit = 1, .json = json});
  same(show_events, {.stream = "nowhere?&/%", .json = json});
}

TEST_CASE("a node that does not answer in time is told with its address") {
  completion<http_response> held;
  auto server = http_server::start({}, [&](http_request, completion<http_response> a) { held = std::move(a); }).value();
  const auto address = "127.0.0.1:" + std::to_string(server->port());
  operations_client client{{.authority = address}, "", {.read = 20ms}};
  const auto said = printed([&](auto& out, auto& err) { return show_topology(client, false, out, err); });
  CHECK(said.starts_with("1\ndeadline_exceeded: no node answers at " + address));
}
