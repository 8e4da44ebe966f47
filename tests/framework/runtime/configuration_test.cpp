#include <banyan/runtime/configuration.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct call_spec {
  timespan deadline = 1s;
  double failure_rate = 0.5;
  int attempts = 3;
  bool hedge = false;
};
struct entity_spec {
  std::string journal = "orders";
  int snapshot_every = 100;
};

application shop() {
  plan orders{"orders"};
  auto entity = orders.add<entity_spec>("event_sourced", "order", phase::entity).read_by("a test");
  entity.option("journal", entity->journal).option("snapshot_every", entity->snapshot_every, {.min = 0, .max = 1e9});
  auto call = orders.add<call_spec>("ambassador", "payments", phase::outbound).read_by("a test");
  call.option("deadline", call->deadline, {.min = 0.001, .max = 86'400})
      .option("breaker.failure_rate", call->failure_rate, {.min = 0, .max = 1})
      .option("retry.attempts", call->attempts, {.min = 1, .max = 10})
      .option("hedge", call->hedge);
  plan search{"product-search"};
  auto other = search.add<entity_spec>("publishes", "orders.placed", phase::entity).read_by("a test");
  other.option("snapshot_every", other->snapshot_every);
  return {"shop", {orders, search}};
}

struct fixture {
  application app = shop();
  node_settings node = default_settings("shop");
  configuration_sources sources = {};

  std::vector<problem> apply() { return apply_configuration(app, node, sources); }
  std::vector<problem> file(std::string text) {
    sources.files.push_back({"shop.toml", std::move(text)});
    return apply();
  }
  option& at(std::string_view path) {
    auto* o = find_option(app, path);
    if (!o) throw std::logic_error{"no option " + std::string{path}};
    return *o;
  }
  entity_spec& order() { return *app.services[0].all<entity_spec>()[0].second; }
  call_spec& payments() { return *app.services[0].all<call_spec>()[0].second; }
};

std::string text_of(const std::vector<problem>& problems) {
  std::string out;
  for (const auto& p : problems) out += p.where + ": " + p.sentence + "\n";
  return out;
}

}  // namespace

TEST_CASE("nothing said changes nothing") {
  fixture f;
  CHECK(text_of(f.apply()) == "");
  CHECK(f.at("orders.order.snapshot_every").origin() == "code");
  CHECK(f.node.origins.empty());
}

TEST_CASE("a file sets options by tables and dotted keys, and each knows its line") {
  fixture f;
  CHECK(text_of(f.file(R"(# the shop
orders.order.snapshot_every = 50

[orders.ambassador.payments]
deadline = "800ms"
hedge = true
breaker = { failure_rate = 0.25 }
retry.attempts = 5
)")) == "");
  CHECK(f.order().snapshot_every == 50);
  CHECK(f.payments().deadline == timespan{800ms});
  CHECK(f.payments().failure_rate == 0.25);
  CHECK(f.payments().attempts == 5);
  CHECK(f.payments().hedge);
  CHECK(f.at("orders.event_sourced.order.snapshot_every").origin() == "shop.toml:2");
  CHECK(f.at("orders.ambassador.payments.deadline").origin() == "shop.toml:5");
  CHECK(f.at("orders.ambassador.payments.retry.attempts").origin() == "shop.toml:8");
}

TEST_CASE("the environment is stronger than a file, the command line than both") {
  fixture f;
  f.sources.environment = {"BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEADLINE=700ms",
                           "BANYAN_ORDERS__EVENT_SOURCED__ORDER__SNAPSHOT_EVERY=7", "PATH=/bin"};
  f.sources.assignments = {"orders.ambassador.payments.deadline=600ms"};
  CHECK(text_of(f.file("[orders.ambassador.payments]\ndeadline = '800ms'\nretry.attempts = 9\n")) == "");
  CHECK(f.payments().deadline == timespan{600ms});
  CHECK(f.at("orders.payments.deadline").origin() == "command line");
  CHECK(f.order().snapshot_every == 7);
  CHECK(f.at("orders.order.snapshot_every").origin() == "environment BANYAN_ORDERS__EVENT_SOURCED__ORDER__SNAPSHOT_EVERY");
  CHECK(f.payments().attempts == 9);
}

TEST_CASE("of several files and arguments the last wins") {
  fixture f;
  f.sources.files = {{"a.toml", "orders.order.snapshot_every = 1"}, {"b.toml", "orders.order.snapshot_every = 2"}};
  CHECK(text_of(f.apply()) == "");
  CHECK(f.order().snapshot_every == 2);
  CHECK(f.at("orders.order.snapshot_every").origin() == "b.toml:1");
  f.sources.assignments = {"orders.order.snapshot_every=3", "orders.order.snapshot_every=4"};
  CHECK(text_of(f.apply()) == "");
  CHECK(f.order().snapshot_every == 4);
}

TEST_CASE("all mistakes of all sources are reported at once, with their places") {
  fixture f;
  f.sources.environment = {"BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEDLINE=1s"};
  f.sources.assignments = {"orders.order.snapshot_every", "colour=red"};
  CHECK(text_of(f.file(R"(listen = "8080"
[orders.ambassador.payments]
deadlin = "1s"
deadline = 800
hedge = "true"
retry.attempts = 11
breaker.failure_rate = [0.5]
[orders.order]
snapshot_every = 1.5
journal = 7
)")) == R"(shop.toml:1: listen: expected an address and a port from 0 to 65535 such as 127.0.0.1:8080, found "8080"
shop.toml:3: orders.ambassador.payments.deadlin: there is no such setting; did you mean orders.ambassador.payments.deadline?
shop.toml:4: orders.ambassador.payments.deadline: expected a time span such as 800ms, 1.5s or 10min from 1ms to 1d, in quotes; found the number 800
shop.toml:5: orders.ambassador.payments.hedge: expected true or false; found a text in quotes
shop.toml:6: orders.ambassador.payments.retry.attempts: expected a whole number from 1 to 10, found "11"
shop.toml:7: orders.ambassador.payments.breaker.failure_rate: expected a number from 0 to 1; found an array
shop.toml:9: orders.order.snapshot_every: expected a whole number from 0 to 1000000000; found the number 1.5
shop.toml:10: orders.order.journal: expected a text of at most 4096 bytes on one line, in quotes; found the number 7
environment BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEDLINE: there is no such setting; did you mean BANYAN_ORDERS__AMBASSADOR__PAYMENTS__DEADLINE?
command line: orders.order.snapshot_every: a value is missing: write --set path=value
command line: colour: there is no such setting; `describe` lists all settings
)");
}

TEST_CASE("one mistake anywhere, and nothing at all is applied") {
  fixture f;
  f.sources.assignments = {"orders.order.snapshot_every=1", "orders.ambassador.payments.deadline=soon"};
  CHECK(f.file("admin = '127.0.0.1:9999'").size() == 1);
  CHECK(f.order().snapshot_every == 100);
  CHECK(f.node.admin == "127.0.0.1:8081");
  CHECK(f.node.origins.empty());
}

TEST_CASE("a syntax error is reported with its line, beside the mistakes of other sources") {
  fixture f;
  f.sources.assignments = {"nothing=1"};
  auto problems = f.file("listen = '127.0.0.1:1'\n\norders = [\n");
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].where.substr(0, 10) == "shop.toml:");
  CHECK(problems[0].sentence != "");
  CHECK(problems[1].where == "command line: nothing");
  CHECK(f.node.listen == "127.0.0.1:8080");
}

TEST_CASE("a key that occurs twice is a mistake, also under two names") {
  fixture f;
  CHECK(f.file("orders.order.journal = 'a'\norders.order.journal = 'b'").size() == 1);
  fixture g;
  CHECK(text_of(g.file("orders.order.journal = 'a'\norders.event_sourced.order.journal = 'b'")) ==
        "shop.toml:2: orders.event_sourced.order.journal: set twice in this file: also at shop.toml:1\n");
}

TEST_CASE("a path that fits several settings must be written in full") {
  fixture f;
  auto more = f.app.services[0].add<entity_spec>("sharded", "order", phase::routing).read_by("a test");
  more.option("journal", more->journal);
  f.sources.environment = {"BANYAN_ORDERS__ORDER__JOURNAL=x"};
  CHECK(text_of(f.file("orders.order.journal = 'x'")) ==
        "shop.toml:1: orders.order.journal: this may mean several settings: orders.sharded.order.journal, "
        "orders.event_sourced.order.journal; write the whole path\n"
        "environment BANYAN_ORDERS__ORDER__JOURNAL: this may mean several settings: orders.sharded.order.journal, "
        "orders.event_sourced.order.journal; write the whole path\n");
}

TEST_CASE("names with dots and dashes are reached from every source") {
  CHECK(environment_name("product-search.publishes.orders.placed.journal") == "BANYAN_PRODUCT_SEARCH__PUBLISHES__ORDERS__PLACED__JOURNAL");
  fixture f;
  CHECK(text_of(f.file("[product-search.publishes.\"orders.placed\"]\nsnapshot_every = 1")) == "");
  CHECK(f.at("product-search.orders.placed.snapshot_every").value() == "1");
  f.sources.environment = {"BANYAN_PRODUCT_SEARCH__ORDERS__PLACED__SNAPSHOT_EVERY=2"};
  CHECK(text_of(f.apply()) == "");
  CHECK(f.at("product-search.orders.placed.snapshot_every").value() == "2");
}

TEST_CASE("a value may contain an equals sign, or be empty") {
  fixture f;
  f.sources.assignments = {"orders.order.journal=a=b"};
  f.sources.environment = {"BANYAN_PRODUCT_SEARCH__ORDERS__PLACED__SNAPSHOT_EVERY="};
  CHECK(f.apply().size() == 1);
  f.sources.environment = {};
  CHECK(text_of(f.apply()) == "");
  CHECK(f.order().journal == "a=b");
  f.sources.assignments = {"orders.order.journal="};
  CHECK(text_of(f.apply()) == "");
  CHECK(f.order().journal == "");
}

TEST_CASE("variables of others are left alone, misspelt ones of ours are not") {
  fixture f;
  f.sources.environment = {"BANYAN_TALLY=/tmp/x", "BANYAN_SANITIZE=thread", "HOME=/root", "BANYAN_ORDERS", "XBANYAN_LISTEN=1", "=odd"};
  CHECK(text_of(f.apply()) == "");
  f.sources.environment = {"BANYAN_LISTN=127.0.0.1:1"};
  CHECK(text_of(f.apply()) == "environment BANYAN_LISTN: there is no such setting; did you mean BANYAN_LISTEN?\n");
}

TEST_CASE("a service with the name of a node's setting is refused") {
  fixture f;
  f.app.services.push_back(plan{"data"});
  CHECK(f.apply().size() == 1);
}

TEST_CASE("files that are no configuration are refused without harm") {
  std::string deep = "a";
  for (int i = 0; i < 60'000; ++i) deep += ".a";
  const std::string bytes{"\xff\xfe\0\x01", 4}, brackets(100'000, '['), large(300 << 10, 'x');
  for (const std::string& text : {large, deep + " = 1", brackets, bytes, std::string{"a = \"\\u0000\""}, std::string{"\x1b[2J = 1"},
                                  std::string{"[orders]\n[orders]"}, std::string{"orders = 1"}}) {
    fixture f;
    auto problems = f.file(text);
    INFO(text.substr(0, 20));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].where.substr(0, 9) == "shop.toml");
    CHECK((problems[0].where + problems[0].sentence).size() < 1100);
    CHECK(problems[0].sentence.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("the report of a hopeless file is bounded") {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "unknown_setting_" + std::to_string(i) + " = 1\n";
  fixture f;
  auto problems = f.file(text);
  CHECK(problems.size() == 101);
  CHECK(problems.back().sentence == "there are more mistakes; these are the first ones");
}

TEST_CASE("a comment may be drawn with dots") {
  fixture f;
  CHECK(text_of(f.file("# .....................................................................\nlisten = '127.0.0.1:1'")) == "");
  CHECK(f.node.listen == "127.0.0.1:1");
}

TEST_CASE("a file is read from the disk with its path as its name") {
  auto folder = std::filesystem::temp_directory_path() / "banyan_configuration_test";
  std::filesystem::create_directories(folder);
  auto path = (folder / "shop.toml").string();
  std::ofstream{path} << "listen = '127.0.0.1:1'\n";
  auto read = read_configuration_file(path);
  REQUIRE(read);
  CHECK(read->name == path);
  CHECK(read->text == "listen = '127.0.0.1:1'\n");
  CHECK(read_configuration_file(path + "x").error().code == code::not_found);
  CHECK(read_configuration_file(folder.string()).error().code == code::unavailable);
  std::ofstream{path} << std::string(300 << 10, '#');
  CHECK(read_configuration_file(path).error().code == code::exhausted);
  std::filesystem::remove_all(folder);
}

TEST_CASE("the environment of this process is a source") {
  ::setenv("BANYAN_LISTEN", "127.0.0.1:4711", 1);
  fixture f;
  f.sources.environment = process_environment();
  ::unsetenv("BANYAN_LISTEN");
  auto problems = f.apply();
  CHECK(text_of(problems) == "");
  CHECK(f.node.listen == "127.0.0.1:4711");
}

TEST_CASE("a table with nothing in it must be one that could have something") {
  fixture f;
  CHECK(text_of(f.file("[orders]\n[orders.ambassador.payments]\n[orders.order]\n[orders.payments.breaker]\n")) == "");
  f.sources.files.clear();
  CHECK(text_of(f.file("[orders]\n[product-search.publishes]\n")) == "");
  fixture g;
  CHECK(text_of(g.file("[ordres]\n[orders.order.snapshots]\n[listen]\n[nothing.at.all]\n")) ==
        R"(shop.toml:1: ordres: there is no such table; did you mean orders?
shop.toml:2: orders.order.snapshots: there is no such table; `describe` lists all settings
shop.toml:3: listen: expected an address and a port from 0 to 65535 such as 127.0.0.1:8080, in quotes; found a table
shop.toml:4: nothing.at.all: there is no such table; `describe` lists all settings
)");
}

TEST_CASE("who only judges may apply what is right beside what is wrong") {
  fixture f;
  f.sources.files = {{"shop.toml", "listen = '0.0.0.0:1'\nmax_lag = -1\n[orders.order]\nsnapshot_every = 7\n"}};
  CHECK(apply_configuration(f.app, f.node, f.sources, on_mistakes::apply_the_others).size() == 1);
  CHECK(f.node.listen == "0.0.0.0:1");
  CHECK(f.node.max_lag == 1000);
  CHECK(f.order().snapshot_every == 7);
}

TEST_CASE("a problem of one option is told with the place where it was set") {
  fixture f;
  REQUIRE(f.file("listen = '127.0.0.1:1'\n[orders.order]\nsnapshot_every = 7\n").empty());
  std::vector<problem> problems{{"listen", "a"},
                                {"orders.event_sourced.order.snapshot_every", "b"},
                                {"admin", "c"},
                                {"orders.ambassador.payments", "d"}};
  add_origins(problems, f.app, f.node);
  CHECK(text_of(problems) == R"(shop.toml:1: listen: a
shop.toml:3: orders.event_sourced.order.snapshot_every: b
admin: c
orders.ambassador.payments: d
)");
}
