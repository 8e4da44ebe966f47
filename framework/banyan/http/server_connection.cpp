#include <banyan/http/server_connection.hpp>

#include <banyan/http/wire.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace banyan {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

monotonic now() { return system_clock().steady(); }

// Stands behind the completion that a handler gets. It may outlive the connection, and the server.
class pending_reply {
 public:
  pending_reply(std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state, std::weak_ptr<server_connection> connection,
                std::uint64_t request)
      : state_{std::move(state)}, loop_{std::move(loop)}, connection_{std::move(connection)}, request_{request} {}

  void operator()(result<http_response> response) {
    state_->requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    asio::dispatch(loop_->context, [state = state_, connection = connection_, request = request_, r = std::move(response)]() mutable {
      if (auto alive = connection.lock())
        alive->answer(request, std::move(r));
      else
        count(state->late_answers);
    });
  }

 private:
  std::shared_ptr<server_state> state_;
  std::shared_ptr<server_loop> loop_;
  std::weak_ptr<server_connection> connection_;
  std::uint64_t request_;
};

error overloaded(std::string text) {
  return error{code::unavailable, std::move(text)}.because("overloaded").after(std::chrono::seconds{1});
}

}  // namespace

server_connection::server_connection(asio::ip::tcp::socket socket, std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state)
    : socket_{std::move(socket)}, owner_{loop}, loop_{*loop}, state_{std::move(state)}, parser_{state_->options.limits} {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  const auto remote = socket_.remote_endpoint(ignored);
  const auto host = remote.address().to_string();
  peer_ = (remote.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(remote.port());
}

void server_connection::enter() { place_ = loop_.connections.insert(loop_.connections.end(), shared_from_this()); }

void server_connection::start() {
  enter();
  move_to(phase::idle, state_->options.idle_timeout);
  read();
}

void server_connection::start_refusing() {
  enter();
  keep_alive_ = false;
  respond(http_response::problem(overloaded("the server has too many connections"), 503));
}

void server_connection::move_to(phase next, timespan time) {
  phase_ = next;
  deadline_ = now() + time.count();
}

void server_connection::on_tick(monotonic now) {
  if (now < deadline_) return;
  switch (phase_) {
    case phase::idle:
      count(state_->idle_closed);
      return close();
    case phase::head:
    case phase::body:
      count(state_->read_timeouts);
      if (saying_continue_) return close();
      return refuse(408, {code::deadline_exceeded, "the request did not arrive in time"});
    case phase::handling:
      count(state_->handler_timeouts);
      return respond(http_response::problem({code::deadline_exceeded, "no answer was ready in time", outcome::unknown}, 504));
    case phase::writing:
      count(state_->write_timeouts);
      return close();
    case phase::lingering:
      return close();
    case phase::closed:
      return;
  }
}

void server_connection::drain() {
  if (phase_ == phase::idle) close();
}

void server_connection::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  error_code ignored;
  socket_.close(ignored);
  state_->connections_open.fetch_sub(1, std::memory_order_relaxed);
  const auto self = shared_from_this();
  loop_.connections.erase(place_);
}

void server_connection::read() {
  const auto room = parser_.prepare();
  reading_ = true;
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = shared_from_this()](const error_code& ec, std::size_t n) { self->on_read(ec, n); });
}

void server_connection::on_read(const error_code& ec, std::size_t n) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  if (phase_ == phase::lingering) return discard();
  if (phase_ == phase::writing) return;  // a time-out is being answered meanwhile
  if (ec == asio::error::eof) {
    peer_finished_ = true;
    if (parser_.untouched()) return close();
    parser_.finish();
    return advance();
  }
  if (ec) return close();
  count(state_->bytes_in, n);
  parser_.commit(n);
  advance();
}

void server_connection::advance() {
  switch (parser_.state()) {
    case parse_state::head:
      if (phase_ == phase::idle && !parser_.untouched()) move_to(phase::head, state_->options.header_timeout);
      return read();
    case parse_state::body:
      if (phase_ != phase::body) {
        move_to(phase::body, state_->options.body_timeout);
        if (parser_.awaits_continue()) return say_continue();
      }
      return read();
    case parse_state::done:
      return handle();
    case parse_state::failed:
      count(state_->malformed);
      const auto& fault = parser_.fault();
      return refuse(fault.status, {fault.status > 500 ? code::unimplemented : code::invalid_argument, fault.detail});
  }
}

void server_connection::say_continue() {
  static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  saying_continue_ = true;
  asio::async_write(socket_, asio::buffer(text), [self = shared_from_this()](const error_code& ec, std::size_t) {
    self->saying_continue_ = false;
    if (self->phase_ == phase::closed) return;
    if (ec) return self->close();
    self->read();
  });
}

void server_connection::handle() {
  ++request_;
  count(state_->requests);
  keep_alive_ = parser_.keep_alive() && request_ < state_->options.max_requests_per_connection;
  http_request request = parser_.take();
  request.peer = peer_;
  to_head_ = request.method == "HEAD";
  if (state_->requests_in_flight.fetch_add(1, std::memory_order_relaxed) >= state_->options.max_in_flight) {
    state_->requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    count(state_->requests_refused);
    return respond(http_response::problem(overloaded("too many requests are under way"), 503));
  }
  move_to(phase::handling, state_->options.handler_timeout);
  completion<http_response> done{pending_reply{owner_.lock(), state_, weak_from_this(), request_}};
  // An exception drops the completion while it unwinds: an answer that comes during the call waits until it is over.
  in_handler_ = true;
  try {
    state_->handler(std::move(request), std::move(done));
  } catch (...) {
    count(state_->handler_failures);
    early_answer_ = error{code::internal, "the handler failed", outcome::unknown};
  }
  in_handler_ = false;
  if (early_answer_) answer(request_, *std::exchange(early_answer_, std::nullopt));
}

void server_connection::answer(std::uint64_t request, result<http_response> response) {
  if (phase_ != phase::handling || request != request_) return count(state_->late_answers);
  if (in_handler_) {
    early_answer_ = std::move(response);
    return;
  }
  respond(response ? std::move(*response) : http_response::problem(response.error()));
}

void server_connection::refuse(int status, error why) {
  keep_alive_ = false;
  to_head_ = false;
  respond(http_response::problem(why, status));
}

void server_connection::respond(http_response response) {
  if (state_->draining.load(std::memory_order_relaxed)) keep_alive_ = false;
  const response_framing framing{.keep_alive = keep_alive_, .to_head = to_head_, .date = loop_.date};
  auto head = response_head(response, framing);
  if (!head) {
    count(state_->handler_failures);
    response = http_response::problem(head.error());
    head = response_head(response, framing);
  }
  head_ = std::move(*head);
  body_ = to_head_ || !may_have_body(response.status) ? std::string{} : std::move(response.body);
  count(state_->responses[response.status / 100]);
  move_to(phase::writing, state_->options.write_timeout);
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_)};
  asio::async_write(socket_, parts, [self = shared_from_this()](const error_code& ec, std::size_t n) {
    count(self->state_->bytes_out, n);
    self->on_written(ec);
  });
}

void server_connection::on_written(const error_code& ec) {
  if (phase_ == phase::closed) return;
  if (ec) return close();
  if (!keep_alive_) return linger();
  body_ = {};
  move_to(phase::idle, state_->options.idle_timeout);
  if (state_->draining.load(std::memory_order_relaxed) && !parser_.leftover()) return close();
  parser_.next();
  advance();
}

// A close with unread bytes in the socket would reset the connection, and the client might lose the answer (RFC 9112, 9.6).
void server_connection::linger() {
  if (peer_finished_) return close();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  move_to(phase::lingering, state_->options.linger_timeout);
  if (!reading_) discard();
}

void server_connection::discard() {
  static thread_local std::array<char, 16 * 1024> nowhere;
  socket_.async_read_some(asio::buffer(nowhere), [self = shared_from_this()](const error_code& ec, std::size_t n) {
    if (self->phase_ == phase::closed) return;
    if (ec) return self->close();
    count(self->state_->bytes_in, n);
    self->discard();
  });
}

}  // namespace banyan
