#include <banyan/engines/framed_transport/callee_connection.hpp>

#include <banyan/engines/framed_transport/upgrade.hpp>
#include <banyan/observability/trace_state.hpp>

#include <limits>
#include <utility>

namespace banyan::framed {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

encoded_call call_of(whole_message m) {
  encoded_call c;
  c.operation = std::move(m.head.operation);
  c.version = static_cast<int>(std::min<std::uint32_t>(m.head.version, std::numeric_limits<int>::max()));
  c.payload = std::move(m.body);
  c.position = m.head.position;
  c.trace = std::move(m.head.trace);
  c.correlation = m.head.correlation;
  c.command = m.head.command;
  c.causation = m.head.causation;
  c.caller = std::move(m.head.caller);
  std::vector<std::string_view> states;
  for (const auto& [name, value] : m.head.headers)
    if (name == "tracestate") states.emplace_back(value);
  if (!states.empty()) c.trace_state = read_tracestate(states).value_or("");
  return c;
}

}  // namespace

callee_metrics::callee_metrics(metrics_registry& r)
    : registry{r},
      calls{r.counter("banyan_transport_served_total", "Calls of other nodes that were handed to their handlers.")},
      expired{r.counter("banyan_transport_expired_total",
                        "Calls of other nodes that came too late or were cancelled before they were begun.")},
      connections{r.gauge("banyan_transport_caller_connections",
                          "Connections of other nodes, those in their handshake as well.")} {}

void callee_metrics::refused(const char* reason) {
  registry
      .counter("banyan_transport_refused_connections_total", "Connections of other nodes that were not taken.",
               {{"reason", reason}})
      .add();
}

callee_connection::callee_connection(tcp::socket socket, callee_state& state)
    : session_connection{std::move(socket), state.tls},
      state_{state},
      open_until_{now_us() + to_microseconds(state.options.handshake_timeout.count())},
      head_{upgrade_limits} {
  state_.metrics.connections.add(1);
}

template <class F>
auto callee_connection::step(F f) {
  return [self = shared_from_this(), this, f = std::move(f)](const error_code& ec, auto&&... rest) mutable {
    if (!closed_) f(ec, std::forward<decltype(rest)>(rest)...);
  };
}

// --- the handshake -------------------------------------------------------------------------------------------------

void callee_connection::start() {
  schedule();
  stream_.set_options();
  stream_.handshake(asio::ssl::stream_base::server, step([this](const error_code& ec) {
                      if (!ec) return read_head();
                      state_.metrics.refused("tls");
                      linger();  // otherwise the TLS alert with the reason may be lost
                    }));
}

void callee_connection::read_head() {
  stream_.read_some(head_.prepare(), step([this](const error_code& ec, std::size_t n) {
                      if (ec) return end(connection_lost(ec));
                      head_.commit(n);
                      if (head_.state() == parse_state::head) return read_head();
                      judge();
                    }));
}

void callee_connection::judge() {
  if (head_.state() == parse_state::failed) return refuse(head_.fault().status == 431 ? 431 : 400, "bad_head");
  if (head_.state() == parse_state::body || head_.leftover()) return refuse(400, "bad_head");
  const auto status = judge_upgrade(head_.take(), state_.options.identity.application);
  if (status == 403) return refuse(403, "application");
  if (status != 101) return refuse(status, "no_upgrade");
  if (stream_.is_encrypted() && stream_.peer_nodes(state_.options.identity.application).empty())
    return refuse(403, "certificate");
  if (state_.draining) return refuse(503, "draining");
  accept();
}

void callee_connection::accept() {
  response_ = upgrade_response(101);
  stream_.write(response_, step([this](const error_code& ec, std::size_t) {
                  if (ec) return end(connection_lost(ec));
                  begin(hello_of(state_.options.identity, state_.options.limits),
                        session_options_of(state_.options.limits), {});
                  if (state_.draining) drain();
                }));
}

void callee_connection::refuse(int status, const char* reason) {
  state_.metrics.refused(reason);
  response_ = upgrade_response(status);
  stream_.write(response_, step([this](const error_code& ec, std::size_t) {
                  if (ec) return end(connection_lost(ec));
                  linger();
                }));
}

// Closes the sending side only, and drops what arrives: a close with unread bytes resets the connection, which would
// lose the answer.
void callee_connection::linger() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.socket().async_read_some(asio::buffer(nowhere_), step([this](const error_code& ec, std::size_t) {
                                     if (ec) return end(connection_lost(ec));
                                     linger();
                                   }));
}

// --- calls ---------------------------------------------------------------------------------------------------------

void callee_connection::drain() {
  if (!session_ || closed_) return;
  session_->goaway("draining");
  flush_soon();
}

void callee_connection::on_received() {
  for (const auto number : session_->take_cancelled()) attempts_.erase(number);
  for (auto& request : session_->take_requests(now_us())) serve(std::move(request));
  state_.metrics.expired.add(session_->expired() - std::exchange(expired_, session_->expired()));
}

void callee_connection::serve(whole_message request) {
  state_.metrics.calls.add();
  const auto number = request.call;
  const auto deadline = request.head.deadline;
  const timespan left =
      deadline == no_deadline ? timespan::max() : timespan{std::chrono::microseconds{deadline - now_us()}};
  completion<encoded_answer> answered{
      [self = weak_from_this(), this, loop = state_.loop, number](result<encoded_answer> r) {
        auto answer = r ? std::move(*r) : refused_call(std::move(r.error()));
        loop->post([self, this, number, answer = std::move(answer)]() mutable {
          if (const auto alive = self.lock()) on_answer(number, std::move(answer));
        });
      }};
  try {
    auto attempt = state_.handler(call_of(std::move(request)), left, std::move(answered));
    if (attempt) attempts_.emplace(number, std::move(attempt));
  } catch (const std::exception&) {  // out of memory: dropping the completion has answered
  }
}

void callee_connection::on_answer(std::uint64_t number, encoded_answer answer) {
  attempts_.erase(number);
  if (closed_) return;
  session_->answer(number, {std::move(answer.payload), answer.position, std::move(answer.refused)});
  flush_soon();
}

void callee_connection::on_end(const error&) {
  attempts_.clear();
  state_.metrics.connections.add(-1);
  state_.ended(*this);
}

std::int64_t callee_connection::next_time() const {
  const auto of_session = session_connection::next_time();
  return session_ && session_->is_open() ? of_session : std::min(of_session, open_until_);
}

void callee_connection::on_time(std::int64_t now) {
  const bool is_open = session_ && session_->is_open();
  if (!is_open && now >= open_until_)
    return end(error{code::unavailable, "no handshake in time"}.because("connect_timeout"));
  session_connection::on_time(now);
}

}  // namespace banyan::framed
