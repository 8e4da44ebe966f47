// The program: its command line, its start, its end.
#include "an_acquirer.hpp"
#include "the_program.hpp"

#include <services/acquirer/options.hpp>
#include <services/acquirer/signature.hpp>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fstream>
#include <thread>

using namespace acquirer;
using namespace acquirer::test;
using namespace std::chrono_literals;

TEST_CASE("wrong usage ends with 2 and a sentence", "[acquirer][process]") {
  const std::pair<std::vector<std::string>, const char*> wrong[] = {
      {{"--prot", "1"}, "Did you mean --port?"},
      {{"--port", "65536"}, "not in range 0 to 65535"},
      {{"--port", "-1"}, "not in range"},
      {{"--seed", "x"}, "not in range"},
      {{"--data", ""}, "must not be empty"},
      {{"--fault", "eror_rate=1"}, "there is no fault 'eror_rate'"},
      {{"--fault", "error_rate=2"}, "a rate is a number from 0 to 1"},
      {{"--fault", "error_rate"}, "is not NAME=VALUE"},
      {{"--callback-url", "http://127.0.0.1:1/"}, "--callback-secret-file"},
      {{"--callback-url", "ftp://x/", "--callback-secret-file", "/dev/null"}, "only http"},
      {{"--callback-url", "http://127.0.0.1:1/", "--callback-secret-file", "/dev/null"}, "callbacks are signed"},
      {{"--callback-url", "http://127.0.0.1:1/", "--callback-secret-file", "/no/such/file"}, "can not read"},
      {{"--callback-secret-file", "/dev/null"}, "--callback-url"},
      {{"stray"}, "stray"},
  };
  for (const auto& [arguments, sentence] : wrong) {
    the_program p{arguments};
    INFO(arguments.front());
    CHECK(p.end() == 2);
    CHECK(p.errors().find(sentence) != std::string::npos);
    CHECK(p.output().empty());
  }
}

TEST_CASE("help names every card and fault", "[acquirer][process]") {
  the_program p{{"--help"}};
  CHECK(p.end() == 0);
  const auto text = p.output();
  for (const char* word : {"tok_ok", "tok_slow", "tok_declined", "tok_stolen", "outage", "lose_answer_rate",
                           "Exit codes", "--callback-url"})
    CHECK(text.find(word) != std::string::npos);
  const auto faults = banyan::to_value(fault_settings{});  // named: a temporary would be gone in the loop
  for (const auto& fault : faults.as_object()) {
    INFO(std::string{fault.key()});
    CHECK(text.find(std::string{fault.key()}) != std::string::npos);
  }
}

TEST_CASE("what keeps it from starting is said, with exit code 1", "[acquirer][process]") {
  temporary_folder folder;
  the_program first{{"--port", "0", "--data", folder.path() + "/a"}};
  const auto port = std::to_string(first.port());
  the_program same_port{{"--port", port, "--data", folder.path() + "/b"}};
  CHECK(same_port.end() == 1);
  CHECK(same_port.errors().find("port " + port + " is in use") != std::string::npos);
  the_program same_book{{"--port", "0", "--data", folder.path() + "/a"}};
  CHECK(same_book.end() == 1);
  CHECK(same_book.errors().find("in use by another acquirer") != std::string::npos);
  the_program no_folder{{"--port", "0", "--data", "/proc/nowhere"}};
  CHECK(no_folder.end() == 1);
}

TEST_CASE("it ends in order when it is asked to, with answers for those who asked", "[acquirer][process]") {
  for (const int s : {SIGTERM, SIGINT, SIGHUP}) {
    temporary_folder folder;
    the_program p{
        {"--port", "0", "--data", folder.path(), "--fault", "latency.mean=300ms", "--fault", "lose_answer_rate=0"}};
    const auto port = p.port();
    std::string answer;
    {
      std::jthread waits{[&] {
        client c{port};
        const auto r = c.try_send(post("/charges", "k1", charge_body(100)));
        answer = r ? std::to_string(r->status) : to_string(r.error());
      }};
      client c{port};
      REQUIRE(comes_true([&] { return c.book().charges == 1; }));
      p.signal(s);
    }
    CHECK(answer == "201");
    CHECK(p.end() == 0);
    CHECK(p.errors().empty());
  }
}

TEST_CASE("an end does not wait for lost answers", "[acquirer][process]") {
  temporary_folder folder;
  the_program p{{"--port", "0", "--data", folder.path(), "--fault", "lose_answer_rate=1"}};
  const auto port = p.port();
  std::string answer;
  {
    std::jthread waits{[&] {
      client c{port};
      const auto r = c.try_send(post("/charges", "k1", charge_body(100)));
      answer = r ? std::to_string(r->status) : r.error().reason;
    }};
    client c{port};
    REQUIRE(comes_true([&] { return c.faults().injected.lose_answer == 1 && c.book().charges == 1; }));
    p.signal(SIGTERM);
  }
  CHECK(answer == "connection_lost");
  CHECK(p.end() == 0);
}

TEST_CASE("a supervisor is notified of readiness, heartbeats and the end", "[acquirer][process]") {
  temporary_folder folder;
  const auto name = folder.path() + "/notify";
  const banyan::descriptor at{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(at.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const auto next = [&] {
    pollfd p{at.get(), POLLIN, 0};
    char bytes[200];
    if (::poll(&p, 1, 20'000) != 1) return std::string{"nothing"};
    return std::string(bytes, static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(at.get(), bytes, sizeof bytes, 0))));
  };
  the_program p{{"--port", "0", "--data", folder.path() + "/data"}, [&] {
                  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
                  ::setenv("WATCHDOG_USEC", "100000", 1);
                }};
  CHECK(next() == "READY=1");
  CHECK(next() == "WATCHDOG=1");
  CHECK(next() == "WATCHDOG=1");
  p.signal(SIGTERM);
  std::string last;
  while ((last = next()) == "WATCHDOG=1") {
  }
  CHECK(last == "STOPPING=1");
  CHECK(p.end() == 0);
}

TEST_CASE("callbacks are signed with the secret of a file or of the environment", "[acquirer][process]") {
  temporary_folder folder;
  const auto file = folder.path() + "/secret";
  std::ofstream{file} << "from a file\n";
  for (const bool by_file : {true, false}) {
    std::mutex lock;
    std::string body, signature;
    auto shop = banyan::http_server::start({}, [&](const http_request& r, banyan::completion<http_response> done) {
                  const std::lock_guard guard{lock};
                  body = r.body;
                  signature = r.headers.get(signature_header);
                  done(http_response{204, {}, ""});
                }).value();
    std::vector<std::string> arguments{
        "--port",         "0",
        "--data",         folder.path() + (by_file ? "/a" : "/b"),
        "--callback-url", "http://127.0.0.1:" + std::to_string(shop->port()) + "/settle"};
    if (by_file) arguments.insert(arguments.end(), {"--callback-secret-file", file});
    the_program p{arguments, [&] { ::setenv(secret_variable, "from the environment", 1); }};
    client c{p.port()};
    REQUIRE(c.charge_card("k1", 100).status == 201);
    REQUIRE(comes_true([&] { return c.book().callbacks_pending == 0; }));
    const std::lock_guard guard{lock};
    const auto t = std::stoll(signature.substr(2));
    CHECK(signature == sign(by_file ? "from a file" : "from the environment", t, body));
  }
}

TEST_CASE("a full disk is 503 with nothing lost, and the end of it is noticed", "[acquirer][process]") {
  temporary_folder folder;
  const auto small = [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 200'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  the_program p{{"--port", "0", "--data", folder.path()}, small};
  client c{p.port()};
  int made = 0;
  auto r = c.charge_card("k0", 100);
  while (r.status == 201 && made < 5'000) r = c.charge_card("k" + std::to_string(++made), 100);
  REQUIRE(r.status == 503);
  CHECK(r.headers.get("content-type") == "application/problem+json");
  CHECK(c.get("/charges/k0").status == 200);  // what is there can be read
  CHECK(c.book().charges == made);
  rlimit enough{};
  REQUIRE(::prlimit(p.id(), RLIMIT_FSIZE, nullptr, &enough) == 0);
  enough.rlim_cur = enough.rlim_max;
  REQUIRE(::prlimit(p.id(), RLIMIT_FSIZE, &enough, nullptr) == 0);
  CHECK(c.charge_card("k" + std::to_string(made), 100).status == 201);
  CHECK(c.book().charges == made + 1);
  p.kill_and_wait();
  the_program again{{"--port", "0", "--data", folder.path()}};
  client d{again.port()};
  CHECK(d.book().charges == made + 1);
}
