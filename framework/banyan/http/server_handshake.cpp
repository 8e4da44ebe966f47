#include <banyan/http/server_connection.hpp>

#include <utility>

namespace banyan {

using boost::system::error_code;

void server_connection::begin_tls() {
  move_to(phase::handshake, state_->options.handshake_timeout);
  auto session = state_->tls->current()->open(stream_.socket().native_handle());
  if (!session) {
    count(state_->server_failures);
    return close();
  }
  error_code ignored;
  stream_.socket().native_non_blocking(true, ignored);
  stream_.begin_tls(std::move(*session));
  reading_ = true;
  stream_.handshake([self = shared_from_this()](const error_code& ec, std::size_t) {
    self->guarded([&] { self->on_handshake(ec); });
  });
}

void server_connection::on_handshake(const error_code& ec) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  if (phase_ == phase::lingering) return discard();  // given up in a drain
  auto& session = *stream_.tls();
  if (!ec) {
    count(state_->handshakes);
    if (session.resumed()) count(state_->handshakes_resumed);
    client_ = session.peer();
    parser_.over_tls();
    move_to(phase::idle, state_->options.idle_timeout);
    return read();
  }
  if (session.met_plain_text()) {
    count(state_->plain_on_tls);
    stream_.be_plain();
    keep_alive_ = false;
    return respond(http_response::problem(
        error{code::invalid_argument, "this port takes requests over TLS only: use https"}.because("not_tls")));
  }
  count(state_->handshakes_failed);
  // The client may still be sending, and a reset would take our alert from it.
  linger();
}

}  // namespace banyan
