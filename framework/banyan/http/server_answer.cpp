#include <banyan/http/server_connection.hpp>

#include <banyan/http/deadline.hpp>
#include <banyan/http/wire.hpp>

#include <array>
#include <utility>

namespace banyan {

namespace asio = boost::asio;
using boost::system::error_code;

void server_connection::answer(std::uint64_t request, result<http_response> response) {
  if (phase_ != phase::handling || request != request_) return count(state_->late_answers);
  guarded([&] {
    if (in_handler_) {
      early_answer_ = std::move(response);
      return;
    }
    auto to_say = response ? std::move(*response) : http_response::problem(response.error());
    if (to_say.body.size() > always_buffered && !answer_share_.grow_to(to_say.body.size(), state_->max_buffered_bytes)) {
      count(state_->answers_refused);
      // Whether the request had an effect is known to the handler only.
      to_say = http_response::problem(error{code::unavailable, "there is no room for the answer", outcome::unknown}
                                          .because("overloaded")
                                          .after(std::chrono::seconds{1}),
                                      503);
    }
    respond(std::move(to_say));
  });
}

void server_connection::refuse(int status, error why) { end_with(http_response::problem(why, status)); }

void server_connection::end_with(http_response response) {
  keep_alive_ = false;
  to_head_ = parser_.to_head();
  respond(std::move(response));
}

void server_connection::respond(http_response response) {
  cancel_ = nullptr;
  if (response.delivery == http_delivery::close || response.delivery == http_delivery::reset)
    return leave_unanswered(response.delivery == http_delivery::reset);
  if (is_draining() && !more_has_come()) keep_alive_ = false;
  const bool is_stream = response.stream != nullptr;
  if (is_stream) response = begin_stream(std::move(response));
  const response_framing framing{.keep_alive = keep_alive_,
                                 .to_v1_0 = to_v1_0_,
                                 .to_head = to_head_,
                                 .until_close = is_stream && (events_ || to_head_),
                                 .date = loop_.date};
  auto head = response_head(response, framing);
  if (!head) {
    count(state_->handler_failures);
    events_.reset();
    response = http_response::problem(head.error());
    head = response_head(response,
                         {.keep_alive = keep_alive_, .to_v1_0 = to_v1_0_, .to_head = to_head_, .date = loop_.date});
  }
  head_ = std::move(*head);
  body_ = to_head_ || !may_have_body(response.status) ? std::string{} : std::move(response.body);
  sent_ = 0;
  constexpr std::size_t pieces = 16;
  piece_ = response.delivery == http_delivery::slowly ? body_.size() / pieces + 1 : 0;
  between_pieces_ = response.spread_over.count() / pieces;
  answer_share_.grow_to(head_.size() + body_.size());
  count(state_->responses[response.status / 100]);
  move_to(phase::writing, state_->options.write_timeout);
  write();
}

void server_connection::write() {
  const auto of_head = std::min(sent_, head_.size());
  std::array<asio::const_buffer, 2> parts{asio::buffer(head_) + of_head, asio::buffer(body_) + (sent_ - of_head)};
  if (piece_ > 0) parts[1] = asio::buffer(parts[1], of_head < head_.size() ? 0 : piece_);
  stream_.write_some(parts, [self = shared_from_this()](const error_code& ec, std::size_t n) {
    self->guarded([&] {
      count(self->state_->bytes_out, n);
      if (self->phase_ == phase::closed) return;
      if (ec) return self->close();
      self->sent_ += n;
      if (self->sent_ == self->head_.size() + self->body_.size()) return self->on_written();
      self->since_ = self->now();
      if (self->piece_ > 0) return self->write_after_pause();
      self->write();
    });
  });
}

void server_connection::write_after_pause() {
  if (!next_piece_) next_piece_.emplace(loop_.context);
  next_piece_->expires_after(between_pieces_.count());
  next_piece_->async_wait([self = shared_from_this()](const error_code& ec) {
    if (ec) return;  // closed meanwhile
    self->guarded([&] { self->write(); });
  });
}

void server_connection::leave_unanswered(bool by_reset) {
  error_code ignored;
  if (by_reset) stream_.socket().set_option(asio::socket_base::linger{true, 0}, ignored);
  close();
}

// A client that does not read keeps its response in our memory; when memory is short the wait is shorter.
void server_connection::check_stall(monotonic now) {
  if (state_->buffered.used() <= state_->max_buffered_bytes / 2 || answer_share_.bytes() <= always_buffered) return;
  if (now < deadline_after(since_, state_->options.stall_timeout)) return;
  count(state_->write_timeouts);
  close();
}

void server_connection::on_written() {
  body_ = {};
  answer_share_.clear();
  if (events_) return next_events();
  if (!keep_alive_) return linger();
  body_share_.clear();
  move_to(phase::idle, state_->options.idle_timeout);
  parser_.next();
  advance();
}

// A close with unread bytes in the socket would reset the connection, and the client might lose the answer (RFC 9112, 9.6).
void server_connection::linger() {
  if (peer_finished_) return close();
  stream_.finish();
  const nanoseconds limit = state_->options.linger_timeout;
  move_to(phase::lingering, is_draining() ? std::min(limit, state_->drain_linger.load(std::memory_order_relaxed)) : limit);
  if (!reading_) discard();
}

void server_connection::discard() {
  static thread_local std::array<char, 16 * 1024> nowhere;
  // What TLS has sealed need not be opened for it.
  stream_.socket().async_read_some(asio::buffer(nowhere), [self = shared_from_this()](const error_code& ec,
                                                                                      std::size_t n) {
    self->guarded([&] {
      if (self->phase_ == phase::closed) return;
      if (ec) return self->close();
      count(self->state_->bytes_in, n);
      self->discard();
    });
  });
}

}  // namespace banyan
