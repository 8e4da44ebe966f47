#include <banyan/http/client_endpoint.hpp>

#include <banyan/http/client_connection.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void client_call::answer(result<http_response> r) {
  if (!done) return;
  timer.cancel();
  ++(r ? state.answered : state.failed);
  --state.calls_open;
  auto told = std::move(done);
  told(std::move(r));
}

void client_endpoint::submit(std::shared_ptr<client_call> call) {
  if (!idle_.empty()) {
    auto* connection = idle_.back();
    idle_.pop_back();
    return connection->carry(std::move(call));
  }
  const auto spare = count_spare();
  if (waiting_.size() >= spare && all_.size() < state_.options.max_connections_per_endpoint)
    return open_for(std::move(call));
  if (waiting_.size() >= spare + state_.options.max_waiting_per_endpoint)
    return call->answer(error{code::exhausted, "too many calls wait for " + name()}.because("too_many_calls"));
  waiting_.push_back(std::move(call));
}

void client_endpoint::open_for(std::shared_ptr<client_call> call) {
  const auto& connection = all_.emplace_back(std::make_shared<client_connection>(context_, state_, *this));
  connection->open(std::move(call));
}

void client_endpoint::expire(const std::shared_ptr<client_call>& call) {
  if (!call->done) return;
  const auto effect = call->effect();
  drop(call);
  ++state_.timed_out;
  call->answer(error{code::deadline_exceeded, "no answer from " + name() + " in time", effect});
}

void client_endpoint::give_up(const std::shared_ptr<client_call>& call) {
  const auto why = given_up(*call);
  drop(call);
  call->answer(why);
}

error client_endpoint::given_up(const client_call& call) {
  return error{code::unavailable, "the caller gave the call up", call.effect()}.because("given_up");
}

void client_endpoint::drop(const std::shared_ptr<client_call>& call) {
  if (call->connection)
    call->connection->give_up_call();
  else
    std::erase(waiting_, call);
}

void client_endpoint::close_overdue(monotonic now) {
  const auto all = all_;
  for (const auto& connection : all) connection->close_if_overdue(now);
}

void client_endpoint::close_all() {
  for (const auto& call : std::exchange(waiting_, {})) call->answer(error{code::unavailable, "the client was closed", call->effect()});
  while (!all_.empty()) all_.front()->abandon();
}

void client_endpoint::on_free(client_connection& connection) {
  auto next = next_waiting();
  if (!next) return idle_.push_back(&connection);
  connection.carry(std::move(next));
}

void client_endpoint::on_closed(client_connection& connection, std::shared_ptr<client_call> unanswered) {
  std::erase(idle_, &connection);
  const auto place = std::find_if(all_.begin(), all_.end(), [&](const auto& c) { return c.get() == &connection; });
  const auto keep = *place;  // the caller is this connection
  all_.erase(place);
  if (unanswered) return open_for(std::move(unanswered));
  if (auto next = next_waiting()) open_for(std::move(next));
}

// Connections being opened whose call has ended. Each serves a waiting call, which needs no further connection.
std::size_t client_endpoint::count_spare() const {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [](const auto& c) { return c->is_spare(); }));
}

// Skips calls past their deadline, which their timers answer.
std::shared_ptr<client_call> client_endpoint::next_waiting() {
  const auto now = system_clock().steady();
  const auto place = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& call) { return call->deadline > now; });
  if (place == waiting_.end()) return nullptr;
  auto next = std::move(*place);
  waiting_.erase(place);
  return next;
}

}  // namespace banyan
