#include <banyan/http/client.hpp>

#include <banyan/http/authority.hpp>
#include <banyan/http/client_endpoint.hpp>
#include <banyan/http/wire.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <thread>

namespace banyan {

namespace asio = boost::asio;

struct http_client::impl {
  explicit impl(http_client_options options) : state{std::move(options)} {}

  client_state state;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::steady_timer tick{context};
  // By authority; apart by scheme, for plain and TLS connections are not the same.
  std::array<std::map<std::string, client_endpoint, std::less<>>, 2> endpoints;
  bool stopping = false;
  std::thread thread;

  std::shared_ptr<client_call> submit(http_request request, monotonic deadline, completion<http_response> done);

  void start(const std::shared_ptr<client_call>& call) {
    if (call->given_up) return call->answer(client_endpoint::given_up(*call));
    if (stopping) return call->answer(error{code::unavailable, "the client was closed"});
    auto head = request_head(call->request);
    if (!head) return call->answer(head.error());
    call->head = std::move(*head);
    if (call->deadline <= system_clock().steady()) {
      ++state.timed_out;
      return call->answer(error{code::deadline_exceeded, "the deadline had passed before the call was made"});
    }
    if (call->request.https)
      if (auto usable = state.tls.context(system_clock().steady()); !usable) return call->answer(usable.error());
    auto endpoint = endpoint_of(call->request.authority, call->request.https);
    if (!endpoint) return call->answer(endpoint.error());
    call->timer.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(call->deadline));
    call->timer.async_wait([e = *endpoint, call](const boost::system::error_code& ec) {
      if (!ec && call->done) e->expire(call);
    });
    call->endpoint = *endpoint;
    (*endpoint)->submit(call);
  }

  result<client_endpoint*> endpoint_of(const std::string& authority, bool https) {
    auto& of_scheme = endpoints[https ? 1 : 0];
    if (auto known = of_scheme.find(authority); known != of_scheme.end()) return &known->second;
    const auto read = read_authority(authority);
    if (!read || read->host.empty() || read->port == 0)
      return error{code::invalid_argument, "'" + authority + "' is not a host and port"}.at("authority");
    const auto are_full = [this] { return endpoints[0].size() + endpoints[1].size() >= state.options.max_endpoints; };
    if (are_full())
      for (auto& each : endpoints) std::erase_if(each, [](const auto& e) { return e.second.unused(); });
    if (are_full())
      return error{code::exhausted, "calls to too many hosts are under way"}.because("too_many_calls");
    const std::uint16_t usual_port = https ? 443 : 80;
    const auto added =
        of_scheme.try_emplace(authority, context, state, read->host, read->port.value_or(usual_port), https);
    return &added.first->second;
  }

  void sweep() {
    const auto shorter =
        std::min<nanoseconds>(state.options.idle_timeout.count(), state.options.connect_timeout.count());
    const auto period = std::clamp<nanoseconds>(shorter / 4, std::chrono::milliseconds{5}, std::chrono::seconds{1});
    tick.expires_after(period);
    tick.async_wait([this](const boost::system::error_code& ec) {
      if (ec || stopping) return;  // an expired timer can not be cancelled any more
      const auto now = system_clock().steady();
      for (auto& of_scheme : endpoints)
        for (auto& [_, endpoint] : of_scheme) endpoint.close_overdue(now);
      sweep();
    });
  }
};

http_client::http_client(http_client_options options) : impl_{std::make_shared<impl>(std::move(options))} {
  impl_->sweep();
  impl_->thread = std::thread{[i = impl_.get()] { i->context.run(); }};
}

result<void> http_client::check(const http_client_options& options) {
  if (auto read = tls::make_client_context(options.tls); !read) return read.error();
  return {};
}

http_client::~http_client() {
  asio::post(impl_->context, [i = impl_.get()] {
    i->stopping = true;
    i->tick.cancel();
    for (auto& of_scheme : i->endpoints)
      for (auto& [_, endpoint] : of_scheme) endpoint.close_all();
    i->work.reset();
  });
  impl_->thread.join();
}

std::shared_ptr<client_call> http_client::impl::submit(http_request request, monotonic deadline,
                                                      completion<http_response> done) {
  ++state.calls;
  if (state.calls_open.fetch_add(1) >= state.options.max_calls) {
    --state.calls_open;
    ++state.failed;
    done(error{code::exhausted, "too many calls are under way"}.because("too_many_calls"));
    return nullptr;
  }
  auto call = std::make_shared<client_call>(context, state, std::move(request), deadline, std::move(done));
  asio::post(context, [this, call] { start(call); });
  return call;
}

void http_client::send(http_request request, monotonic deadline, completion<http_response> done) {
  impl_->submit(std::move(request), deadline, std::move(done));
}

// Only of a call that is not yet answered is the endpoint known to exist.
class http_client::open_call final : public http_client_call {
 public:
  open_call(std::weak_ptr<impl> of, std::weak_ptr<client_call> call) : client_{std::move(of)}, call_{std::move(call)} {}
  ~open_call() override {
    const auto call = call_.lock();
    const auto client = call ? client_.lock() : nullptr;
    if (client) asio::post(client->context, [call] {
      if (call->done && call->endpoint) call->endpoint->give_up(call);
      else call->given_up = true;
    });
  }

 private:
  const std::weak_ptr<impl> client_;
  const std::weak_ptr<client_call> call_;
};

std::unique_ptr<http_client_call> http_client::start(http_request request, monotonic deadline,
                                                     completion<http_response> done) {
  auto call = impl_->submit(std::move(request), deadline, std::move(done));
  if (!call) return nullptr;
  return std::make_unique<open_call>(impl_, call);
}

http_client_counters http_client::counters() const {
  const auto& s = impl_->state;
  return {.calls = s.calls,
          .calls_open = s.calls_open,
          .answered = s.answered,
          .failed = s.failed,
          .timed_out = s.timed_out,
          .resent = s.resent,
          .connections_opened = s.connections_opened,
          .connections_open = s.connections_open,
          .handshakes = s.handshakes,
          .handshakes_resumed = s.handshakes_resumed,
          .handshakes_failed = s.handshakes_failed};
}

}  // namespace banyan
