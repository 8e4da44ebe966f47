// A connection whose response is a stream of events: phase `streaming` while there is nothing to write, `writing`, with
// the time-out of a response, for each batch of events.
#include <banyan/http/server_connection.hpp>

#include <boost/asio/post.hpp>

#include <utility>

namespace banyan {

namespace {
constexpr std::string_view heartbeat_comment = ":\n\n";
}

open_stream::open_stream(std::shared_ptr<event_reader> reader, std::shared_ptr<server_state> state)
    : reader_{std::move(reader)}, state_{std::move(state)} {}

open_stream::~open_stream() { state_->event_streams.fetch_sub(1, std::memory_order_relaxed); }

std::unique_ptr<open_stream> open_stream::begin(std::shared_ptr<event_reader> reader,
                                                const std::shared_ptr<server_state>& state) {
  if (state->event_streams.fetch_add(1, std::memory_order_relaxed) >= state->options.max_event_streams) {
    state->event_streams.fetch_sub(1, std::memory_order_relaxed);
    count(state->event_streams_refused);
    return nullptr;
  }
  return std::make_unique<open_stream>(std::move(reader), state);
}

// The response to send instead: the stream's header, or 503.
http_response server_connection::begin_stream(http_response response) {
  auto reader = std::exchange(response.stream, nullptr);
  if (to_head_) return response;
  events_ = open_stream::begin(std::move(reader), state_);
  if (!events_)
    return http_response::problem(error{code::unavailable, "as many streams of events as may be are open"}
                                      .because("overloaded")
                                      .after(std::chrono::seconds{5}),
                                  503);
  keep_alive_ = false;
  response.body.clear();
  return response;
}

void server_connection::next_events() {
  if (is_draining()) return end_stream();
  // From another thread, or while the channel is locked by this one.
  auto wake = [loop = owner_, connection = weak_from_this()] {
    if (const auto there = loop.lock())
      boost::asio::post(there->context, [connection] {
        if (auto alive = connection.lock()) alive->wake();
      });
  };
  auto events = events_->reader().take(std::move(wake));
  if (!events.empty()) return write_events(std::move(events));
  if (events_->reader().ended()) return end_stream();
  move_to(phase::streaming, state_->options.event_heartbeat);
}

void server_connection::wake() {
  if (phase_ == phase::streaming) guarded([this] { next_events(); });
}

void server_connection::send_heartbeat() { write_events(std::string{heartbeat_comment}); }

void server_connection::write_events(std::string events) {
  head_.clear();
  body_ = std::move(events);
  sent_ = 0;
  answer_share_.clear();
  answer_share_.grow_to(body_.size());
  move_to(phase::writing, state_->options.write_timeout);
  write();
}

void server_connection::end_stream() {
  events_.reset();
  linger();
}

}  // namespace banyan
