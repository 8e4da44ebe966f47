#include <banyan/framed_protocol/session.hpp>

#include <algorithm>
#include <utility>

namespace banyan::framed {

session::session(hello mine, session_options options, std::size_t max_queued, std::int64_t now)
    : mine_{std::move(mine)},
      options_{options},
      assembler_{mine_.max_message},
      queue_{max_queued, hello{}.max_frame, hello{}.max_message},
      reader_{mine_.max_frame},
      heard_{now},
      asked_{now} {
  mine_.clock = now;
  queue_.add_hello(mine_);
}

void session::received(std::size_t n, std::int64_t now) {
  reader_.commit(n);
  heard_ = now;
  while (!fault_) {
    auto f = reader_.next();
    if (!f) return lost(f.error());
    if (!*f) return;
    take(**f, now);
  }
}

void session::take(const frame& f, std::int64_t now) {
  if (hello_received_ == (f.type == frame_type::hello)) return lost(bad_frame("a hello that is missing or repeated"));
  switch (f.type) {
    case frame_type::hello: return take_hello(f, now);
    case frame_type::ping:
    case frame_type::pong: return take_heartbeat(f, now);
    default: return handle(f);
  }
}

void session::take_hello(const frame& f, std::int64_t now) {
  auto theirs = decode_hello(f.payload);
  if (!theirs) return lost(theirs.error());
  hello_received_ = true;
  queue_.limit(theirs->max_frame, theirs->max_message);
  clock_.observe(theirs->clock, now);
  on_hello(std::move(*theirs));
}

void session::take_heartbeat(const frame& f, std::int64_t now) {
  const auto b = decode_heartbeat(f.payload);
  if (!b) return lost(b.error());
  clock_.observe(b->clock, now);
  if (f.type == frame_type::ping) queue_.add_pong({b->number, now});
}

void session::keep_alive(std::int64_t now) {
  if (fault_) return;
  if (now - heard_ >= options_.silence_limit)
    return lost(error{code::unavailable, "the other node says nothing"}.because("peer_silent"));
  if (hello_received_ && now - std::max(heard_, asked_) >= options_.ping_interval) {
    asked_ = now;
    queue_.add_ping({++pings_, now});
  }
}

std::int64_t session::keep_alive_time() const {
  if (fault_) return no_deadline;
  const auto lost_at = heard_ + options_.silence_limit;
  return hello_received_ ? std::min(lost_at, std::max(heard_, asked_) + options_.ping_interval) : lost_at;
}

void session::lost(error why) {
  if (fault_) return;
  fault_ = std::move(why);
  on_lost(*fault_);
}

}  // namespace banyan::framed
