#include <banyan/http/client.hpp>

#include <banyan/http/authority.hpp>
#include <banyan/http/client_endpoint.hpp>
#include <banyan/http/wire.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <map>
#include <thread>

namespace banyan {

namespace asio = boost::asio;

struct http_client::impl {
  explicit impl(http_client_options options) { state.options = std::move(options); }

  client_state state;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::steady_timer tick{context};
  std::map<std::string, client_endpoint, std::less<>> endpoints;
  bool stopping = false;
  std::thread thread;

  void start(const std::shared_ptr<client_call>& call) {
    if (stopping) return call->answer(error{code::unavailable, "the client was closed"});
    auto head = request_head(call->request);
    if (!head) return call->answer(head.error());
    call->head = std::move(*head);
    if (call->deadline <= system_clock().steady()) {
      ++state.timed_out;
      return call->answer(error{code::deadline_exceeded, "the deadline had passed before the call was made"});
    }
    auto endpoint = endpoint_of(call->request.authority);
    if (!endpoint) return call->answer(endpoint.error());
    call->timer.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(call->deadline));
    call->timer.async_wait([e = *endpoint, call](const boost::system::error_code& ec) {
      if (!ec && call->done) e->expire(call);
    });
    (*endpoint)->submit(call);
  }

  result<client_endpoint*> endpoint_of(const std::string& authority) {
    if (auto known = endpoints.find(authority); known != endpoints.end()) return &known->second;
    const auto read = read_authority(authority);
    if (!read || read->host.empty() || read->port == 0)
      return error{code::invalid_argument, "'" + authority + "' is not a host and port"}.at("authority");
    if (endpoints.size() >= state.options.max_endpoints) std::erase_if(endpoints, [](const auto& e) { return e.second.unused(); });
    if (endpoints.size() >= state.options.max_endpoints)
      return error{code::exhausted, "calls to too many hosts are under way"}.because("too_many_calls");
    const auto added = endpoints.try_emplace(authority, context, state, read->host, read->port.value_or(80));
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
      for (auto& [_, endpoint] : endpoints) endpoint.close_overdue(now);
      sweep();
    });
  }
};

http_client::http_client(http_client_options options) : impl_{std::make_unique<impl>(std::move(options))} {
  impl_->sweep();
  impl_->thread = std::thread{[i = impl_.get()] { i->context.run(); }};
}

http_client::~http_client() {
  asio::post(impl_->context, [i = impl_.get()] {
    i->stopping = true;
    i->tick.cancel();
    for (auto& [_, endpoint] : i->endpoints) endpoint.close_all();
    i->work.reset();
  });
  impl_->thread.join();
}

void http_client::send(http_request request, monotonic deadline, completion<http_response> done) {
  ++impl_->state.calls;
  if (impl_->state.calls_open.fetch_add(1) >= impl_->state.options.max_calls) {
    --impl_->state.calls_open;
    ++impl_->state.failed;
    return done(error{code::exhausted, "too many calls are under way"}.because("too_many_calls"));
  }
  auto call = std::make_shared<client_call>(impl_->context, impl_->state, std::move(request), deadline, std::move(done));
  asio::post(impl_->context, [i = impl_.get(), call = std::move(call)] { i->start(call); });
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
          .connections_open = s.connections_open};
}

}  // namespace banyan
