// An acquirer within a test: its parts as `serve` connects them, on a temporary folder and a free port, and a client.
#pragma once

#include <services/acquirer/api.hpp>
#include <services/acquirer/callback_sender.hpp>

#include <banyan/test_kit/http_client.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace acquirer::test {

using banyan::http_request;
using banyan::http_response;
using banyan::result;

class temporary_folder {
 public:
  temporary_folder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  temporary_folder(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = (std::filesystem::temp_directory_path() / "banyan-acquirer-XXXXXX").string();
};

inline std::string charge_body(std::int64_t minor, const std::string& card = "tok_ok",
                               const std::string& order = "order-1", const std::string& currency = "GBP") {
  return banyan::to_json(charge_request{order, {minor, currency}, card});
}

inline std::string refund_body(std::int64_t minor, const std::string& currency = "GBP") {
  return banyan::to_json(refund_request{{minor, currency}});
}

inline http_request post(const std::string& target, const std::string& key, const std::string& body) {
  auto r = banyan::json_request("POST", target, body);
  r.headers.add("Idempotency-Key", key);
  return r;
}

// What every client of an acquirer in a test does, whether it is in this process or in another.
class client {
 public:
  explicit client(std::uint16_t port, timespan patience = std::chrono::seconds{20}) : http_{port, patience} {}

  http_response send(http_request r) { return http_.send(std::move(r)); }
  result<http_response> try_send(http_request r) { return http_.try_send(std::move(r)); }
  http_response get(const std::string& target) { return http_.get(target); }
  http_response charge_card(const std::string& key, std::int64_t minor, const std::string& card = "tok_ok") {
    return send(post("/charges", key, charge_body(minor, card)));
  }
  http_response give_back(const std::string& charge, const std::string& key, std::int64_t minor) {
    return send(post("/charges/" + charge + "/refunds", key, refund_body(minor)));
  }
  http_response set_faults(const std::string& json) { return send(banyan::json_request("PUT", "/faults", json)); }
  book_totals book() { return banyan::from_json<book_totals>(get("/book").body).value(); }
  fault_report faults() { return banyan::from_json<fault_report>(get("/faults").body).value(); }

 private:
  banyan::test_kit::blocking_http_client http_;
};

class an_acquirer {
 public:
  // With a `callback_url`, callbacks are sent there. `folder`: an existing book.
  explicit an_acquirer(std::uint64_t seed = 1, const std::string& callback_url = {}, const std::string& folder = {},
                       timespan hold_for = std::chrono::seconds{60})
      : faults_{{}, seed}, writer_{book::open(folder.empty() ? own_.path() + "/data" : folder).value()} {
    if (!callback_url.empty())
      sender_.emplace(writer_, delays_,
                      callback_options{.url = callback_url,
                                       .secret = "a secret",
                                       .first_retry = std::chrono::milliseconds{2},
                                       .longest_retry = std::chrono::milliseconds{20}},
                      banyan::system_clock());
    api_.emplace(
        writer_, delays_, faults_, banyan::system_clock(),
        api_options{
            .announces = sender_.has_value(), .wake_callbacks = [this] { sender_->wake(); }, .hold_for = hold_for});
    server_ = banyan::http_server::start(api::server_options(0), [this](http_request r,
                                                                        banyan::completion<http_response> done) {
                api_->handle(std::move(r), std::move(done));
              }).value();
    if (sender_) sender_->wake();
    client_.emplace(server_->port());
  }
  ~an_acquirer() {
    client_.reset();
    server_.reset();
    if (sender_) sender_->close();
    delays_.close();
    writer_.close();
  }

  client& ask() { return *client_; }
  std::uint16_t port() const { return server_->port(); }
  const banyan::http_server& server() const { return *server_; }

 private:
  temporary_folder own_;
  fault_injector faults_;
  delays delays_;
  std::optional<callback_sender> sender_;
  writer writer_;
  std::optional<api> api_;
  std::unique_ptr<banyan::http_server> server_;
  std::optional<client> client_;
};

// Yields until this is so; false after half a minute.
inline bool comes_true(const auto& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace acquirer::test
