// A node is started and stopped while its operations port is asked without a pause, and while customers send: nothing is reached that is not
// there yet or no longer, and no request that was sent is lost.
#include <banyan/core/json.hpp>
#include <banyan/http/client.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/serving.hpp>

#include <services/catalog/events.hpp>
#include <services/catalog/service.hpp>

#include <tests/framework/http/raw_peer.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

using namespace banyan;
using banyan::test::lantern;
using banyan::test::the_catalog;
using namespace std::chrono_literals;

namespace {

struct mail_api {
  static constexpr std::string_view name = "mail";
  using operations = banyan::operations<>;
};
task<result<done>> follow(context<>, const shop::catalog::product_put&) { co_return done{}; }

struct folder {
  std::string path = (std::filesystem::temp_directory_path() / "banyan-serving-XXXXXX").string();
  folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~folder() { std::filesystem::remove_all(path); }
};

node_settings settings_in(const folder& f) {
  auto s = default_settings("test");
  s.data = f.path;
  s.listen = s.admin = "127.0.0.1:0";
  s.threads = 2;
  configure_logging({.level = log_level::off});
  return s;
}

std::string request(const std::string& method, const std::string& target, const std::string& body = {}) {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Asks every page of the operations port again and again, on connections that are kept as long as they may be.
class prober {
 public:
  explicit prober(std::uint16_t port) : thread_{[this, port] { ask(port); }} {}
  ~prober() { leave(); }
  void leave() {
    enough_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int answers() const { return answers_; }

 private:
  void ask(std::uint16_t port) {
    while (!enough_) try {
        auto c = raw::socket::connect(port);
        bool open = true;
        while (open && !enough_)
          for (auto* page : {"/healthz", "/readyz", "/metrics", "/topology", "/plan"}) {
            const auto answer = c.send(request("GET", page)) ? c.read_response() : std::string{};
            if (!answer.empty()) ++answers_;
            open = open && !answer.empty() && answer.find("Connection: close") == std::string::npos;
            if (!open) break;
          }
      } catch (const std::exception&) {  // not open, or no longer
        std::this_thread::yield();
      }
  }
  std::atomic<bool> enough_{false};
  std::atomic<int> answers_{0};
  std::thread thread_;
};

// Sends one order after the other, and counts those that were sent whole and never answered.
class customer {
 public:
  customer(std::uint16_t port, int number, bool keeps_connections) : thread_{[=, this] { buy(port, number, keeps_connections); }} {}
  ~customer() { thread_.join(); }
  int answered() const { return answered_; }
  void leave() { thread_.join(), thread_ = std::thread{[] {}}; }
  int lost() const { return lost_; }

 private:
  void buy(std::uint16_t port, int number, bool keeps_connections) {
    try {
      for (;;) {
        auto c = raw::socket::connect(port);  // throws when the port is closed: that is the end
        for (bool open = true; open;) {
          if (!c.send(request("PUT", "/products/P" + std::to_string(number), lantern))) break;
          const auto answer = c.read_response();
          if (answer.empty()) ++lost_;
          if (!answer.empty()) ++answered_;
          open = keeps_connections && !answer.empty() && answer.find("Connection: close") == std::string::npos;
        }
      }
    } catch (const std::exception&) {
    }
  }
  std::atomic<int> answered_{0}, lost_{0};
  std::thread thread_;
};

}  // namespace

TEST_CASE("a node is started and stopped while its operations port is asked", "[serving]") {
  const auto app = the_catalog();
  for (int round = 0; round < 3; ++round) {
    const folder place;
    auto settings = settings_in(place);
    // The port is known before it is open, so that the first probes come while the node starts.
    {
      auto first = serving::start(app, settings);
      REQUIRE(first);
      settings.admin = "127.0.0.1:" + std::to_string((*first)->operations_port());
      CHECK((*first)->stop());
    }
    const auto port = parse_listen_address(settings.admin)->port;
    prober one{port}, two{port};
    auto node = serving::start(app, settings);
    REQUIRE(node);
    while (one.answers() < 20 || two.answers() < 20) std::this_thread::yield();
    if (round == 1) {
      node->reset();  // without a word before
    } else {
      CHECK((*node)->stop());
      one.leave();
      two.leave();
    }
  }
}

TEST_CASE("no request that was sent is lost when a node stops", "[serving]") {
  const auto app = the_catalog();
  for (int round = 0; round < 3; ++round) {
    const folder place;
    const auto settings = settings_in(place);
    auto node = serving::start(app, settings);
    REQUIRE(node);
    std::vector<std::unique_ptr<customer>> customers;
    for (int i = 0; i < 12; ++i) customers.push_back(std::make_unique<customer>((*node)->port(), i, i % 3 != 0));
    const auto all_busy = [&] {
      return std::all_of(customers.begin(), customers.end(), [](const auto& c) { return c->answered() >= 3; });
    };
    while (!all_busy()) std::this_thread::yield();
    CHECK((*node)->stop());
    for (auto& c : customers) {
      c->leave();
      CHECK(c->lost() == 0);
    }
  }
}

TEST_CASE("a node prints its addresses as URLs, and what it can not listen on is said before it starts", "[serving]") {
  const auto app = the_catalog();
  const folder place;
  auto settings = settings_in(place);
  settings.listen = "[::1]:0";
  auto node = serving::start(app, settings);
  REQUIRE(node);
  CHECK((*node)->url() == "http://[::1]:" + std::to_string((*node)->port()));
  CHECK((*node)->operations_url() == "http://127.0.0.1:" + std::to_string((*node)->operations_port()));
  (*node)->stop();

  CHECK(check_listening(settings).empty());
  settings.listen = "0.0.0.0:8080";
  settings.admin = "no-address:8081";
  const auto found = check_listening(settings);
  REQUIRE(found.size() == 2);
  CHECK(found[0].where == "listen");
  CHECK(found[0].sentence.find("set plaintext = true") != std::string::npos);
  CHECK(found[1].where == "admin");
  CHECK(found[1].sentence == "'no-address' is not an IP address");
  settings.plaintext = true;
  CHECK(check_listening(settings).size() == 1);
}

TEST_CASE("a node may run some of the services alone: what the others answer is unimplemented here", "[serving]") {
  const application app{"test", {shop::catalog::describe(), service<mail_api>(subscribes<follow>{.topic = "catalog.product_put"})}};
  const folder place;
  auto settings = settings_in(place);
  const auto is_put = [](const serving& node) {
    auto c = raw::socket::connect(node.port());
    c.send(request("PUT", "/products/A1", lantern));
    return c.read_response().substr(9, 3);
  };
  const auto runs = [](serving& node, const std::string& name) {
    for (const auto& a : node.system().topology())
      if (a.name == name) return true;
    return false;
  };
  settings.only = "catalog";
  {
    auto node = serving::start(app, settings);
    REQUIRE(node);
    CHECK(is_put(**node) == "200");
    CHECK(runs(**node, "catalog"));
    CHECK_FALSE(runs(**node, "mail/background"));
    (*node)->stop();
  }
  settings.only = " mail ";
  auto node = serving::start(app, settings);
  REQUIRE(node);
  CHECK(is_put(**node) == "501");
  CHECK_FALSE(runs(**node, "catalog"));
  CHECK(runs(**node, "mail/background"));
  (*node)->stop();
}

TEST_CASE("a name among the services to run that is none is told, with what was meant", "[serving]") {
  const auto app = the_catalog();
  node_settings settings;
  CHECK(check_services(app, settings).empty());
  settings.only = "catalog";
  CHECK(check_services(app, settings).empty());
  settings.only = "catalog, catlog,,orders";
  const auto found = check_services(app, settings);
  REQUIRE(found.size() == 3);
  CHECK(found[0].where == "only");
  CHECK(found[0].sentence == "there is no service \"catlog\"; did you mean \"catalog\"?");
  CHECK(found[1].sentence == "there is no service \"\"; the services are catalog");
  CHECK(found[2].sentence == "there is no service \"orders\"; the services are catalog");
}

TEST_CASE("two ports of a node that are one are said before it starts", "[serving]") {
  node_settings settings;
  settings.plaintext = true;
  const auto problems = [&](const char* listen, const char* admin) {
    settings.listen = listen;
    settings.admin = admin;
    return check_listening(settings);
  };
  REQUIRE(problems("127.0.0.1:8080", "127.0.0.1:8080").size() == 1);
  CHECK(problems("127.0.0.1:8080", "127.0.0.1:8080")[0].where == "admin");
  CHECK(problems("localhost:8080", "127.0.0.1:8080").size() == 1);
  CHECK(problems("0.0.0.0:8080", "127.0.0.1:8080").size() == 1);
  CHECK(problems("127.0.0.1:8080", "0.0.0.0:8080").size() == 1);
  CHECK(problems("127.0.0.1:8080", "127.0.0.2:8080").empty());
  CHECK(problems("127.0.0.1:8080", "127.0.0.1:8081").empty());
  CHECK(problems("127.0.0.1:0", "127.0.0.1:0").empty());
  settings.origins["listen"] = "shop.toml:1";
  CHECK(problems("127.0.0.1:8080", "127.0.0.1:8080")[0].sentence ==
        "has the same port as listen = \"127.0.0.1:8080\" (shop.toml:1): the operations API needs one of its own");
}

TEST_CASE("a page of another origin does not reach a node by a name of its own", "[serving]") {
  const auto app = the_catalog();
  const folder place;
  auto settings = settings_in(place);
  settings.allowed_hosts = "shop.example, .internal";
  auto node = serving::start(app, settings);
  REQUIRE(node);
  for (const auto port : {(*node)->port(), (*node)->operations_port()}) {
    const auto status = [&](const std::string& host) {
      auto c = raw::socket::connect(port);
      c.send("GET /nowhere HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      return c.read_response().substr(9, 3);
    };
    CHECK(status("evil.example") == "421");
    CHECK(status("localhost:" + std::to_string(port)) == "404");
    CHECK(status("shop.example") == "404");
    CHECK(status("a.internal") == "404");
  }
  (*node)->stop();
}

TEST_CASE("a client that waits for 100 Continue is not told to send what no port of a node would look at", "[serving]") {
  const folder place;
  const auto settings = settings_in(place);
  auto node = serving::start(the_catalog(), settings);
  REQUIRE(node);
  const auto first_of = [](std::uint16_t port, const std::string& line, const std::string& type) {
    auto c = raw::socket::connect(port);
    c.send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type + "\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    return c.read_through("\r\n\r\n").substr(9, 3);
  };
  CHECK(first_of((*node)->port(), "PUT /nope", "application/json") == "404");
  CHECK(first_of((*node)->port(), "DELETE /products/A1", "application/json") == "405");
  CHECK(first_of((*node)->port(), "PUT /products/A1", "text/plain") == "415");
  CHECK(first_of((*node)->port(), "PUT /products/A1", "application/json") == "100");
  CHECK(first_of((*node)->operations_port(), "POST /nope", "application/json") == "404");
  CHECK(first_of((*node)->operations_port(), "POST /readyz", "application/json") == "405");
  CHECK(first_of((*node)->operations_port(), "POST /parked/v/s/replay", "text/plain") == "415");
  CHECK(first_of((*node)->operations_port(), "POST /parked/v/s/replay", "application/json") == "100");
}
