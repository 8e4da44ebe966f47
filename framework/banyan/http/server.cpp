#include <banyan/http/server.hpp>

#include <banyan/http/server_connection.hpp>
#include <banyan/http/wire.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace banyan {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr unsigned max_io_threads = 64;
constexpr std::size_t refusals_at_once = 64;  // connections beyond the limit that are told so; the rest are just closed

error option_error(std::string why, std::string field) { return error{code::invalid_argument, std::move(why)}.at(std::move(field)); }

result<tcp::endpoint> listening_endpoint(const http_server_options& o) {
  error_code ec;
  const auto address = asio::ip::make_address(o.address == "localhost" ? "127.0.0.1" : o.address, ec);
  if (ec) return option_error("'" + o.address + "' is not an IP address", "address");
  if (!address.is_loopback() && !o.allow_plaintext_elsewhere)
    return option_error(
        "'" + o.address + "' can be reached from outside and there is no TLS; set allow_plaintext_elsewhere to listen on it", "address");
  return tcp::endpoint{address, o.port};
}

result<void> check(const http_server_options& o) {
  if (o.io_threads == 0 || o.io_threads > max_io_threads) return option_error("io_threads must be between 1 and 64", "io_threads");
  if (o.max_connections == 0) return option_error("max_connections must not be zero", "max_connections");
  if (o.max_requests_per_connection == 0)
    return option_error("max_requests_per_connection must not be zero", "max_requests_per_connection");
  if (o.limits.header_bytes < 256 || o.limits.header_bytes > 1024 * 1024)
    return option_error("limits.header_bytes must be between 256 bytes and 1 MiB", "limits.header_bytes");
  const std::pair<timespan, const char*> waits[] = {{o.header_timeout, "header_timeout"},   {o.body_timeout, "body_timeout"},
                                                    {o.handler_timeout, "handler_timeout"}, {o.write_timeout, "write_timeout"},
                                                    {o.idle_timeout, "idle_timeout"},       {o.linger_timeout, "linger_timeout"}};
  for (const auto& [wait, name] : waits)
    if (wait.count() <= nanoseconds::zero()) return option_error(std::string{name} + " must be longer than zero", name);
  return {};
}

error listen_error(const error_code& ec, const http_server_options& o) {
  const auto where = o.address + ":" + std::to_string(o.port);
  if (ec == asio::error::address_in_use)
    return error{code::conflict, "port " + std::to_string(o.port) + " is in use by another program"}.because("port_taken").at("port");
  if (ec == asio::error::access_denied) return error{code::forbidden, "the system does not allow us to listen on " + where}.at("port");
  if (ec == boost::system::errc::address_not_available)
    return option_error("'" + o.address + "' is not an address of this machine", "address");
  return error{code::unavailable, "can not listen on " + where + ": " + ec.message()};
}

// Fine enough to keep the shortest time-out within an eighth.
std::chrono::nanoseconds tick_of(const http_server_options& o) {
  const auto shortest = std::min({o.header_timeout.count(), o.body_timeout.count(), o.handler_timeout.count(), o.write_timeout.count(),
                                  o.idle_timeout.count(), o.linger_timeout.count()});
  return std::clamp<std::chrono::nanoseconds>(shortest / 8, std::chrono::milliseconds{2}, std::chrono::milliseconds{100});
}

void for_each_connection(server_loop& loop, auto&& act) {
  for (auto it = loop.connections.begin(); it != loop.connections.end();) {
    const auto connection = *it++;  // it may take itself out of the list
    act(*connection);
  }
}

}  // namespace

struct http_server::impl {
  std::shared_ptr<server_state> state = std::make_shared<server_state>();
  std::vector<std::shared_ptr<server_loop>> loops;
  std::optional<tcp::acceptor> acceptor;  // this and all below: thread of the first loop
  std::optional<asio::steady_timer> accept_pause;
  std::size_t next_loop = 0;
  std::uint16_t port = 0;
  std::chrono::nanoseconds tick{};

  struct drain_order {
    monotonic deadline;
    completion<void> done;
  };
  std::optional<drain_order> drain;

  ~impl() {
    state->stopping = true;
    for (std::size_t i = 0; i < loops.size(); ++i)
      asio::post(loops[i]->context, [this, i, &loop = *loops[i]] {
        if (i == 0) stop_accepting();
        loop.tick.cancel();
        for_each_connection(loop, [](server_connection& c) { c.close(); });
        loop.work.reset();
      });
    for (auto& loop : loops)
      if (loop->thread.joinable()) loop->thread.join();
    if (drain) drain->done(error{code::unavailable, "the server was closed before it was drained"});
    state->handler = nullptr;
  }

  void accept() {
    const auto& loop = loops[next_loop++ % loops.size()];
    acceptor->async_accept(loop->context, [this, &loop](const error_code& ec, tcp::socket socket) {
      if (ec == asio::error::operation_aborted || !acceptor->is_open()) return;
      if (ec) return pause_accepting();
      welcome(loop, std::move(socket));
      accept();
    });
  }

  // Out of file descriptors, most likely: accepting again at once would spin.
  void pause_accepting() {
    accept_pause->expires_after(std::chrono::milliseconds{50});
    accept_pause->async_wait([this](const error_code& ec) {
      if (!ec && acceptor->is_open()) accept();
    });
  }

  void welcome(const std::shared_ptr<server_loop>& loop, tcp::socket socket) {
    count(state->connections);
    const auto open = state->connections_open.load(std::memory_order_relaxed);
    const bool refused = open >= state->options.max_connections;
    if (refused) count(state->connections_refused);
    if (open >= state->options.max_connections + refusals_at_once) return;
    count(state->connections_open);
    auto connection = std::make_shared<server_connection>(std::move(socket), loop, state);
    asio::dispatch(loop->context, [connection, refused, state = state] {
      if (refused)
        connection->start_refusing();
      else
        connection->start();
      if (state->stopping || state->draining) connection->close();
    });
  }

  void stop_accepting() {
    error_code ignored;
    acceptor->close(ignored);
    accept_pause->cancel();
  }

  void on_tick(server_loop& loop) {
    loop.date = to_http_date(system_clock().now());
    const auto now = system_clock().steady();
    for_each_connection(loop, [&](server_connection& c) { c.on_tick(now); });
    if (&loop == loops.front().get() && drain) check_drain(now);
    loop.tick.expires_after(tick);
    loop.tick.async_wait([this, &loop](const error_code& ec) {
      if (!ec && !state->stopping) on_tick(loop);
    });
  }

  void check_drain(monotonic now) {
    const auto open = state->connections_open.load();
    if (open != 0 && now < drain->deadline) return;
    auto done = std::move(drain->done);
    drain.reset();
    if (open == 0) return done(result<void>{});
    for (auto& loop : loops) asio::post(loop->context, [&l = *loop] { for_each_connection(l, [](server_connection& c) { c.close(); }); });
    done(error{code::deadline_exceeded, std::to_string(open) + " connections had to be cut", outcome::unknown});
  }

  void start_draining(drain_order order) {
    if (state->draining.exchange(true)) return order.done(error{code::conflict, "the server is draining already"});
    drain = std::move(order);
    stop_accepting();
    for (auto& loop : loops) asio::post(loop->context, [&l = *loop] { for_each_connection(l, [](server_connection& c) { c.drain(); }); });
  }

  result<void> listen() {
    const auto endpoint = listening_endpoint(state->options);
    if (!endpoint) return endpoint.error();
    acceptor.emplace(loops.front()->context);
    accept_pause.emplace(loops.front()->context);
    error_code ec;
    const auto ok = [&](auto&&...) { return !ec; };
    if (!ok(acceptor->open(endpoint->protocol(), ec)) || !ok(acceptor->set_option(tcp::acceptor::reuse_address{true}, ec)) ||
        !ok(acceptor->bind(*endpoint, ec)) || !ok(acceptor->listen(tcp::acceptor::max_listen_connections, ec)))
      return listen_error(ec, state->options);
    port = acceptor->local_endpoint(ec).port();
    return {};
  }

  void run() {
    tick = tick_of(state->options);
    accept();
    for (auto& loop : loops) {
      on_tick(*loop);
      loop->thread = std::thread{[l = loop.get()] { l->context.run(); }};
    }
  }
};

result<std::unique_ptr<http_server>> http_server::start(http_server_options options, http_handler handler) {
  if (auto checked = check(options); !checked) return checked.error();
  if (!handler) return option_error("there is no handler", "handler");
  auto made = std::make_unique<impl>();
  made->state->options = std::move(options);
  made->state->handler = std::move(handler);
  for (unsigned i = 0; i < made->state->options.io_threads; ++i) made->loops.push_back(std::make_shared<server_loop>());
  if (auto listening = made->listen(); !listening) return listening.error();
  made->run();
  return std::unique_ptr<http_server>{new http_server{std::move(made)}};
}

http_server::http_server(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
http_server::~http_server() = default;

std::uint16_t http_server::port() const { return impl_->port; }

http_server_counters http_server::counters() const {
  const auto& s = *impl_->state;
  return {.connections = s.connections,
          .connections_refused = s.connections_refused,
          .connections_open = s.connections_open,
          .requests = s.requests,
          .requests_refused = s.requests_refused,
          .requests_in_flight = s.requests_in_flight,
          .malformed = s.malformed,
          .read_timeouts = s.read_timeouts,
          .handler_timeouts = s.handler_timeouts,
          .write_timeouts = s.write_timeouts,
          .idle_closed = s.idle_closed,
          .handler_failures = s.handler_failures,
          .late_answers = s.late_answers,
          .responses_2xx = s.responses[2],
          .responses_3xx = s.responses[3],
          .responses_4xx = s.responses[4],
          .responses_5xx = s.responses[5],
          .bytes_in = s.bytes_in,
          .bytes_out = s.bytes_out,
          .draining = s.draining};
}

void http_server::drain(monotonic deadline, completion<void> done) {
  asio::post(impl_->loops.front()->context,
             [i = impl_.get(), order = impl::drain_order{deadline, std::move(done)}]() mutable { i->start_draining(std::move(order)); });
}

}  // namespace banyan
