#include <banyan/engines/http_upstream/http_upstream_transport.hpp>

#include <banyan/http/client.hpp>
#include <banyan/http/request_writer.hpp>
#include <banyan/http/trace_headers.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace banyan {

namespace {

struct base_url {
  std::string authority, path;  // path: "" or "/v1"
  bool https = false;
};

result<base_url> base_of(const std::string& url) {
  auto parsed = request_to("GET", url);
  if (!parsed) return parsed.error();
  return base_url{std::move(parsed->authority), parsed->target == "/" ? std::string{} : std::move(parsed->target),
                  parsed->https};
}

result<remote_answer> answer_of(const operation& what, result<http_response> response) {
  if (!response) return std::move(response.error());
  auto ok = succeeded(std::move(*response));
  if (!ok) return std::move(ok.error());
  const std::string_view body = ok->body.empty() ? std::string_view{"{}"} : std::string_view{ok->body};
  auto reply = decode_message(*what.reply_codec, body);
  if (!reply)
    return error{code::internal, "the reply of " + what.name + " does not decode: " + reply.error().message,
                 outcome::unknown}
        .because("bad_reply");
  return remote_answer{std::move(*reply)};
}

struct open_attempt final : transport::attempt {
  explicit open_attempt(std::unique_ptr<http_client_call> c) : call{std::move(c)} {}
  std::unique_ptr<http_client_call> call;
};

class http_upstream_transport final : public upstream_transport {
 public:
  http_upstream_transport(const http_upstream& to, const endpoint_list& endpoints)
      : client_{
            {.max_connections_per_endpoint = static_cast<std::size_t>(std::max(1, to.connections)), .tls = to.tls}} {
    for (const auto& e : endpoints)
      if (auto base = base_of(e.address)) bases_.emplace(e.address, std::move(*base));
    for (const auto& c : to.calls) {
      auto pattern = route_pattern::parse(c.pattern);
      if (!pattern) continue;
      bool has_key = false;
      for (const auto& [header, _] : c.with.headers)
        has_key = has_key || equal_ignoring_case(header, "Idempotency-Key");
      calls_.emplace(c.of.request, call_way{{std::move(*pattern), c.request_shape(), c.with.headers}, has_key});
    }
  }

  std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request, monotonic deadline,
                                completion<remote_answer> answer) override {
    auto written = write(to, what, request, deadline);
    if (!written) {
      answer(std::move(written.error()));
      return nullptr;
    }
    auto call = client_.start(std::move(*written), deadline,
                              [&what, answer = std::move(answer)](result<http_response> response) mutable {
                                answer(answer_of(what, std::move(response)));
                              });
    return call ? std::make_unique<open_attempt>(std::move(call)) : nullptr;
  }

 private:
  struct call_way {
    request_writer writer;
    bool has_key;
  };

  result<http_request> write(const endpoint& to, const operation& what, const message& request, monotonic deadline) {
    const auto way = calls_.find(what.request);
    if (way == calls_.end() || !what.request_codec || !what.reply_codec)
      return error{code::unimplemented, what.name + " can not be called over HTTP"};
    const auto base = bases_.find(to.address);
    if (base == bases_.end())
      return error{code::unavailable, to.address + " is not one of the API's base URLs"}.because("no_endpoint");
    auto made = way->second.writer.write(encode(*what.request_codec, request));
    if (!made) return made.error();
    made->authority = base->second.authority;
    made->https = base->second.https;
    if (!base->second.path.empty()) made->target.insert(0, base->second.path);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - system_clock().steady());
    if (deadline != monotonic::max())
      made->headers.add("X-Banyan-Deadline-Ms", std::to_string(std::max<std::int64_t>(1, left.count())));
    if (const auto& from = request.context) {
      set_trace_headers(made->headers, from->trace, from->trace_state);
      if (what.how == idempotent::by_key && !way->second.has_key && !from->command.is_nil())
        made->headers.add("Idempotency-Key", to_string(from->command));
    }
    return made;
  }

  std::map<const message_type*, call_way> calls_;
  std::unordered_map<std::string, base_url> bases_;  // by the address of the endpoint
  http_client client_;
};

}  // namespace

result<std::shared_ptr<upstream_transport>> open_http_upstream(const http_upstream& to) {
  const auto list = endpoints_of(to.to);
  if (!list) return list.error();
  if (std::any_of(list->begin(), list->end(), [](const endpoint& e) { return e.address.starts_with("https:"); }))
    if (const auto usable = http_client::check({.tls = to.tls}); !usable) return usable.error();
  return std::shared_ptr<upstream_transport>{std::make_shared<http_upstream_transport>(to, *list)};
}

}  // namespace banyan
