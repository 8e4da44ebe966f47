// The shop and the acquirer of the demo as its steps see them: started, asked, broken, killed, and started again.
// Functions throw std::runtime_error with what was not as expected.
#pragma once

#include <shop/demo_programs.hpp>
#include <shop/exchange.hpp>
#include <shop/http_transport.hpp>

#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace shop {

void expect(bool good, const std::string& otherwise);

// Asks one server, one request at a time; each sees what the one before it did.
class demo_client {
 public:
  demo_client(std::string url, const stop_flag& stop)
      : url_{std::move(url)}, send_{http_transport(8, std::chrono::seconds{10})}, stop_{stop} {}
  // Status and body; status 0 when nobody answered.
  std::pair<int, boost::json::value> call(const std::string& method, const std::string& path,
                                          const std::string& body = {});
  std::string text(const std::string& path);
  // The last status seen of an order: `wanted`, or another one when `limit` has passed.
  std::string status_of(const std::string& order, const std::string& wanted, std::chrono::seconds limit);

 private:
  std::string url_, position_;
  transport send_;
  const stop_flag& stop_;
};

// On ports and data of their own, which they keep when they are started again.
class demo_world {
 public:
  demo_world(std::string program, std::string folder, const stop_flag& stop);
  std::string open_shop();      // returns where it serves
  std::string open_acquirer();
  demo_program& shop() { return *shop_; }
  demo_program& acquirer() { return *acquirer_; }
  demo_client& customer() { return *customer_; }
  demo_client& operators() { return *operator_; }
  demo_client& bank() { return *bank_; }
  // Closes the clients' kept connections, for whose next requests a server that stops would wait.
  void hang_up() { customer_.reset(), operator_.reset(), bank_.reset(); }
  std::string data() const { return folder_ + "/shop"; }

  void fault(const std::string& json);  // the acquirer's from now on; empty: none
  std::int64_t charges();               // captured, in the acquirer's book
  std::string breaker();                // state of the one of payments -> acquirer
  int counted(const std::string& series);  // a counter of the shop; 0: not there
  void until(std::chrono::seconds limit, const std::string& otherwise, const std::function<bool()>& holds);
  void confirmed(const std::string& order, std::chrono::seconds limit = std::chrono::seconds{20});

 private:
  std::string secret() const { return folder_ + "/secret"; }

  const std::string program_, folder_;
  const stop_flag& stop_;
  const std::uint16_t shop_port_, acquirer_port_;
  std::unique_ptr<demo_program> shop_, acquirer_;
  std::unique_ptr<demo_client> customer_, operator_, bank_;
};

}  // namespace shop
