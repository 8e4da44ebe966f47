#include <banyan/http/client_connection.hpp>

#include <boost/asio/connect.hpp>

#include <array>
#include <utility>

namespace banyan {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

client_connection::client_connection(asio::io_context& context, client_state& state, client_endpoint& endpoint)
    : state_{state},
      endpoint_{endpoint},
      resolver_{context},
      stream_{tcp::socket{context}},
      parser_{state.options.limits},
      since_{system_clock().steady()} {
  ++state_.connections_opened;
  ++state_.connections_open;
}

void client_connection::open(std::shared_ptr<client_call> call) {
  call_ = std::move(call);
  call_->connection = this;
  error_code not_numeric;
  const auto address = asio::ip::make_address(endpoint_.host(), not_numeric);
  if (!not_numeric) {
    const tcp::endpoint only{address, endpoint_.port()};
    return connect(tcp::resolver::results_type::create(only, endpoint_.host(), std::to_string(endpoint_.port())));
  }
  resolver_.async_resolve(endpoint_.host(), std::to_string(endpoint_.port()), tcp::resolver::numeric_service,
                          [self = shared_from_this()](const error_code& ec, const tcp::resolver::results_type& addresses) {
                            if (self->closed_) return;
                            if (ec) return self->on_open_failed(ec, true);
                            self->connect(addresses);
                          });
}

void client_connection::connect(const tcp::resolver::results_type& addresses) {
  asio::async_connect(stream_.socket(), addresses,
                      [self = shared_from_this()](const error_code& ec, const tcp::endpoint&) {
                        if (self->closed_) return;
                        if (ec) return self->on_open_failed(ec, false);
                        self->on_connected();
                      });
}

void client_connection::on_connected() {
  error_code ignored;
  stream_.socket().set_option(tcp::no_delay{true}, ignored);
  if (!endpoint_.https()) return on_open();
  stream_.socket().native_non_blocking(true, ignored);
  auto context = state_.tls.context(system_clock().steady());
  auto session = context ? (*context)->open(stream_.socket().native_handle(), endpoint_.host(), endpoint_.name())
                         : context.error();
  if (!session) return call_ ? fail(session.error()) : close();
  stream_.begin_tls(std::move(*session));
  stream_.handshake([self = shared_from_this()](const error_code& ec, std::size_t) {
    if (!self->closed_) self->on_handshake(ec);
  });
}

void client_connection::on_handshake(const error_code& ec) {
  if (ec) {
    ++state_.handshakes_failed;
    return fail_by_tls();
  }
  ++state_.handshakes;
  if (stream_.tls()->resumed()) ++state_.handshakes_resumed;
  on_open();
}

void client_connection::on_open() {
  opening_ = false;
  read();
  if (call_) return carry(std::move(call_));
  become_free();
}

void client_connection::on_open_failed(const error_code& ec, bool looking_up) {
  if (!call_) return close();
  const auto where = endpoint_.name();
  if (looking_up)
    return fail(error{code::unavailable, "the host " + endpoint_.host() + " is not known: " + ec.message(), call_->effect()}.because(
        "host_not_found"));
  const bool refused = ec == asio::error::connection_refused;
  fail(error{code::unavailable, "no connection to " + where + ": " + ec.message(), call_->effect()}.because(refused ? "connection_refused"
                                                                                                                    : "connect_failed"));
}

void client_connection::carry(std::shared_ptr<client_call> call) {
  call_ = std::move(call);
  call_->connection = this;
  call_->may_have_left = true;
  parser_.expect(call_->request.method == "HEAD");
  written_ = false;
  const std::array<asio::const_buffer, 2> parts{asio::buffer(call_->head), asio::buffer(call_->request.body)};
  stream_.write_all(parts, [self = shared_from_this(), call = call_](const error_code& ec, std::size_t n) {
    if (self->call_ != call) return;
    // After an error the read decides: the server may have answered before it stopped reading.
    if (ec && n == 0) call->may_have_left = false;
    self->written_ = !ec;
  });
}

void client_connection::read() {
  const auto room = parser_.prepare();
  stream_.read_some(asio::buffer(room.data(), room.size()),
                    [self = shared_from_this()](const error_code& ec, std::size_t n) { self->on_read(ec, n); });
}

void client_connection::on_read(const error_code& ec, std::size_t n) {
  if (closed_) return;
  if (!call_) return close();  // the server closed an idle connection, or sent data without a request
  if (ec && stream_.tls() && stream_.tls()->refused_unread()) {
    call_->may_have_left = false;
    return fail_by_tls();
  }
  if (ec && parser_.untouched()) return on_lost();
  if (ec == asio::error::eof)
    parser_.finish();
  else if (ec)
    return fail(error{code::unavailable, "the connection was lost within the answer", outcome::unknown}.because("connection_lost"));
  else
    parser_.commit(n);
  switch (parser_.state()) {
    case parse_state::head:
    case parse_state::body:
      return read();
    case parse_state::done:
      return written_ || ec ? complete(!ec) : complete_after_write();
    case parse_state::failed:
      const auto& fault = parser_.fault();
      if (fault.status == 413)
        return fail(error{code::exhausted, "the answer is larger than the limit", outcome::unknown}.because("response_too_large"));
      return fail(error{code::unavailable, "the answer is not understood: " + fault.detail, outcome::unknown}.because("bad_response"));
  }
}

void client_connection::on_lost() {
  const bool safe = is_idempotent(call_->request.method) || !call_->may_have_left;
  if (was_idle_ && safe && !call_->resent) {
    call_->resent = true;
    call_->left_earlier = std::exchange(call_->may_have_left, false);
    ++state_.resent;
    return close(std::move(call_));
  }
  fail(error{code::unavailable, "the connection was lost before an answer", call_->effect()}.because("connection_lost"));
}

// The whole request may have been sent and the news of it be queued behind the read: after the handlers that are queued
// by now, a request that is not sent is one that the server did not want to read, and its connection is of no more use.
void client_connection::complete_after_write() {
  asio::post(stream_.socket().get_executor(), [self = shared_from_this()] {
    if (!self->closed_) self->complete(true);
  });
}

void client_connection::complete(bool open) {
  const auto call = std::exchange(call_, nullptr);
  call->connection = nullptr;
  auto response = parser_.take();
  const bool reusable = open && written_ && parser_.keep_alive() && !parser_.leftover();
  if (reusable) {
    parser_.expect(false);
    read();
    become_free();
  } else {
    close();
  }
  call->answer(std::move(response));
}

void client_connection::become_free() {
  was_idle_ = true;
  since_ = system_clock().steady();
  endpoint_.on_free(*this);
}

void client_connection::give_up_call() {
  if (!opening_) return close();
  call_->connection = nullptr;
  call_ = nullptr;
}

void client_connection::close_if_overdue(monotonic now) {
  if (closed_) return;
  if (!opening_) {
    if (!call_ && now - since_ >= state_.options.idle_timeout.count()) close();
    return;
  }
  if (now - since_ < state_.options.connect_timeout.count()) return;
  if (!call_) return close();
  fail(error{code::unavailable, "no connection to " + endpoint_.name() + " in time", call_->effect()}.because(
      "connect_timeout"));
}

void client_connection::fail(error why) {
  const auto call = std::exchange(call_, nullptr);
  close();
  call->answer(std::move(why));
}

void client_connection::fail_by_tls() {
  if (!call_) return close();
  auto why = stream_.tls()->failure();
  why.message = "no TLS connection to " + endpoint_.name() + ": " + why.message;
  why.outcome = call_->effect();
  fail(std::move(why));
}

void client_connection::abandon() {
  if (call_) return fail(error{code::unavailable, "the client was closed", call_->effect()});
  close();
}

void client_connection::close(std::shared_ptr<client_call> unanswered) {
  if (std::exchange(closed_, true)) return;
  resolver_.cancel();
  stream_.close();
  --state_.connections_open;
  if (unanswered) unanswered->connection = nullptr;
  if (call_) call_->connection = nullptr;
  call_ = nullptr;
  endpoint_.on_closed(*this, std::move(unanswered));
}

}  // namespace banyan
