// Who is around a supervised shop in a test: where it lives, customers that order, somebody who asks whether it answers, and a reader of
// its log.
#pragma once

#include <tests/framework/process_supervision/supervised_group.hpp>

#include <shop/acknowledged.hpp>
#include <shop/http_transport.hpp>
#include <shop/load.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <sstream>
#include <thread>

namespace shop_test {

using namespace std::chrono_literals;

// Below the range from which the kernel takes ports for connections: nobody gets it while the shop is down.
inline std::uint16_t free_port() {
  static std::uint16_t next = static_cast<std::uint16_t>(21'000 + ::getpid() % 10'000);
  for (;;) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(++next);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const banyan::descriptor s{::socket(AF_INET, SOCK_STREAM, 0)};
    if (::bind(s.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return next;
  }
}

struct place {
  std::string folder = (std::filesystem::temp_directory_path() / "banyan-supervised-shop-XXXXXX").string();
  std::string port = std::to_string(free_port()), url = "http://127.0.0.1:" + port;
  std::string acquirer_port = std::to_string(free_port());
  place() { REQUIRE(::mkdtemp(folder.data()) != nullptr); }
  ~place() { std::filesystem::remove_all(folder); }
  std::vector<std::string> arguments() const { 
    return {"--", "--port", port, "--admin-port", "0", "--data", folder + "/data", "--set",
            "payments.ambassador.acquirer.to=http://127.0.0.1:" + acquirer_port};
  }
};

// Customers that order and look at their orders, one run of `shop load` after the other until they have enough.
class customers {
 public:
  explicit customers(const place& at) : at_{at}, thread_{[this] { buy(); }} {}
  ~customers() { leave(); }
  void leave() {
    enough_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::string complaints;  // of the runs where not every request was answered with success at last
  std::vector<shop::acknowledgement> orders;

 private:
  void buy() {
    for (std::uint64_t n = 1; !enough_; ++n) {
      const auto file = at_.folder + "/acknowledged";
      std::ostringstream out, err;
      const auto code = shop::load({.url = at_.url,
                                    .rate = 50,
                                    .mix = "browse=40,order=50,follow=10",
                                    .seconds = 5,
                                    .seed = n,
                                    .repeat_for = 60s,
                                    .acknowledged = file},
                                   shop::http_transport(128, 10s), out, err, never_);
      if (code != 0) complaints += out.str() + err.str();
      auto record = shop::read_acknowledgements(file);
      if (!record) complaints += record.error().message;
      if (record) std::move(record->begin(), record->end(), std::back_inserter(orders));
    }
  }
  const place& at_;
  shop::stop_flag never_{false};
  std::atomic<bool> enough_{false};
  std::thread thread_;
};

// Asks again and again, and knows when nobody answered.
class prober {
 public:
  explicit prober(const place& at) : api_{shop::shop_api::at(at.url).value()}, thread_{[this] { ask(); }} {}
  ~prober() { leave(); }
  void leave() {
    {
      const std::lock_guard guard{lock_};
      enough_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  std::size_t answers() const { return count_; }  // so far
  // The longest time without an answer of which a part lies between these; after `leave`.
  banyan::nanoseconds outage(banyan::monotonic from, banyan::monotonic to) const {
    banyan::nanoseconds longest{};
    for (auto next = std::upper_bound(answers_.begin(), answers_.end(), from); next != answers_.end() && next != answers_.begin(); ++next) {
      if (*std::prev(next) > to) break;
      longest = std::max(longest, *next - *std::prev(next));
    }
    return longest;
  }

 private:
  void ask() {
    shop::stop_flag never{false};
    shop::exchange shop{shop::http_transport(1, 250ms), banyan::system_clock(), banyan::system_random()};
    std::unique_lock guard{lock_};
    do {
      guard.unlock();
      if (shop.once(api_.get_products("", 1, ""), {.give_up_after = 0s}, never)) {
        answers_.push_back(banyan::system_clock().steady());
        ++count_;
      }
      guard.lock();
    } while (!changed_.wait_for(guard, pause, [this] { return enough_; }));
  }
  static constexpr auto pause = 5ms;  // or it would be a load of its own
  shop::shop_api api_;
  std::vector<banyan::monotonic> answers_;
  std::atomic<std::size_t> count_{0};
  std::mutex lock_;
  std::condition_variable changed_;
  bool enough_ = false;
  std::thread thread_;
};

// Reads the log while others are busy: a supervisor whose log nobody takes drops lines.
class reader {
 public:
  explicit reader(banyan::supervised_group& g)
      : thread_{[this, &g] {
          while (!enough_ && g.read_some()) {
          }
        }} {}
  ~reader() {
    enough_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> enough_{false};
  std::thread thread_;
};

}  // namespace shop_test
