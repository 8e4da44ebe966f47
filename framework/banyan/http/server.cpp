#include <banyan/http/server.hpp>

#include <banyan/http/authority.hpp>
#include <banyan/http/busy_poll.hpp>
#include <banyan/http/deadline.hpp>
#include <banyan/http/listener.hpp>
#include <banyan/http/server_connection.hpp>
#include <banyan/http/server_reports.hpp>
#include <banyan/http/server_tls_watch.hpp>
#include <banyan/http/wire.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <vector>

#include <sys/resource.h>

namespace banyan {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr unsigned max_io_threads = 64;
// Connections being answered 503 at once; more are closed without an answer.
constexpr std::size_t refusals_at_once = 64;

error option_error(std::string why, std::string field) { return error{code::invalid_argument, std::move(why)}.at(std::move(field)); }

result<tcp::endpoint> listening_endpoint(const http_server_options& o) {
  error_code ec;
  const auto address = asio::ip::make_address(o.address == "localhost" ? "127.0.0.1" : o.address, ec);
  if (ec) return option_error("'" + o.address + "' is not an IP address", "address");
  if (!address.is_loopback() && !o.tls && !o.allow_plaintext_elsewhere)
    return option_error("'" + o.address +
                            "' can be reached from outside and there is no TLS; set tls, or allow_plaintext_elsewhere, "
                            "to listen on it",
                        "address")
        .because("plaintext");
  return tcp::endpoint{address, o.port};
}

result<void> check_limits(const http_server_options& o) {
  if (o.io_threads == 0 || o.io_threads > max_io_threads) return option_error("io_threads must be between 1 and 64", "io_threads");
  if (o.busy_poll.count() < nanoseconds::zero() || o.busy_poll.count() > std::chrono::milliseconds{1})
    return option_error("busy_poll must be between 0 and 1 ms", "busy_poll");
  if (o.max_connections && *o.max_connections == 0) return option_error("max_connections must not be zero", "max_connections");
  if (o.max_requests_per_connection == 0)
    return option_error("max_requests_per_connection must not be zero", "max_requests_per_connection");
  if (o.limits.header_bytes < 256 || o.limits.header_bytes > 1024 * 1024)
    return option_error("limits.header_bytes must be between 256 bytes and 1 MiB", "limits.header_bytes");
  const std::pair<timespan, const char*> waits[] = {{o.handshake_timeout, "handshake_timeout"},
                                                    {o.header_timeout, "header_timeout"},
                                                    {o.body_timeout, "body_timeout"},
                                                    {o.handler_timeout, "handler_timeout"},
                                                    {o.write_timeout, "write_timeout"},
                                                    {o.idle_timeout, "idle_timeout"},
                                                    {o.linger_timeout, "linger_timeout"},
                                                    {o.stall_timeout, "stall_timeout"},
                                                    {o.drain_quiet, "drain_quiet"},
                                                    {o.event_heartbeat, "event_heartbeat"}};
  for (const auto& [wait, name] : waits)
    if (wait.count() <= nanoseconds::zero()) return option_error(std::string{name} + " must be longer than zero", name);
  return {};
}

error listen_error(const error_code& ec, const http_server_options& o) {
  const auto where = to_authority(o.address, o.port);
  if (ec == asio::error::address_in_use)
    return error{code::conflict, "port " + std::to_string(o.port) + " is in use by another program"}.because("port_taken").at("port");
  if (ec == asio::error::access_denied) return error{code::forbidden, "the system does not allow us to listen on " + where}.at("port");
  if (ec == boost::system::errc::address_not_available)
    return option_error("'" + o.address + "' is not an address of this machine", "address");
  return error{code::unavailable, "can not listen on " + where + ": " + ec.message()};
}

// The tick is at most an eighth of the shortest time-out.
std::chrono::nanoseconds tick_of(const http_server_options& o) {
  const auto shortest = std::min({o.handshake_timeout.count(), o.header_timeout.count(), o.body_timeout.count(),
                                  o.handler_timeout.count(), o.write_timeout.count(), o.idle_timeout.count(),
                                  o.linger_timeout.count(), o.stall_timeout.count(), o.drain_quiet.count(),
                                  o.event_heartbeat.count()});
  return std::clamp<std::chrono::nanoseconds>(shortest / 8, std::chrono::milliseconds{2}, std::chrono::milliseconds{100});
}

// The process's open files are shared with its engines, its log and its other servers.
std::size_t connections_that_fit() {
  constexpr std::size_t most = 4'096;
  constexpr std::size_t reserve = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return most;
  const auto files = static_cast<std::size_t>(limit.rlim_cur);
  return std::clamp<std::size_t>(files - std::min(reserve, files / 2), 1, most);
}

void for_each_connection(server_loop& loop, auto&& act) {
  for (auto it = loop.connections.begin(); it != loop.connections.end();) {
    const auto connection = *it++;  // it may take itself out of the list
    act(*connection);
  }
}

// Closes the connection of this loop that is most expendable; false when all are at work. Like nginx when its
// worker_connections are used up, but also connections that hold their place by an unfinished request or an unread
// response.
// The list is in order of arrival, so the first never_asked connection is the one to close, usually near the front.
bool make_room(server_loop& loop, monotonic now) {
  using kind = server_connection::spare_kind;
  std::shared_ptr<server_connection> spare;
  std::optional<server_connection::spare_rank> least;
  for (const auto& c : loop.connections) {
    const auto rank = c->rank_as_spare(now);
    if (!rank || (least && *rank >= *least)) continue;
    if (rank->kind != kind::stuck && c->more_has_come()) continue;  // a request has arrived and is not read yet
    least = rank;
    spare = c;
    if (rank->kind == kind::never_asked) break;
  }
  if (spare) spare->close();
  return spare != nullptr;
}

}  // namespace

struct http_server::impl {
  std::shared_ptr<server_state> state = std::make_shared<server_state>();
  std::vector<std::shared_ptr<server_loop>> loops;
  std::optional<listener> acceptor;  // this and all below: thread of the first loop
  std::optional<server_reports> reports;
  std::optional<server_tls_watch> tls_watch;
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
        if (i == 0) acceptor->close();
        loop.tick.cancel();
        for_each_connection(loop, [](server_connection& c) { c.close(); });
        loop.work.reset();
      });
    for (auto& loop : loops)
      if (loop->thread.joinable()) loop->thread.join();
    if (drain) drain->done(error{code::unavailable, "the server was closed before it was drained"});
    state->handler = nullptr;
  }

  monotonic now() const { return state->clock->steady(); }

  void welcome(tcp::socket socket) {
    if (state->stopping) return;  // the other loops may have ended
    const auto& loop = loops[next_loop++ % loops.size()];
    count(state->connections);
    const auto open = state->connections_open.load(std::memory_order_relaxed);
    const bool is_full = open >= state->max_connections;
    if (open >= state->max_connections + refusals_at_once) {
      count(state->connections_refused);
      error_code ec;
      const int descriptor = socket.release(ec);
      return turn_away(ec ? -1 : descriptor, state->tls ? listener::refusal::silent : listener::refusal::status_503);
    }
    auto connection = std::make_shared<server_connection>(std::move(socket), loop, state);
    asio::dispatch(loop->context, [connection, is_full, loop, state = state] {
      if (!is_full) {
        connection->start();
      } else if (make_room(*loop, state->clock->steady())) {
        count(state->connections_spared);
        connection->start();
      } else {
        count(state->connections_refused);
        connection->start_refusing();
      }
      if (state->stopping) connection->close();
    });
  }

  void on_tick(server_loop& loop) {
    const auto time = now();
    try {
      loop.date = to_http_date(state->clock->now());
      for_each_connection(loop, [&](server_connection& c) { c.on_tick(time); });
      if (&loop == loops.front().get()) {
        acceptor->on_tick(time);
        reports->on_tick(time);
        if (tls_watch) tls_watch->on_tick(time);
        if (drain) check_drain(time);
      }
    } catch (const std::exception&) {  // out of memory; the next tick retries
      count(state->server_failures);
    }
    loop.tick.expires_after(tick);
    loop.tick.async_wait([this, &loop](const error_code& ec) {
      if (!ec && !state->stopping) on_tick(loop);
    });
  }

  void check_drain(monotonic time) {
    const auto open = state->connections_open.load();
    if ((open != 0 || !acceptor->closed()) && time < drain->deadline) return;
    auto done = std::move(drain->done);
    drain.reset();
    acceptor->close();
    if (open == 0) return done(result<void>{});
    for (auto& loop : loops) asio::post(loop->context, [&l = *loop] { for_each_connection(l, [](server_connection& c) { c.close(); }); });
    done(error{code::deadline_exceeded, std::to_string(open) + " connections had to be cut", outcome::unknown});
  }

  void start_draining(drain_order order) {
    if (state->draining) return order.done(error{code::conflict, "the server is draining already"});
    const auto time = now();
    const nanoseconds quarter = std::max(nanoseconds{}, order.deadline - std::min(order.deadline, time)) / 4;
    state->drain_began = time;
    state->drain_quiet = std::min<nanoseconds>(state->options.drain_quiet, quarter);
    state->drain_linger = quarter;
    state->draining.store(true, std::memory_order_release);
    drain = std::move(order);
    acceptor->finish(time);
  }

  result<void> listen() {
    const auto endpoint = listening_endpoint(state->options);
    if (!endpoint) return endpoint.error();
    // Each loop serves the sockets of its own context.
    acceptor.emplace(loops.front()->context, state->options.reserved_descriptors,
                 listener::hooks{.next_context = [this]() -> asio::io_context& { return loops[next_loop % loops.size()]->context; },
                                 .taken = [this](tcp::socket s) { welcome(std::move(s)); },
                                 .turned_away = [this] { count(state->connections_without_descriptor); },
                                 .by = state->tls ? listener::refusal::silent : listener::refusal::status_503});
    if (const auto ec = acceptor->open(*endpoint)) return listen_error(ec, state->options);
    port = acceptor->port();
    return {};
  }

  void run() {
    tick = tick_of(state->options);
    reports.emplace(*state);
    if (state->tls) tls_watch.emplace(*state);
    acceptor->start();
    for (auto& loop : loops) {
      on_tick(*loop);
      loop->thread = std::thread{[l = loop.get(), state = state] {
        for (;;) try {
            run_with_busy_poll(l->context, state->options.busy_poll.count(), [] { return system_clock().steady(); });
            return;
          } catch (const std::exception&) {
            count(state->server_failures);
          }
      }};
    }
  }
};

result<void> http_server::check(const http_server_options& options) {
  if (auto limits = check_limits(options); !limits) return limits;
  const auto endpoint = listening_endpoint(options);
  if (!endpoint) return endpoint.error();
  if (options.tls)
    if (const auto read = tls::server_identity::load(*options.tls); !read) return read.error();
  return {};
}

result<std::unique_ptr<http_server>> http_server::start(http_server_options options, http_handler handler) {
  if (auto checked = check(options); !checked) return checked.error();
  if (!handler) return option_error("there is no handler", "handler");
  auto made = std::make_unique<impl>();
  auto& state = *made->state;
  state.options = std::move(options);
  state.handler = std::move(handler);
  if (state.options.clock) state.clock = state.options.clock;
  if (state.options.tls) {
    auto identity = tls::server_identity::load(*state.options.tls);
    if (!identity) return identity.error();
    state.tls = std::move(*identity);
  }
  state.hosts = host_rules{state.options.address, state.options.allowed_hosts};
  state.max_connections = state.options.max_connections.value_or(connections_that_fit());
  state.max_buffered_bytes = state.options.max_buffered_bytes;
  state.max_body_bytes = state.options.max_buffered_bytes / 2;
  for (unsigned i = 0; i < state.options.io_threads; ++i) made->loops.push_back(std::make_shared<server_loop>());
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
          .connections_spared = s.connections_spared,
          .connections_without_descriptor = s.connections_without_descriptor,
          .connections_open = s.connections_open,
          .requests = s.requests,
          .requests_refused = s.requests_refused,
          .requests_in_flight = s.requests_in_flight,
          .misdirected = s.misdirected,
          .cancelled = s.cancelled,
          .malformed = s.malformed,
          .read_timeouts = s.read_timeouts,
          .handler_timeouts = s.handler_timeouts,
          .write_timeouts = s.write_timeouts,
          .idle_closed = s.idle_closed,
          .handler_failures = s.handler_failures,
          .late_answers = s.late_answers,
          .bodies_refused = s.bodies_refused,
          .answers_refused = s.answers_refused,
          .event_streams = s.event_streams,
          .event_streams_refused = s.event_streams_refused,
          .server_failures = s.server_failures,
          .handshakes = s.handshakes,
          .handshakes_resumed = s.handshakes_resumed,
          .handshakes_failed = s.handshakes_failed,
          .handshake_timeouts = s.handshake_timeouts,
          .plain_on_tls = s.plain_on_tls,
          .tls_reloads = s.tls_reloads,
          .tls_reloads_failed = s.tls_reloads_failed,
          .responses_2xx = s.responses[2],
          .responses_3xx = s.responses[3],
          .responses_4xx = s.responses[4],
          .responses_5xx = s.responses[5],
          .bytes_in = s.bytes_in,
          .bytes_out = s.bytes_out,
          .bytes_buffered = s.buffered.used(),
          .max_connections = s.max_connections,
          .draining = s.draining};
}

result<void> http_server::reload_tls() {
  auto& s = *impl_->state;
  if (!s.tls) return option_error("the server has no TLS", "tls");
  auto read = s.tls->reload();
  count(read ? s.tls_reloads : s.tls_reloads_failed);
  return read;
}

void http_server::drain(monotonic deadline, completion<void> done) {
  asio::post(impl_->loops.front()->context,
             [i = impl_.get(), order = impl::drain_order{deadline, std::move(done)}]() mutable { i->start_draining(std::move(order)); });
}

}  // namespace banyan
