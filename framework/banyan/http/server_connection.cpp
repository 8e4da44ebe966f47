#include <banyan/http/server_connection.hpp>

#include <banyan/http/deadline.hpp>

#include <boost/asio/dispatch.hpp>

#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace banyan {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// The state behind a handler's completion. It may outlive the connection and the server.
class pending_reply {
 public:
  pending_reply(std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state, std::weak_ptr<server_connection> connection,
                std::uint64_t request, budget_share body, bool with_slot)
      : state_{std::move(state)},
        loop_{std::move(loop)},
        connection_{std::move(connection)},
        body_{std::move(body)},
        request_{request},
        with_slot_{with_slot} {}

  void operator()(result<http_response> response) {
    if (with_slot_) state_->requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    body_.clear();
    try {
      asio::dispatch(loop_->context, [state = state_, connection = connection_, request = request_, r = std::move(response)]() mutable {
        if (auto alive = connection.lock())
          alive->answer(request, std::move(r));
        else
          count(state->late_answers);
      });
    } catch (const std::exception&) {  // out of memory for the post to the I/O thread: the request times out
      count(state_->server_failures);
    }
  }

 private:
  std::shared_ptr<server_state> state_;
  std::shared_ptr<server_loop> loop_;
  std::weak_ptr<server_connection> connection_;
  budget_share body_;
  std::uint64_t request_;
  bool with_slot_;
};

error overloaded(std::string text) {
  return error{code::unavailable, std::move(text)}.because("overloaded").after(std::chrono::seconds{1});
}

enum class client : std::uint8_t { there, finished, gone };

// Asks the kernel instead of reading: later bytes of the client stay in the socket, and so does its back-pressure.
client state_of(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return client::there;
  if (info.tcpi_state == TCP_CLOSE) return client::gone;
  return info.tcpi_state == TCP_CLOSE_WAIT ? client::finished : client::there;
}

http_response misdirected() {
  return http_response::problem({code::invalid_argument, "the Host is not one of this server"}, 421);
}

constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

server_connection::server_connection(asio::ip::tcp::socket socket, std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state)
    : stream_{std::move(socket)},
      owner_{loop},
      loop_{*loop},
      state_{std::move(state)},
      parser_{state_->options.limits},
      body_share_{state_->buffered},
      answer_share_{state_->buffered} {
  error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  const auto remote = stream_.socket().remote_endpoint(ignored);
  const auto host = remote.address().to_string();
  peer_ = (remote.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(remote.port());
  count(state_->connections_open);
  counted_ = true;
}

server_connection::~server_connection() { uncount(); }

void server_connection::uncount() {
  if (std::exchange(counted_, false)) state_->connections_open.fetch_sub(1, std::memory_order_relaxed);
}

void server_connection::enter() { place_ = loop_.connections.insert(loop_.connections.end(), shared_from_this()); }

void server_connection::start() {
  enter();
  if (state_->tls) return guarded([this] { begin_tls(); });
  move_to(phase::idle, state_->options.idle_timeout);
  guarded([this] { read(); });
}

// Without a body, because the unread request may be a HEAD. With TLS it is not worth a handshake.
void server_connection::start_refusing() {
  enter();
  if (state_->tls) {
    phase_ = phase::handshake;
    return close();
  }
  keep_alive_ = false;
  guarded([this] { respond(http_response{503, {{"Retry-After", "1"}}, ""}); });
}

void server_connection::move_to(phase next, nanoseconds time) {
  phase_ = next;
  since_ = now();
  deadline_ = deadline_after(since_, time);
}

void server_connection::on_tick(monotonic now) {
  guarded([this, now] {
    if (phase_ == phase::handling || phase_ == phase::streaming) watch_client();
    if (phase_ == phase::writing) check_stall(now);
    if ((phase_ == phase::idle || phase_ == phase::handshake) && is_draining()) end_idle_in_drain(now);
    if (phase_ == phase::streaming && is_draining()) end_stream();
    if (now < deadline_) return;
    switch (phase_) {
      case phase::handshake:
        count(state_->handshake_timeouts);
        return close();
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
        if (cancel_) cancel_->cancel();
        return respond(http_response::problem({code::deadline_exceeded, "no answer was ready in time", outcome::unknown}, 504));
      case phase::writing:
        count(state_->write_timeouts);
        return close();
      case phase::streaming:
        return send_heartbeat();
      case phase::lingering:
        return close();
      case phase::closed:
        return;
    }
  });
}

// A request may be on its way. After the quiet time only our side is closed: a request that crosses it is read, not
// reset.
void server_connection::end_idle_in_drain(monotonic now) {
  const auto quiet_since = std::max(since_, state_->drain_began.load(std::memory_order_relaxed));
  if (now < deadline_after(quiet_since, state_->drain_quiet.load(std::memory_order_relaxed)) || more_has_come()) return;
  linger();
}

std::optional<server_connection::spare_rank> server_connection::rank_as_spare(monotonic now) const {
  if (phase_ <= phase::idle && request_ == 0) return spare_rank{spare_kind::never_asked, since_};
  if (phase_ == phase::handling || phase_ == phase::streaming || phase_ == phase::closed) return std::nullopt;
  if (now < deadline_after(since_, state_->options.drain_quiet.count())) return std::nullopt;
  return spare_rank{phase_ == phase::idle ? spare_kind::kept_alive : spare_kind::stuck, since_};
}

bool server_connection::more_has_come() const {
  return parser_.leftover() || stream_.has_more();
}

void server_connection::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  if (cancel_) cancel_->cancel();
  events_.reset();
  stream_.close();
  if (next_piece_) next_piece_->cancel();
  uncount();
  const auto self = shared_from_this();
  loop_.connections.erase(place_);
}

void server_connection::read() {
  const auto room = parser_.prepare();
  reading_ = true;
  stream_.read_some(asio::buffer(room.data(), room.size()),
                    [self = shared_from_this()](const error_code& ec, std::size_t n) {
                      self->guarded([&] { self->on_read(ec, n); });
                    });
}

void server_connection::on_read(const error_code& ec, std::size_t n) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  if (phase_ == phase::lingering) return ec ? close() : discard();
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
    case parse_state::body: {
      const bool just_begun = phase_ != phase::body;
      if (just_begun) move_to(phase::body, state_->options.body_timeout);
      if (!body_has_room()) {
        count(state_->bodies_refused);
        return refuse(503, overloaded("there is no room for the request's body"));
      }
      if (!just_begun || !parser_.awaits_continue()) return read();
      if (auto answer = answer_by_head()) return end_with(std::move(*answer));
      return say_continue();
    }
    case parse_state::done:
      return handle();
    case parse_state::failed:
      count(state_->malformed);
      const auto& fault = parser_.fault();
      return refuse(fault.status, {fault.status > 500 ? code::unimplemented : code::invalid_argument, fault.detail});
  }
}

// The share is for received bytes, not for the announced length; but a body whose announced length can not fit is
// refused before it is read.
bool server_connection::body_has_room() {
  const auto announced = parser_.announced_body();
  if (announced > always_buffered && announced > body_share_.bytes()) {
    const auto used = state_->buffered.used() - std::min(state_->buffered.used(), body_share_.bytes());
    if (used > state_->max_body_bytes || announced > state_->max_body_bytes - used) return false;
  }
  const auto held = parser_.body_memory();
  if (held > always_buffered) return body_share_.grow_to(held, state_->max_body_bytes);
  body_share_.grow_to(held);
  return true;
}

// A body that will be ignored need not be sent (RFC 9110, 10.1.1).
std::optional<http_response> server_connection::answer_by_head() const {
  const auto& head = parser_.head();
  if (!state_->hosts.allow(head.authority)) {
    count(state_->misdirected);
    return misdirected();
  }
  if (head.target == "*" || !state_->options.by_head) return {};
  return state_->options.by_head(head);
}

void server_connection::say_continue() {
  saying_continue_ = true;
  stream_.write_all({asio::buffer(interim)}, [self = shared_from_this()](const error_code& ec, std::size_t) {
    self->guarded([&] {
      self->saying_continue_ = false;
      if (self->phase_ == phase::closed) return;
      if (ec) return self->close();
      self->read();
    });
  });
}

void server_connection::handle() {
  ++request_;
  count(state_->requests);
  keep_alive_ = parser_.keep_alive() && request_ < state_->options.max_requests_per_connection;
  to_v1_0_ = parser_.version() == http_version::v1_0;
  body_share_.grow_to(parser_.body_memory());
  http_request request = parser_.take();
  request.peer = peer_;
  request.client = client_;
  to_head_ = request.method == "HEAD";
  if (request.authority.empty() || request.authority != allowed_host_) {
    if (!state_->hosts.allow(request.authority)) {
      count(state_->misdirected);
      return respond(misdirected());
    }
    allowed_host_ = request.authority;
  }
  if (request.target == "*") return respond(http_response{204, {{"Allow", state_->options.methods}}, ""});
  const bool with_slot =
      state_->requests_in_flight.fetch_add(1, std::memory_order_relaxed) < state_->options.max_in_flight;
  if (!with_slot) {
    state_->requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    if (!state_->options.without_slot || !state_->options.without_slot(request)) {
      count(state_->requests_refused);
      return respond(http_response::problem(overloaded("too many requests are under way"), 503));
    }
  }
  call_handler(std::move(request), with_slot);
}

void server_connection::call_handler(http_request request, bool with_slot) {
  move_to(phase::handling, state_->options.handler_timeout);
  asked_ = false;
  cancel_ = std::make_shared<cancellation>();
  request.cancelled = cancel_;
  completion<http_response> done{
      pending_reply{owner_.lock(), state_, weak_from_this(), request_, std::move(body_share_), with_slot}};
  // An exception of the handler drops the completion during unwinding: an answer that comes during the call is kept
  // until it returns.
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

// Checks, while the handler works or a stream waits for events, whether the client is still connected. A client of a
// stream that says that it is done is gone: nothing but the stream's end could follow.
void server_connection::watch_client() {
  auto is = state_of(stream_.socket().native_handle());
  if (is == client::there) return;
  const auto rule = phase_ == phase::streaming ? half_close::gone : state_->options.half_closed;
  if (is == client::finished && rule == half_close::gone) is = client::gone;
  if (is == client::finished && rule == half_close::ask && !to_v1_0_ && !std::exchange(asked_, true)) {
    // Nothing else is being written now, so these few bytes fit the socket's buffer.
    if (!stream_.send_now(interim)) is = client::gone;
  }
  if (is != client::gone) return;
  if (phase_ != phase::streaming) count(state_->cancelled);
  close();
}

}  // namespace banyan
