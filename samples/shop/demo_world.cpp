#include <shop/demo_world.hpp>

#include <banyan/core/json.hpp>

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <vector>

#include <poll.h>

namespace shop {

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

void expect(bool good, const std::string& otherwise) {
  if (!good) throw std::runtime_error{otherwise};
}

std::pair<int, boost::json::value> demo_client::call(const std::string& method, const std::string& path,
                                                     const std::string& body) {
  auto request = banyan::request_to(method, url_ + path, body);
  if (!request) throw std::runtime_error{request.error().message};
  std::promise<banyan::result<banyan::http_response>> promise;
  auto answer = promise.get_future();
  if (!body.empty()) request->headers.set("Content-Type", "application/json");
  if (!position_.empty()) request->headers.set("X-Banyan-Position", position_);
  send_(std::move(*request), [&](banyan::result<banyan::http_response> r) { promise.set_value(std::move(r)); });
  auto response = answer.get();
  if (!response) return {0, response.error().message.c_str()};
  if (auto* p = response->headers.find("X-Banyan-Position")) position_ = *p;
  auto parsed = banyan::parse_json(response->body);
  return {response->status, parsed ? *parsed : boost::json::value{}};
}

std::string demo_client::text(const std::string& path) {
  auto request = banyan::request_to("GET", url_ + path);
  std::promise<banyan::result<banyan::http_response>> promise;
  auto answer = promise.get_future();
  send_(std::move(request.value()),
        [&](banyan::result<banyan::http_response> r) { promise.set_value(std::move(r)); });
  auto response = answer.get();
  return response ? response->body : std::string{};
}

std::string demo_client::status_of(const std::string& order, const std::string& wanted, std::chrono::seconds limit) {
  std::string status;
  for (auto until = clock::now() + limit; clock::now() < until && !stop_;) {
    auto [code, body] = call("GET", "/orders/" + order);
    status = code == 200 ? std::string{body.at("status").as_string()} : "unknown";
    if (status == wanted) break;
    poll(nullptr, 0, 30);
  }
  return status;
}

demo_world::demo_world(std::string program, std::string folder, const stop_flag& stop)
    : program_{std::move(program)},
      folder_{std::move(folder)},
      stop_{stop},
      shop_port_{free_port()},
      acquirer_port_{free_port()} {
  std::ofstream{secret()} << "a secret that both know, of the demo";
  std::filesystem::permissions(secret(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

std::string demo_world::open_shop() {
  shop_.reset();
  const auto bank = "http://127.0.0.1:" + std::to_string(acquirer_port_);
  shop_ = std::make_unique<demo_program>(
      program_,
      std::vector<std::string>{"serve", "--data", data(), "--port", std::to_string(shop_port_), "--admin-port", "0",
                               "--set", "log_level=error", "--set", "payments.ambassador.acquirer.to=" + bank},
      std::vector<std::string>{"SHOP_ACQUIRER_SECRET_FILE=" + secret()});
  customer_ = std::make_unique<demo_client>(shop_->url(), stop_);
  operator_ = std::make_unique<demo_client>(shop_->operations_url(), stop_);
  return "serving " + shop_->url();
}

std::string demo_world::open_acquirer() {
  acquirer_.reset();
  const auto back = "http://127.0.0.1:" + std::to_string(shop_port_) + "/payments/settlements";
  acquirer_ = std::make_unique<demo_program>(
      program_beside("acquirer"),
      std::vector<std::string>{"--data", folder_ + "/book", "--port", std::to_string(acquirer_port_), "--seed", "7",
                               "--callback-url", back, "--callback-secret-file", secret()});
  bank_ = std::make_unique<demo_client>(acquirer_->url(), stop_);
  return "listening on " + acquirer_->url();
}

void demo_world::fault(const std::string& json) {
  const auto [status, body] = json.empty() ? bank().call("DELETE", "/faults") : bank().call("PUT", "/faults", json);
  expect(status == 200, "the acquirer refused: " + boost::json::serialize(body));
}

std::int64_t demo_world::charges() {
  const auto [status, body] = bank().call("GET", "/book");
  expect(status == 200, "no book");
  return body.at("captured").as_int64();
}

std::string demo_world::breaker() {
  const auto [status, body] = operators().call("GET", "/links/payments/acquirer");
  expect(status == 200, "no link");
  return std::string{body.at("breaker").at("state").as_string()};
}

int demo_world::counted(const std::string& series) {
  const auto page = "\n" + operators().text("/metrics");
  const auto at = page.find("\n" + series + " ");
  return at == std::string::npos ? 0 : std::stoi(page.substr(at + series.size() + 2));
}

void demo_world::until(std::chrono::seconds limit, const std::string& what, const std::function<bool()>& holds) {
  for (const auto end = clock::now() + limit; !stop_; poll(nullptr, 0, 20)) {
    if (holds()) return;
    expect(clock::now() < end, what);
  }
}

void demo_world::confirmed(const std::string& order, std::chrono::seconds limit) {
  const auto status = customer().status_of(order, "confirmed", limit);
  expect(status == "confirmed" || stop_, order + " is " + status);
}

}  // namespace shop
