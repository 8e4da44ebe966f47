#include <banyan/engines/framed_transport/call_listener.hpp>

#include <banyan/engines/framed_transport/callee_connection.hpp>

#include <banyan/http/listener.hpp>

#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace banyan {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

result<tcp::endpoint> address_of(const call_listener_options& o) {
  error_code ec;
  const auto address = asio::ip::make_address(o.address == "localhost" ? "127.0.0.1" : o.address, ec);
  if (ec) return error{code::invalid_argument, "'" + o.address + "' is not an IP address"}.at("address");
  if (o.identity.tls.none() && !address.is_loopback())
    return error{code::invalid_argument, "'" + o.address + "' can be reached from other machines, and there is no TLS"}
        .because("plaintext")
        .at("address");
  return tcp::endpoint{address, o.port};
}

error stopped() { return error{code::unavailable, "the listener is closed"}.because("closing"); }

}  // namespace

struct call_listener::impl {
  impl(call_listener_options o, call_handler h, std::shared_ptr<asio::ssl::context> tls, metrics_registry& r)
      : state{std::move(o), std::move(h), std::move(tls), r},
        acceptor{state.loop->context,
                 1,
                 {.next_context = [this]() -> asio::io_context& { return state.loop->context; },
                  .taken = [this](tcp::socket s) { take(std::move(s)); },
                  .turned_away = [this] { state.metrics.refused("no_descriptor"); }}},
        tick{state.loop->context} {
    state.ended = [this](framed::callee_connection& c) { forget(c); };
  }

  framed::callee_state state;
  listener acceptor;
  asio::steady_timer tick;
  std::set<std::shared_ptr<framed::callee_connection>> connections;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;  // guarded by the mutex; accepts no connections, and has none left

  void take(tcp::socket socket) {
    if (connections.size() >= state.options.max_connections) {
      state.metrics.refused("too_many_connections");
      if (!state.tls) turn_away(socket.release());
      return;
    }
    const auto made = *connections.insert(std::make_shared<framed::callee_connection>(std::move(socket), state)).first;
    made->start();
  }

  void forget(framed::callee_connection& c) {
    std::erase_if(connections, [&](const auto& each) { return each.get() == &c; });
    look_whether_done();
  }

  void look_whether_done() {
    const std::lock_guard lock{mutex};
    is_done = acceptor.closed() && connections.empty();
    if (is_done) changed.notify_all();
  }

  void start_drain() {
    if (std::exchange(state.draining, true)) return;
    acceptor.finish(system_clock().steady());
    for (const auto& c : connections) c->drain();
    follow_drain();
  }

  void follow_drain() {
    look_whether_done();
    if (acceptor.closed()) return;
    tick.expires_after(std::chrono::milliseconds{20});
    tick.async_wait([this](const error_code& ec) {
      if (ec || acceptor.closed()) return;
      acceptor.on_tick(system_clock().steady());
      follow_drain();
    });
  }

  void close() {
    state.draining = true;
    acceptor.close();
    tick.cancel();
    for (const auto& c : std::vector(connections.begin(), connections.end())) c->end(stopped());
    look_whether_done();
  }
};

call_listener::call_listener(std::unique_ptr<impl> i) : impl_{std::move(i)} {}

call_listener::~call_listener() {
  impl_->state.loop->post([i = impl_.get()] { i->close(); });
  impl_->state.loop->join();
}

result<std::unique_ptr<call_listener>> call_listener::start(call_listener_options options, call_handler handler,
                                                            metrics_registry& metrics) {
  if (auto sound = check_framed_options(options.identity, options.limits); !sound) return sound.error();
  if (options.max_connections == 0)
    return error{code::invalid_argument, "max_connections must not be zero"}.at("max_connections");
  if (options.handshake_timeout.count() <= nanoseconds::zero())
    return error{code::invalid_argument, "handshake_timeout must be longer than zero"}.at("handshake_timeout");
  const auto at = address_of(options);
  if (!at) return at.error();
  auto tls = framed::make_tls_context(options.identity.tls);
  if (!tls) return tls.error();
  auto made = std::make_unique<impl>(std::move(options), std::move(handler), std::move(*tls), metrics);
  if (const auto ec = made->acceptor.open(*at))
    return error{code::unavailable, "can not listen on " + made->state.options.address + ": " + ec.message()}.at(
        "address");
  made->acceptor.start();
  made->state.loop->start();
  return std::unique_ptr<call_listener>{new call_listener{std::move(made)}};
}

std::uint16_t call_listener::port() const { return impl_->acceptor.port(); }

bool call_listener::drain(timespan limit) {
  constexpr std::chrono::hours longest{24};
  impl_->state.loop->post([i = impl_.get()] { i->start_drain(); });
  std::unique_lock lock{impl_->mutex};
  const auto in_time =
      impl_->changed.wait_for(lock, std::min<nanoseconds>(limit.count(), longest), [this] { return impl_->is_done; });
  lock.unlock();
  impl_->state.loop->post([i = impl_.get()] { i->close(); });
  lock.lock();
  impl_->changed.wait(lock, [this] { return impl_->is_done; });
  return in_time;
}

}  // namespace banyan
