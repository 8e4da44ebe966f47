// What tests of the HTTP server share: a handler that keeps what it is asked until the test answers, and waits for counters.
#pragma once

#include <banyan/http/server.hpp>

#include <tests/framework/http/hand_clock.hpp>
#include <tests/framework/http/raw_peer.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test {

// Keeps completions until told to answer; "/now" is answered at once.
class gate {
 public:
  http_handler handler() {
    return [this](http_request r, completion<http_response> done) {
      if (r.target == "/now") return done(http_response::text("now"));
      const std::lock_guard lock{mutex_};
      cancelled_.push_back(r.cancelled);
      held_.push_back(std::move(done));
      changed_.notify_all();
    };
  }
  void wait_for(std::size_t n) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, raw::patience, [&] { return cancelled_.size() >= n; }));
  }
  void answer(std::size_t i, const std::string& text) {
    const std::lock_guard lock{mutex_};
    held_[i](http_response::text(text));
  }
  void open() {
    const std::lock_guard lock{mutex_};
    for (auto& done : held_) done(http_response::text("opened"));
    held_.clear();
  }
  bool is_cancelled(std::size_t i) {
    const std::lock_guard lock{mutex_};
    return banyan::is_cancelled(cancelled_.at(i));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<completion<http_response>> held_;
  std::vector<cancellation_ptr> cancelled_;
};

// Of every server that `serve` starts, if a test program sets it before its tests.
inline std::optional<tls_server_options> tls_of_servers;
inline bool over_tls() { return tls_of_servers.has_value(); }

inline std::unique_ptr<http_server> serve(http_server_options options, http_handler handler) {
  if (!options.tls) options.tls = tls_of_servers;
  auto started = http_server::start(std::move(options), std::move(handler));
  REQUIRE(started);
  return std::move(*started);
}

// Until a counter shows what must happen; the server counts just after, or before, the client sees.
template <class F>
bool soon(F condition) {
  const auto end = std::chrono::steady_clock::now() + raw::patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

inline std::future<result<void>> drain(http_server& server, monotonic deadline) {
  auto told = std::make_shared<std::promise<result<void>>>();
  auto answer = told->get_future();
  server.drain(deadline, [told](result<void> r) { told->set_value(std::move(r)); });
  return answer;
}

inline std::string status_of(const std::string& response) { return response.substr(0, response.find('\r')); }
inline bool says(const std::string& response, const std::string& part) { return response.find(part) != std::string::npos; }

// How a connection that finds no room is answered: over TLS, it is closed.
inline std::string without_room() { return over_tls() ? "" : "HTTP/1.1 503 Service Unavailable"; }

inline const std::string slow_request = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
inline const std::string now_request = "GET /now HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace banyan::test
