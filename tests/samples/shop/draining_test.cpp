// The real shop, told to stop by SIGTERM while customers on kept connections and customers on new ones order without a pause: every request
// that was sent is answered, the shop ends by itself and with 0.
//
// Two rounds by default; BANYAN_ROUNDS=50 for a long run.
#include <tests/framework/http/raw_peer.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

namespace {

struct tally {
  std::atomic<int> sent{0}, answered{0}, lost{0};
};

std::string order(int n) {
  const std::string body = R"({"name":"lantern","price":{"minor":255,"currency":"GBP"}})";
  return "PUT /products/P" + std::to_string(n) + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// True once the server has closed its side, or says so within the time.
bool closed_within(raw::socket& c, int ms) {
  pollfd p{c.fd(), POLLIN, 0};
  char next = 0;
  return ::poll(&p, 1, ms) > 0 && ::recv(c.fd(), &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

// Until nobody listens any more. A connection that was closed before anything was sent on it is no loss: another is opened.
void buy(std::uint16_t port, int number, bool keeps_connections, int thinks_at_most, tally& count, std::atomic<int>& answered) {
  std::mt19937 random{static_cast<unsigned>(number)};
  try {
    for (;;) {
      auto c = raw::socket::connect(port);
      for (bool open = true; open;) {
        if (thinks_at_most > 0 && closed_within(c, static_cast<int>(random() % static_cast<unsigned>(thinks_at_most)))) break;
        if (!c.send(order(number))) break;  // not sent whole
        ++count.sent;
        std::string answer;
        try {
          answer = c.read_response();
        } catch (const std::exception&) {  // nothing came in time: lost as well
        }
        if (answer.find(" 200 ") != 8) {
          ++count.lost;
          break;
        }
        ++count.answered;
        ++answered;
        open = keeps_connections && answer.find("Connection: close") == std::string::npos;
      }
    }
  } catch (const std::exception&) {  // the port is closed
  }
}

class running_shop {
 public:
  running_shop(const std::string& folder, std::uint16_t port) {
    const auto log = folder + "/log", data = folder + "/data", at = std::to_string(port);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(fd, 1);
      ::dup2(fd, 2);
      ::execl(SHOP_PROGRAM, "shop", "serve", "--port", at.c_str(), "--admin-port", "0", "--data", data.c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~running_shop() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
  }
  void tell_to_stop() const { ::kill(process_, SIGTERM); }
  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  bool has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process_;
  }

 private:
  pid_t process_ = -1;
};

std::uint16_t free_port() {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const raw::socket s{::socket(AF_INET, SOCK_STREAM, 0)};
  REQUIRE(::bind(s.fd(), reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::getsockname(s.fd(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
  return ntohs(at.sin_port);
}

bool wait_until(auto condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("no request that was sent is lost when the shop is told to stop", "[drain]") {
  const auto* asked = std::getenv("BANYAN_ROUNDS");
  const int rounds = asked ? std::atoi(asked) : 2;
  for (int round = 0; round < rounds; ++round) {
    std::string folder = (std::filesystem::temp_directory_path() / "banyan-draining-shop-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const auto port = free_port();
    running_shop shop{folder, port};
    REQUIRE(wait_until([&] {
      if (shop.has_ended()) return true;
      try {
        auto c = raw::socket::connect(port);
        return true;
      } catch (const std::exception&) {
        return false;
      }
    }));
    REQUIRE_FALSE(shop.has_ended());

    constexpr int keeping = 50, coming = 60;
    tally kept, fresh;
    std::vector<std::atomic<int>> answered(keeping + coming);
    std::vector<std::thread> customers;
    const auto all_have = [&](int from, int to, int answers) {
      return std::all_of(answered.begin() + from, answered.begin() + to, [=](const auto& n) { return n >= answers; });
    };
    for (int i = 0; i < keeping; ++i)
      customers.emplace_back([&, i] { buy(port, i, true, i % 2 == 0 ? 0 : 20, kept, answered[static_cast<std::size_t>(i)]); });
    CHECK(wait_until([&] { return all_have(0, keeping, 3); }));
    for (int i = keeping; i < keeping + coming; ++i)
      customers.emplace_back([&, i] { buy(port, i, false, 0, fresh, answered[static_cast<std::size_t>(i)]); });
    CHECK(wait_until([&] { return all_have(keeping, keeping + coming, 1 + round % 3); }));
    shop.tell_to_stop();
    for (auto& c : customers) c.join();
    CHECK(shop.exit_code() == 0);
    CHECK(kept.lost == 0);
    CHECK(fresh.lost == 0);
    if (kept.lost != 0 || fresh.lost != 0) {
      std::cout << "round " << round << ": of " << kept.sent << " requests on kept connections " << kept.lost << " were lost, of "
                << fresh.sent << " on new ones " << fresh.lost << "\n" << std::ifstream{folder + "/log"}.rdbuf();
    }
    std::filesystem::remove_all(folder);
  }
}
