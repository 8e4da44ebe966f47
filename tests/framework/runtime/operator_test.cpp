// What an operator sees and does through the operations port, by HTTP and by the commands: dead letters, parked streams, crash loops.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <services/catalog/events.hpp>
#include <services/catalog/service.hpp>

#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/json.hpp>
#include <banyan/cqrs/operator_pages.hpp>
#include <banyan/pub_sub/operator_pages.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/operator_commands.hpp>

#include <CLI/CLI.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <sstream>

using namespace banyan;
using banyan::test::lantern;
using namespace std::chrono_literals;

namespace {

std::atomic<bool> mended{false};
std::atomic<const char*> refusal{"not today"};

struct picky_api {
  static constexpr std::string_view name = "picky";
  using operations = banyan::operations<>;
};
task<result<done>> refuse_until_mended(context<>, const shop::catalog::product_put&) {
  if (mended) co_return done{};
  co_return error{code::unavailable, refusal.load()};
}
const application& the_app() {
  static const application app{"app",
                               {shop::catalog::describe(), service<picky_api>(subscribes<refuse_until_mended>{
                                                               .topic = "catalog.product_put", .group = "mail", .from = from_start, .max_attempts = 1})}};
  return app;
}

bool says(const http_response& r, const std::string& part) { return r.body.find(part) != std::string::npos; }

// Exit code, output, errors of a command at an operations port.
std::tuple<int, std::string, std::string> run_at(std::uint16_t port, std::vector<std::string> words, std::string token,
                                                 const std::vector<problem>& mistakes = {}) {
  CLI::App cli;
  operations_arguments asked;
  operator_commands commands{cli, the_app(), asked, [](CLI::App&) {}};
  std::reverse(words.begin(), words.end());
  cli.parse(words);
  node_settings settings;
  settings.admin = "127.0.0.1:" + std::to_string(port);
  settings.operator_token = std::move(token);
  std::ostringstream out, err;
  const auto code = commands.run(settings, mistakes, out, err);
  return {code.value(), out.str(), err.str()};
}

// A node with dead letters of so many products.
struct with_dead_letters {
  explicit with_dead_letters(int products) : n{the_app(), {.operator_token = "s3cret"}} {
    mended = false;
    for (int i = 1; i <= products; ++i) REQUIRE(n.send("PUT", "/products/A" + std::to_string(i), lantern).status == 200);
    auto& progress = *test::subscription_of(*n.node, "catalog.product_put", "mail").progress;
    for (auto at = progress.checkpoint.load(); at < products; at = progress.checkpoint.load()) progress.checkpoint.wait(at);
    while (progress.dead_letters().count < products) std::this_thread::yield();
  }
  http_response replay(const std::string& position, const std::string& authorization = "Bearer s3cret") {
    return n.order("/dead-letters/catalog.product_put/mail/" + position + "/replay", authorization);
  }
  std::tuple<int, std::string, std::string> run(std::vector<std::string> words, std::string token = {}) {
    return run_at(n.operations_port(), std::move(words), std::move(token));
  }
  test::captured_log log{log_level::off};
  test::running_node n;
};

}  // namespace

TEST_CASE("dead letters are listed, shown with their payload, and degrade the node while there are any") {
  with_dead_letters w{2};
  auto list = from_json<dead_letters_page>(w.n.operations("/dead-letters").body);
  REQUIRE(list);
  REQUIRE(list->letters.size() == 2);
  CHECK(list->letters[0].topic == "catalog.product_put");
  CHECK(list->letters[0].group == "mail");
  CHECK(list->letters[0].position == 1);
  CHECK(list->letters[0].stream == "catalog-A1");
  CHECK(list->letters[0].attempts == 1);
  CHECK(list->letters[0].reason == "unavailable: not today");
  CHECK_FALSE(list->next);
  REQUIRE(list->letters[1].event);
  CHECK(w.n.operations("/dead-letters/catalog.product_put/mail/2?event=" + *list->letters[1].event).status == 200);
  CHECK(w.n.operations("/dead-letters/catalog.product_put/mail/2?event=" + *list->letters[0].event).status == 404);
  auto one = w.n.operations("/dead-letters/catalog.product_put/mail/2");
  CHECK(one.status == 200);
  CHECK(says(one, R"("payload":{"sku":"A2")"));
  CHECK(w.n.operations("/dead-letters/catalog.product_put/mail/3").status == 404);
  CHECK(w.n.operations("/dead-letters/catalog.product_put/nobody/1").status == 404);
  CHECK(w.n.operations("/dead-letters/catalog.product_put/mail/x").status == 400);
  CHECK(w.n.operations("/dead-letters/catalog.product_put").status == 404);
  auto ready = w.n.operations("/readyz");
  CHECK(says(ready, R"({"name":"dead letters of catalog.product_put, group mail","state":"degraded","sentence":"2 events given up: )"
                    R"(catalog-A1 at position 1 (unavailable: not today), ..."})"));
}

TEST_CASE("a page of dead letters says where the next one begins") {
  with_dead_letters w{5};
  std::vector<position> seen;
  std::string after;
  for (int page = 0; page < 3; ++page) {
    auto list = from_json<dead_letters_page>(w.n.operations("/dead-letters?limit=2" + (after.empty() ? "" : "&after=" + after)).body);
    REQUIRE(list);
    for (auto& d : list->letters) seen.push_back(d.position);
    CHECK(list->next.has_value() == (page < 2));
    after = list->next.value_or("");
  }
  CHECK(seen == std::vector<position>{1, 2, 3, 4, 5});
  CHECK(w.n.operations("/dead-letters?limit=0").status == 400);
  CHECK(w.n.operations("/dead-letters?after=x").status == 400);
  CHECK(w.n.operations("/dead-letters?group=nobody").body == R"({"letters":[]})");
}

TEST_CASE("who replays a dead letter has the token; a letter that stays says why, one that is handled is gone") {
  with_dead_letters w{1};
  CHECK(w.replay("1", "").status == 401);
  CHECK(w.replay("1", "Bearer s3crex").status == 401);
  CHECK(w.replay("1", "Bearer s3cre").status == 401);
  CHECK(w.replay("1", "Bearer s3crets").status == 401);
  CHECK(w.replay("1", "s3cret").status == 401);
  CHECK(w.n.operations("/dead-letters/catalog.product_put/mail/1/replay").status == 405);
  auto stays = w.replay("1");
  CHECK(stays.status == 503);
  CHECK(says(stays, R"("reason":"dead_letter_stays")"));
  CHECK(says(w.n.operations("/dead-letters"), R"("attempts":2)"));
  mended = true;
  auto handled = w.replay("1");
  CHECK(handled.status == 200);
  CHECK(handled.body == R"({"attempts":3})");
  CHECK(w.replay("1").status == 404);
  CHECK(w.n.operations("/dead-letters").body == R"({"letters":[]})");
  CHECK_FALSE(says(w.n.operations("/readyz"), "dead letters"));
}

TEST_CASE("without a configured token nothing is replayed, and the answer says which setting is missing") {
  test::running_node n{test::the_catalog()};
  auto refused = n.order("/parked/product_search/catalog-A1/replay", "Bearer ");
  CHECK(refused.status == 403);
  CHECK(says(refused, "no operator_token among its settings"));
}

TEST_CASE("parked streams are listed, and replayed by who has the token") {
  test::running_node n{test::the_catalog(), {.operator_token = "s3cret"}};
  CHECK(n.operations("/parked").body == R"({"parked":[],"streams":0})");
  append_request r;
  r.writes.push_back({"catalog-B2", expected::any(), {{derive(uuid{}, 1, "x"), "catalog.product_put", 1, "{}", {}}}});
  n.journal.append(std::move(r), [](result<append_result> ok) { REQUIRE(ok); });
  auto& progress = *test::view_of(*n.node, "product_search").progress;
  while (progress.parked.load() == 0) std::this_thread::yield();
  auto page = from_json<parked_page>(n.operations("/parked").body);
  REQUIRE(page);
  REQUIRE(page->parked.size() == 1);
  CHECK(page->parked[0].view == "product_search");
  CHECK(page->parked[0].stream == "catalog-B2");
  CHECK(page->streams == 1);
  CHECK(n.order("/parked/product_search/catalog-B2/replay", "").status == 401);
  auto still = n.order("/parked/product_search/catalog-B2/replay", "Bearer s3cret");
  CHECK(says(still, R"("reason":"parked")"));
  CHECK(n.order("/parked/nothing/catalog-B2/replay", "Bearer s3cret").status == 404);
}

TEST_CASE("the commands print what the port says, and give their exit codes") {
  with_dead_letters w{2};
  auto [listed, table, none] = w.run({"dead-letters", "list"});
  CHECK(listed == 0);
  CHECK(table ==
        "TOPIC                GROUP  POSITION  STREAM      ATTEMPTS  REASON\n"
        "catalog.product_put  mail   1         catalog-A1  1         unavailable: not today\n"
        "catalog.product_put  mail   2         catalog-A2  1         unavailable: not today\n");
  auto [more, one, hint] = w.run({"dead-letters", "list", "--limit", "1"});
  CHECK(hint == "There are more: --limit 10, or --topic and --group.\n");
  auto [shown, letter, nothing] = w.run({"dead-letters", "show", "catalog.product_put", "mail", "2"});
  CHECK(shown == 0);
  CHECK(letter.find("stream    catalog-A2\n") != letter.npos);
  CHECK(std::get<0>(w.run({"dead-letters", "show"})) == 2);
  CHECK(std::get<0>(w.run({"dead-letters", "replay", "catalog.product_put", "mail", "1"})) == 1);
  auto [stays, all, why] = w.run({"dead-letters", "replay", "--all"}, "s3cret");
  CHECK(stays == 1);
  CHECK(all == "0 handled, 2 stay\n");
  CHECK(why.find("catalog.product_put mail 1: unavailable (dead_letter_stays): not today") != why.npos);
  mended = true;
  CHECK(w.run({"dead-letters", "replay", "catalog.product_put", "mail", "1", "--token", "s3cret"}) ==
        std::tuple{0, std::string{"handled: {\"attempts\":3}\n"}, std::string{}});
  CHECK(w.run({"dead-letters", "replay", "--all"}, "s3cret") == std::tuple{0, std::string{"1 handled, 0 stay\n"}, std::string{}});
  CHECK(w.run({"dead-letters", "list"}) == std::tuple{0, std::string{}, std::string{"There are no dead letters.\n"}});
  CHECK(w.run({"parked", "list", "--json"}) == std::tuple{0, std::string{}, std::string{"No view holds a stream back.\n"}});
}

TEST_CASE("a reason that quotes a client does not steer the operator's terminal") {
  refusal = "not \x1b[2J\ntoday";
  with_dead_letters w{1};
  refusal = "not today";
  const auto table = std::get<1>(w.run({"dead-letters", "list"}));
  CHECK(table.ends_with("unavailable: not ?[2J?today\n"));
  const auto letter = std::get<1>(w.run({"dead-letters", "show", "catalog.product_put", "mail", "1"}));
  CHECK(letter.find("reason    unavailable: not ?[2J?today\n") != letter.npos);
}

TEST_CASE("every path of an operator says which methods it takes") {
  with_dead_letters w{1};
  for (auto* path : {"/dead-letters", "/dead-letters/t/g/1", "/parked", "/subscriptions"}) {
    CAPTURE(path);
    CHECK(w.n.operations("OPTIONS", path).status == 204);
    CHECK(w.n.operations("OPTIONS", path).headers.get("Allow") == "GET, HEAD, OPTIONS");
    CHECK(w.n.operations("DELETE", path).status == 405);
    CHECK(w.n.operations("DELETE", path).headers.get("Allow") == "GET, HEAD, OPTIONS");
  }
  for (auto* path : {"/dead-letters/t/g/1/replay", "/parked/v/s/replay", "/subscriptions/g/t/reset"}) {
    CAPTURE(path);
    CHECK(w.n.operations("OPTIONS", path).status == 204);
    CHECK(w.n.operations(path).status == 405);
    CHECK(w.n.operations(path).headers.get("Allow") == "POST, OPTIONS");
  }
  for (auto* path : {"/dead-letters/t/g", "/parked/v", "/parked/v/s/send", "/subscriptions/g/t", "/subscriptions/g/t/reset/more"})
    CHECK(w.n.operations("OPTIONS", path).status == 404);
}

TEST_CASE("a foreign page does nothing at the operations port, whatever token it sends") {
  with_dead_letters w{1};
  mended = true;
  const auto post = [&](const char* field, const char* value, std::string body = {}) {
    http_request r;
    r.method = "POST";
    r.target = "/dead-letters/catalog.product_put/mail/1/replay";
    r.headers.set("Authorization", "Bearer s3cret");
    r.headers.set(field, value);
    r.body = std::move(body);
    return w.n.operations(std::move(r)).status;
  };
  CHECK(post("Origin", "http://evil.example") == 403);
  CHECK(post("Origin", "null") == 403);
  CHECK(post("Sec-Fetch-Site", "cross-site") == 403);
  CHECK(post("Sec-Fetch-Site", "same-site") == 403);
  CHECK(post("Content-Type", "text/plain", "{}") == 415);
  CHECK(post("Sec-Fetch-Site", "same-origin") == 200);
}

TEST_CASE("subscriptions are listed, and set to another position by who has the token") {
  with_dead_letters w{2};
  CHECK(w.n.operations("/subscriptions").body == R"({"subscriptions":[{"group":"mail","topic":"catalog.product_put","position":2}]})");
  CHECK(std::get<1>(w.run({"subscriptions", "list"})) ==
        "TOPIC                GROUP  POSITION  STATE\n"
        "catalog.product_put  mail   2         runs\n");
  CHECK(std::get<0>(w.run({"subscriptions", "reset", "catalog.product_put", "mail", "--to", "now"})) == 1);
  CHECK(w.run({"subscriptions", "reset", "catalog.product_put", "mail", "--to", "now"}, "s3cret") ==
        std::tuple{0, std::string{"catalog.product_put, group mail, goes on behind position 2\n"}, std::string{}});
  CHECK_THROWS(w.run({"subscriptions", "reset", "catalog.product_put", "mail", "--to", "noon"}, "s3cret"));
}

TEST_CASE("what answers like no node is told as such, with its address, by every command") {
  http_response answer;
  auto server = http_server::start({}, [&](http_request, completion<http_response> done) { done(answer); }).value();
  const auto is_told = [&](http_response what) {
    answer = std::move(what);
    const std::string sentence = "what answers at 127.0.0.1:" + std::to_string(server->port()) + " is not a node's operations port";
    const std::vector<std::vector<std::string>> commands{
        {"dead-letters", "list"}, {"dead-letters", "show", "t", "g", "1"}, {"dead-letters", "replay", "t", "g", "1"},
        {"dead-letters", "replay", "--all"}, {"parked", "list"}, {"parked", "replay", "v", "s"}, {"subscriptions", "list"},
        {"subscriptions", "reset", "t", "g", "--to", "now"}};
    for (const auto& words : commands) {
      CAPTURE(words, answer.status, answer.body);
      const auto [code, out, err] = run_at(server->port(), words, "s3cret");
      CHECK(code == 1);
      CHECK(out.empty());
      CHECK(err.find(sentence) != err.npos);
    }
  };
  is_told({200, {{"Content-Type", "text/html"}}, "hello"});
  is_told({404, {{"Content-Type", "text/html"}}, "hello"});
  is_told(http_response::json_text("[]"));
}

namespace {

struct plain_spec {};
plan with_words(std::vector<std::pair<std::string, std::shared_ptr<operator_words>>> offers) {
  plan p{"some"};
  for (auto& [kind, words] : offers)
    p.add<plain_spec>(kind, kind + std::to_string(p.items().size()), phase::background).offers(words);
  return p;
}
std::shared_ptr<operator_words> words(std::string name) {
  return std::make_shared<operator_words>(
      operator_words{std::move(name), "Help", {{.name = "look", .help = "Help", .path = "/look"}}});
}
std::vector<std::string> commands_of(const application& app) {
  CLI::App cli;
  cli.add_subcommand("serve", "");
  operations_arguments asked;
  const operator_commands commands{cli, app, asked, [](CLI::App&) {}};
  std::vector<std::string> names;
  for (const auto* sub : cli.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

}  // namespace

TEST_CASE("a program has `options` and the words that its patterns offer, by their names, once, and no others") {
  using strings = std::vector<std::string>;
  CHECK(commands_of({"app", {shop::catalog::describe()}}) == strings{"serve", "options", "parked"});
  CHECK(commands_of(the_app()) == strings{"serve", "dead-letters", "options", "parked", "subscriptions"});
  CHECK(commands_of({"app", {with_words({{"b", words("second")}, {"a", words("first")}, {"b", words("second")}})}}) ==
        strings{"serve", "first", "options", "second"});
  CHECK_THROWS_WITH(commands_of({"app", {with_words({{"a", words("look")}, {"b", words("look")}})}}),
                    "the command look is offered by a and by b");
  CHECK_THROWS(commands_of({"app", {with_words({{"a", words("serve")}})}}));
  CHECK_THROWS_WITH(commands_of({"app", {with_words({{"a", words("options")}})}}),
                    "the command options is offered by every program and by a");
}

TEST_CASE("a word without a table of its own prints the answer") {
  application app{"app", {shop::catalog::describe(), with_words({{"a", words("some")}})}};
  auto server = http_server::start({}, [](http_request, completion<http_response> done) {
                  done(http_response::json_text("[1]"));
                }).value();
  CLI::App cli;
  operations_arguments asked;
  operator_commands commands{cli, app, asked, [](CLI::App&) {}};
  cli.parse(std::vector<std::string>{"look", "some"});
  node_settings settings;
  settings.admin = "127.0.0.1:" + std::to_string(server->port());
  std::ostringstream out, err;
  CHECK(commands.run(settings, {}, out, err) == 0);
  CHECK(out.str() == "[1]\n");
}

TEST_CASE("with a mistaken configuration no command asks but the reload, whose answer says what the node finds") {
  std::atomic<int> asked = 0;
  auto server = http_server::start({}, [&](http_request r, completion<http_response> done) {
                  ++asked;
                  if (r.target != "/options/reload") return done(http_response::json_text("{}"));
                  done(http_response::json_text(R"({"outcome":"refused","applied":[],"needs_restart":[],)"
                                                R"("problems":[{"where":"app.toml:7","sentence":"not so"}]})"));
                }).value();
  const std::vector<problem> mistakes{{"app.toml:3: max_lag", "expected a number"}};
  const auto [code, out, err] = run_at(server->port(), {"dead-letters", "list"}, "s3cret", mistakes);
  CHECK(code == 2);
  CHECK(err.starts_with("app.toml:3: max_lag: expected a number"));
  CHECK(asked == 0);
  CHECK(run_at(server->port(), {"options", "reload"}, "s3cret", mistakes) ==
        std::tuple{1, std::string{}, std::string{"app.toml:7: not so\nrefused: the last good configuration stays\n"}});
  CHECK(asked == 1);
  // What may be why it does not reach the node.
  const auto port = server->port();
  server.reset();
  const auto unanswered = std::get<2>(run_at(port, {"options", "reload"}, "s3cret", mistakes));
  CHECK(unanswered.starts_with("unavailable: no node answers at "));
  CHECK(unanswered.find("\napp.toml:3: max_lag: expected a number") != unanswered.npos);
}

TEST_CASE("an error that another setting of the node can cause says so") {
  http_response answer;
  auto server = http_server::start({}, [&](http_request, completion<http_response> done) { done(answer); }).value();
  const std::string hint = "perhaps another one";
  const auto said = [&](const std::string& method, http_response what) {
    answer = std::move(what);
    operations_client client{{.authority = "127.0.0.1:" + std::to_string(server->port())},
                             "s3cret",
                             {.if_unanswered = "perhaps elsewhere", .if_refused = hint}};
    return client.ask(method, "/links").error().message;
  };
  CHECK(said("POST", http_response::problem(error{code::unauthenticated, "who?"}, 401)).ends_with("; " + hint));
  CHECK(said("POST", http_response::problem(error{code::forbidden, "no"}, 403)).ends_with("; " + hint));
  const auto tls = error{code::invalid_argument, "this port speaks TLS"}.because("not_tls");
  CHECK(said("GET", http_response::problem(tls, 400)).ends_with("; perhaps elsewhere"));
  const auto busy = said("GET", http_response::problem(error{code::unavailable, "busy"}, 503));
  CHECK(busy.find("perhaps") == busy.npos);
  const auto port = server->port();
  server.reset();
  const operations_url gone{.authority = "127.0.0.1:" + std::to_string(port)};
  operations_client client{gone, "", {.if_unanswered = "perhaps elsewhere"}};
  CHECK(client.page("/topology").error().message.ends_with("; perhaps elsewhere"));
}
