#include <banyan/engines/framed_transport/peer.hpp>

#include <algorithm>
#include <utility>

namespace banyan::framed {

namespace {

error too_late() { return {code::deadline_exceeded, "the time was over before the request was sent"}; }

}  // namespace

peer::peer(caller_state& state, endpoint to, std::string host, std::uint16_t port)
    : state_{state},
      to_{std::move(to)},
      host_{std::move(host)},
      port_{port},
      backoff_{state.options.reconnect},
      timer_{state.loop.context} {}

void peer::submit(std::shared_ptr<outgoing_call> call) {
  const auto now = system_clock().steady();
  if (call->deadline <= now) return call->finish(too_late());
  if (connection_ && connection_->is_ready()) return connection_->send(call);
  if (!connection_ && now < retry_at_) {
    auto why = last_failure_;
    why.retry_after = std::chrono::ceil<std::chrono::milliseconds>(retry_at_ - now);
    return call->finish(std::move(why));
  }
  if (waiting_.size() >= state_.options.max_waiting)
    return call->finish(
        error{code::exhausted, "too many calls wait for a connection to " + to_.node}.because("too_many_calls"));
  waiting_.push_back(std::move(call));
  schedule();
  if (!connection_) open();
}

void peer::open() {
  ++open_;
  connection_ = std::make_shared<caller_connection>(state_, weak_from_this(), to_);
  const auto opened = connection_;  // it may fail synchronously
  opened->open(host_, port_);
}

void peer::give_up(const std::shared_ptr<outgoing_call>& call) {
  if (const auto connection = call->connection.lock()) return connection->cancel(call->number);
  if (std::erase(waiting_, call) > 0) call->finish(cancelled(outcome::not_applied));
}

void peer::on_ready(caller_connection& connection) {
  if (&connection != connection_.get()) return;
  timer_.cancel();
  for (const auto& call : std::exchange(waiting_, {})) connection.send(call);
}

void peer::on_left(caller_connection& connection) {
  if (&connection == connection_.get()) leaving_.push_back(std::exchange(connection_, nullptr));
}

void peer::on_end(caller_connection& connection, const error& why) {
  --open_;
  const auto is_this = [&](const auto& c) { return c.get() == &connection; };
  if (std::erase_if(leaving_, is_this) > 0 || !is_this(connection_)) return;
  connection_.reset();
  if (why.reason == "closing") return fail_waiting(why);
  last_failure_ = why;
  const auto now = system_clock().steady();
  retry_at_ = now + backoff_.next(now, system_random());
  fail_waiting(why);
}

void peer::fail_waiting(const error& why) {
  timer_.cancel();
  for (const auto& call : std::exchange(waiting_, {})) call->finish(why);
}

void peer::close(const error& why) {
  for (const auto& c : std::vector{leaving_}) c->end(why);
  if (const auto c = connection_) c->end(why);
  fail_waiting(why);
}

void peer::expire_waiting() {
  const auto now = system_clock().steady();
  std::vector<std::shared_ptr<outgoing_call>> late;
  std::erase_if(waiting_, [&](const auto& call) {
    if (call->deadline > now) return false;
    late.push_back(call);
    return true;
  });
  for (const auto& call : late) call->finish(too_late());
  schedule();
}

void peer::schedule() {
  if (waiting_.empty()) return;
  const auto earliest = [](const auto& a, const auto& b) { return a->deadline < b->deadline; };
  const auto due = (*std::min_element(waiting_.begin(), waiting_.end(), earliest))->deadline;
  timer_.expires_at(timer_time(to_microseconds(due.time_since_epoch()) + 1));
  timer_.async_wait([self = weak_from_this()](const boost::system::error_code& ec) {
    if (const auto alive = self.lock(); alive && !ec) alive->expire_waiting();
  });
}

}  // namespace banyan::framed
