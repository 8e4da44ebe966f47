#include <banyan/engines/framed_transport/framed_transport.hpp>

#include <banyan/engines/framed_transport/peer.hpp>
#include <banyan/engines/framed_transport/tls_context.hpp>

#include <banyan/http/authority.hpp>

#include <map>
#include <utility>

namespace banyan {

namespace framed {

namespace {

error closing() { return error{code::unavailable, "the transport is closed"}.because("closing"); }

// The peers, used on the loop's thread only.
class caller {
 public:
  explicit caller(caller_state& state) : state_{state} {}

  void submit(std::shared_ptr<outgoing_call> call) {
    if (stopping_) return call->finish(closing());
    auto to = peer_of(call->to);
    if (!to) return call->finish(to.error());
    (*to)->submit(std::move(call));
  }
  void give_up(const std::shared_ptr<outgoing_call>& call) {
    if (const auto known = peers_.find(key_of(call->to)); known != peers_.end()) known->second->give_up(call);
  }
  void stop() {
    stopping_ = true;
    for (const auto& [_, p] : peers_) p->close(closing());
  }

 private:
  using key = std::pair<std::string, std::string>;
  static key key_of(const endpoint& e) { return {e.address, e.node}; }

  result<std::shared_ptr<peer>> peer_of(const endpoint& e) {
    if (const auto known = peers_.find(key_of(e)); known != peers_.end()) return known->second;
    const auto at = read_authority(e.address);
    if (!at || at->host.empty() || !at->port || *at->port == 0)
      return error{code::invalid_argument, "'" + e.address + "' is not a host and port"}.at("address");
    if (peers_.size() >= state_.options.max_endpoints)
      std::erase_if(peers_, [](const auto& p) { return p.second->is_unused(); });
    if (peers_.size() >= state_.options.max_endpoints)
      return error{code::exhausted, "calls to too many nodes are under way"}.because("too_many_calls");
    return peers_.emplace(key_of(e), std::make_shared<peer>(state_, e, at->host, *at->port)).first->second;
  }

  caller_state& state_;
  std::map<key, std::shared_ptr<peer>> peers_;
  bool stopping_ = false;
};

// Shared by the transport and its attempts, which may outlive it.
struct caller_core {
  caller_core(framed_transport_options o, std::shared_ptr<boost::asio::ssl::context> tls, metrics_registry& r)
      : state{std::move(o), std::move(tls), r}, calls{state} {}
  caller_state state;
  caller calls;
};

class attempt_under_way final : public transport::attempt {
 public:
  attempt_under_way(std::shared_ptr<caller_core> core, std::shared_ptr<outgoing_call> call)
      : core_{std::move(core)}, call_{std::move(call)} {}
  ~attempt_under_way() override {
    if (call_->settled.exchange(true)) return;
    auto& calls = core_->calls;
    core_->state.loop.post([&calls, call = std::move(call_)] { calls.give_up(call); });
  }

 private:
  std::shared_ptr<caller_core> core_;
  std::shared_ptr<outgoing_call> call_;
};

class framed_transport final : public transport {
 public:
  explicit framed_transport(std::shared_ptr<caller_core> core) : core_{std::move(core)} { core_->state.loop.start(); }
  ~framed_transport() override {
    core_->state.loop.post([core = core_.get()] { core->calls.stop(); });
    core_->state.loop.join();
  }

  std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request, monotonic deadline,
                                completion<remote_answer> answer) override {
    auto& state = core_->state;
    state.metrics.calls.add();
    auto call =
        std::make_shared<outgoing_call>(state, to, what, encode_call(what, request), deadline, std::move(answer));
    if (state.under_way.fetch_add(1, std::memory_order_relaxed) >= state.options.max_under_way) {
      call->finish(error{code::exhausted, "too many calls are under way"}.because("too_many_calls"));
      return nullptr;
    }
    auto attempt = std::make_unique<attempt_under_way>(core_, call);
    state.loop.post([core = core_.get(), call = std::move(call)]() mutable { core->calls.submit(std::move(call)); });
    return attempt;
  }

 private:
  std::shared_ptr<caller_core> core_;
};

}  // namespace

}  // namespace framed

result<std::shared_ptr<transport>> make_framed_transport(framed_transport_options options, metrics_registry& metrics) {
  if (auto sound = check_framed_options(options.identity, options.limits); !sound) return sound.error();
  if (options.connect_timeout.count() <= nanoseconds::zero())
    return error{code::invalid_argument, "connect_timeout must be longer than zero"}.at("connect_timeout");
  auto tls = framed::make_tls_context(options.identity.tls);
  if (!tls) return tls.error();
  return std::make_shared<framed::framed_transport>(
      std::make_shared<framed::caller_core>(std::move(options), std::move(*tls), metrics));
}

}  // namespace banyan
