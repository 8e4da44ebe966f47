#include <tests/conformance/transport_engines.hpp>

#include <tests/framework/engines/framed_transport/certificates.hpp>

#include <banyan/engines/framed_transport/framed_transport.hpp>
#include <banyan/transport/call_server.hpp>

namespace transport_test {

namespace {

class framed_nodes final : public two_nodes {
 public:
  framed_nodes(call_handler handler, tls_files here, tls_files there) {
    auto l = call_listener::start({.identity = {"shop", "stock-1", std::move(there)}}, std::move(handler), metrics_);
    REQUIRE(l);
    listener_ = std::move(*l);
    called_ = {"stock-1", "127.0.0.1:" + std::to_string(listener_->port())};
    auto t = make_framed_transport(
        {.identity = {"shop", "front-1", std::move(here)}, .connect_timeout = test::patience}, metrics_);
    REQUIRE(t);
    calls_ = std::move(*t);
  }
  transport& calls() override { return *calls_; }
  endpoint called() const override { return called_; }
  void stop_called() override { listener_.reset(); }

 private:
  metrics_registry metrics_;
  std::unique_ptr<call_listener> listener_;
  std::shared_ptr<transport> calls_;
  endpoint called_;
};

}  // namespace

const std::vector<transport_engine>& transport_engines() {
  static const std::vector<transport_engine> all{
      {"framed, in the clear",
       [](call_handler h) { return std::make_unique<framed_nodes>(std::move(h), tls_files{}, tls_files{}); }},
      {"framed, TLS", [](call_handler h) {
         test::certificate_authority authority;
         return std::make_unique<framed_nodes>(std::move(h), authority.issue(test::node_uri("front-1")),
                                               authority.issue(test::node_uri("stock-1")));
       }}};
  return all;
}

price_server::price_server() {
  const auto at = system.spawn([this] { return std::make_unique<price_list>(&seen, &ended); });
  for (auto* o : {&get, &set}) here.add(o->request, {.service = "prices", .to = at, .of = o});
}

call_handler price_server::handler() {
  return [this](const encoded_call& c, timespan left, completion<encoded_answer> answer) {
    return serve_call(system, here, c, left, std::move(answer));
  };
}

}  // namespace transport_test
