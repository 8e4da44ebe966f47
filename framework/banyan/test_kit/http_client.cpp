#include <banyan/test_kit/http_client.hpp>

#include <future>

namespace banyan::test_kit {

blocking_http_client::blocking_http_client(std::uint16_t port, timespan patience, http_client_options options)
    : authority_{"127.0.0.1:" + std::to_string(port)}, patience_{patience}, client_{std::move(options)} {}

http_response blocking_http_client::get(std::string target) {
  http_request r;
  r.target = std::move(target);
  return send(std::move(r));
}

http_response blocking_http_client::post(std::string target, std::string json) {
  http_request r;
  r.method = "POST";
  r.target = std::move(target);
  r.headers.add("Content-Type", "application/json");
  r.body = std::move(json);
  return send(std::move(r));
}

http_response blocking_http_client::send(http_request request) { return try_send(std::move(request)).value(); }

result<http_response> blocking_http_client::try_send(http_request request) {
  if (request.authority.empty()) request.authority = authority_;
  std::promise<result<http_response>> told;
  auto answer = told.get_future();
  client_.send(std::move(request), add_saturating(system_clock().steady(), patience_),
               [&told](result<http_response> r) { told.set_value(std::move(r)); });
  return answer.get();
}

}  // namespace banyan::test_kit
