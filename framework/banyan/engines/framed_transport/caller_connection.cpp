#include <banyan/engines/framed_transport/caller_connection.hpp>

#include <banyan/engines/framed_transport/peer.hpp>
#include <banyan/engines/framed_transport/upgrade.hpp>

#include <boost/asio/connect.hpp>

#include <utility>

namespace banyan::framed {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::int64_t microseconds_of(monotonic t) {
  return t == monotonic::max() ? no_deadline : to_microseconds(t.time_since_epoch());
}

std::vector<std::pair<std::string, std::string>> headers_of(const encoded_call& c) {
  if (c.trace_state.empty()) return {};
  return {{"tracestate", c.trace_state}};
}

request_head head_of(const encoded_call& c, monotonic deadline) {
  return {.operation = c.operation,
          .version = static_cast<std::uint32_t>(c.version),
          .deadline = microseconds_of(deadline),
          .position = c.position,
          .command = c.command,
          .correlation = c.correlation,
          .causation = c.causation,
          .trace = c.trace,
          .caller = c.caller,
          .headers = headers_of(c)};
}

}  // namespace

caller_connection::caller_connection(caller_state& state, std::weak_ptr<peer> owner, endpoint to)
    : session_connection{tcp::socket{state.loop.context}, state.tls},
      state_{state},
      owner_{std::move(owner)},
      to_{std::move(to)},
      resolver_{state.loop.context},
      open_until_{now_us() + to_microseconds(state.options.connect_timeout.count())},
      used_{now_us()} {}

caller_connection::~caller_connection() = default;

// --- opening -------------------------------------------------------------------------------------------------------

template <class F>
auto caller_connection::step(F f) {
  return [self = shared_from_this(), this, f = std::move(f)](const error_code& ec, auto&&... rest) mutable {
    if (!closed_) f(ec, std::forward<decltype(rest)>(rest)...);
  };
}

void caller_connection::fail(std::string text, const char* reason) {
  end(error{code::unavailable, to_.node + " at " + to_.address + ": " + std::move(text)}.because(reason));
}

void caller_connection::open(const std::string& host, std::uint16_t port) {
  schedule();
  error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) return connect(addresses::create(tcp::endpoint{address, port}, host, std::to_string(port)));
  resolver_.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                          step([this](const error_code& ec, const addresses& found) {
                            if (ec) return fail(ec.message(), "host_not_found");
                            connect(found);
                          }));
}

void caller_connection::connect(const addresses& found) {
  for (const auto& each : found)
    if (!state_.tls && !each.endpoint().address().is_loopback())
      return end(
          error{code::invalid_argument, to_.address + " is another machine, and there is no TLS"}.because("plaintext"));
  asio::async_connect(stream_.socket(), found, step([this](const error_code& ec, const auto&) {
                        if (ec)
                          return fail(ec.message(),
                                      ec == asio::error::connection_refused ? "connection_refused" : "connect_failed");
                        stream_.set_options();
                        shake_hands();
                      }));
}

void caller_connection::shake_hands() {
  stream_.handshake(asio::ssl::stream_base::client, step([this](const error_code& ec) {
                      if (ec) {
                        const bool is_of_tls = ec.category() == asio::error::get_ssl_category();
                        return fail(ec.message(), is_of_tls ? "certificate_refused" : "handshake_failed");
                      }
                      const auto nodes = stream_.peer_nodes(state_.options.identity.application);
                      if (stream_.is_encrypted() && std::find(nodes.begin(), nodes.end(), to_.node) == nodes.end())
                        return fail("its certificate is of another node", "certificate_refused");
                      send_upgrade();
                    }));
}

void caller_connection::send_upgrade() {
  handshake_ = upgrade_request(state_.options.identity.application, to_.address);
  stream_.write(handshake_, step([this](const error_code& ec, std::size_t) {
                  if (ec) return fail(ec.message(), "handshake_failed");
                  handshake_.clear();
                  read_head();
                }));
}

void caller_connection::read_head() {
  constexpr std::size_t at_once = 1024;
  const auto before = handshake_.size();
  handshake_.resize(before + at_once);
  stream_.read_some({handshake_.data() + before, at_once}, step([this, before](const error_code& ec, std::size_t n) {
                      handshake_.resize(before + n);
                      // With TLS 1.3 the server checks our certificate only after our side of the handshake is
                      // complete.
                      if (ec)
                        return fail(ec.message(), ec.category() == asio::error::get_ssl_category()
                                                      ? "certificate_refused"
                                                      : "handshake_failed");
                      if (const auto size = find_head_end(handshake_, before); size != handshake_.npos)
                        return on_head(size);
                      if (handshake_.size() >= max_head)
                        return fail("its answer to the upgrade has no end", "handshake_failed");
                      read_head();
                    }));
}

void caller_connection::on_head(std::size_t size) {
  const std::string_view all{handshake_};
  if (const auto taken = read_upgrade_response(all.substr(0, size)); !taken) {
    auto why = taken.error();
    return fail(std::move(why.message), why.reason.c_str());
  }
  begin(hello_of(state_.options.identity, state_.options.limits), session_options_of(state_.options.limits),
        all.substr(size));
}

// --- calls ---------------------------------------------------------------------------------------------------------

void caller_connection::send(const std::shared_ptr<outgoing_call>& call) {
  used_ = now_us();
  call->connection = std::static_pointer_cast<caller_connection>(shared_from_this());
  auto answered = [call](result<framed::answer> with) { call->finish(std::move(with)); };
  call->number =
      session_->call(head_of(call->call, call->deadline), std::move(call->call.payload), std::move(answered));
  flush_soon();
  schedule();
}

void caller_connection::cancel(std::uint64_t number) {
  if (closed_ || !session_) return;
  session_->cancel(number, cancelled(outcome::unknown));
  flush_soon();
}

void caller_connection::on_received() {
  const auto owner = owner_.lock();
  if (!owner) return;
  if (session_->ready()) {
    if (std::exchange(was_ready_, true)) return;
    state_.metrics.connections_opened.add();
    state_.metrics.connections.add(1);
    owner->on_ready(*this);
  } else if (was_ready_ && !std::exchange(was_left_, true)) {
    owner->on_left(*this);
  }
}

void caller_connection::on_end(const error& why) {
  resolver_.cancel();
  if (was_ready_) state_.metrics.connections.add(-1);
  if (const auto owner = owner_.lock()) owner->on_end(*this, why);
}

std::int64_t caller_connection::next_time() const {
  const auto of_session = session_connection::next_time();
  if (!was_ready_) return std::min(of_session, open_until_);
  if (session_->open_calls() > 0) return of_session;
  return std::min(of_session, used_ + to_microseconds(state_.options.idle_after.count()));
}

void caller_connection::on_time(std::int64_t now) {
  if (!was_ready_ && now >= open_until_) return fail("no connection in time", "connect_timeout");
  session_connection::on_time(now);
  if (closed_ || !was_ready_ || session_->open_calls() > 0) return;
  if (now - used_ >= to_microseconds(state_.options.idle_after.count()))
    end(error{code::unavailable, "nobody calls"}.because("closing"));
}

}  // namespace banyan::framed
