// An HTTP API outside the application, as the far end of a link: where it is, and how each operation is called.
//
//   struct acquirer_api {
//     static constexpr std::string_view name = "acquirer";
//     using operations = banyan::operations<op<charge_card, idempotent::by_key>, op<get_charge, idempotent::always>>;
//   };
//
//   ambassador<acquirer_api>{.deadline = 3s,
//                            .over = http_upstream{.to = "http://127.0.0.1:8090",
//                                                  .calls = {call<charge_card>("POST /charges",
//                                                                {.headers = {{"Idempotency-Key", "key"}}}),
//                                                            call<get_charge>("GET /charges/{key}")}}}
//
// The members of a request go where http_routes would read them from: captures of the path, else the query string of a
// GET, HEAD or DELETE, else a JSON body; a member named in `headers` goes into that header. Its reply is the JSON body
// of a 2xx answer, of which unknown members are ignored; an answer without a body is `null`, or `{}` for a record.
//
// Sent with every call: `X-Banyan-Deadline-Ms`, the time left; `traceparent` and `tracestate`; for an operation that is
// idempotent::by_key `Idempotency-Key`, unless `headers` has it: the command id, the same for every attempt.
//
// A call that is given up closes its connection.
//
// Errors: those of the client (client.hpp); of a status that is not 2xx, the error of its problem JSON, or else of the
// status (problem_details.hpp), with its Retry-After; internal, outcome unknown, "bad_reply", for a 2xx answer that
// does not decode.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/message_codec_of.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/tls/options.hpp>
#include <banyan/transport/transport.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

struct http_call_options {
  std::vector<std::pair<std::string, std::string>> headers = {};  // header, member of the request
};

// How one operation is called.
struct http_call {
  operation of;                       // its name without the service, its idempotency not set
  std::string pattern;                // "POST /charges/{key}/refunds"
  http_call_options with;
  std::function<shape()> request_shape;
};

template <class Request>
http_call call(std::string pattern, http_call_options with = {}) {
  static_assert(can_travel<Request> && can_travel<reply_to<Request>>,
                "the request and the reply of a call over HTTP are written and read as JSON: describe both with "
                "BOOST_DESCRIBE_STRUCT");
  constexpr auto sent = detail::sent_as_of<Request>();
  return {{std::string{sent.name}, sent.version, type_of<Request>(), type_of<reply_to<Request>>(), idempotent::never,
           codec_of<Request>(), codec_of<reply_to<Request>>()},
          std::move(pattern), std::move(with), [] { return shape_of<Request>(); }};
}

struct http_upstream {
  std::string to;                // base URLs, with commas between: "https://a.example:8443, https://b.example:8443"
  std::vector<http_call> calls;  // one per operation of the API
  int connections = 32;          // per base URL
  tls_client_options tls = {};   // for https
};

// The base URLs of `to` as endpoints, whose name and address are the URL without a slash at the end. Errors:
// invalid_argument, which names the URL.
result<endpoint_list> endpoints_of(std::string_view to);

// A mistake in the declaration, one sentence each: a URL, a pattern, a capture or header without a member, an
// operation without a call, or with two. `operations`: of the API.
std::vector<std::string> problems_of(const http_upstream& upstream, const std::vector<operation>& operations);

// The transport to an upstream; a node opens one per link (engines/http_upstream). None is provided in a simulation.
class upstream_transport : public transport {
 public:
  using options = http_upstream;
};

}  // namespace banyan
