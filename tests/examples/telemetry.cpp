// The examples of the headers for traces, for what a browser is told as events, and for TLS, in one program that
// compiles: tests/examples/check compares them.
#include <banyan/actor/actor.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/cqrs/applied_spans.hpp>
#include <banyan/http/client.hpp>
#include <banyan/http/event_stream.hpp>
#include <banyan/http/server.hpp>
#include <banyan/http/trace_headers.hpp>
#include <banyan/observability/otlp.hpp>
#include <banyan/observability/trace_state.hpp>
#include <banyan/observability/tracer.hpp>
#include <banyan/runtime/live_feed.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/otlp_delivery.hpp>
#include <banyan/runtime/otlp_exporter.hpp>
#include <banyan/runtime/otlp_settings.hpp>
#include <banyan/service/traced.hpp>
#include <banyan/tls/options.hpp>

namespace examples {

using namespace banyan;
using namespace std::chrono_literals;

// --- observability/tracer.hpp

void charge(tracer& tracer, const context_ptr& context, const std::string& host, int attempt, header_list& headers) {
  span_scope span = tracer.begin(context->trace, span_kind::client, "payments charge");
  span.set("server.address", host).set("banyan.attempt", attempt);
  if (span.is_recorded()) headers.set("traceparent", span.traceparent());   // else the parent's is passed on
  span.end();            // or end(error); a scope that is destroyed ends its span
}

// --- cqrs/applied_spans.hpp

struct applies_events : actor {
  struct { std::string view; } spec;
  void apply(const std::vector<recorded_event>& batch, const batch_plan& plan, position after, std::size_t i,
             const error& why) {
    applied_spans spans{self().system().tracer(), spec.view};
    spans.begin(batch, plan, after);     // for each plan that is tried: an event keeps the span that it has
    spans.failed(i, why);                // the stream of batch[i] is parked
    spans.stored(plan);                  // its transaction is
  }
};

// --- http/trace_headers.hpp

void pass_on(http_request& request, const span_scope& span) {
  trace_headers given = read_trace_headers(request.headers);            // a server; empty texts: no trace
  set_trace_headers(request.headers, span.traceparent(), given.state);  // a client, in the same trace
}

// --- observability/trace_state.hpp

void set_state(const std::vector<std::string_view>& values, header_list& headers) {
  auto state = read_tracestate(values);   // of all tracestate headers of a request, in their order
  if (state) headers.set("tracestate", *state);
}

// --- observability/otlp.hpp

std::size_t encode(const otlp_resource& resource, const std::vector<span>& spans, const metrics_registry& metrics,
                   instant started, instant now) {
  std::string body = encode_traces(resource, spans);        // ExportTraceServiceRequest
  std::string other = encode_metrics(resource, metrics.read(), started, now);   // ExportMetricsServiceRequest
  return body.size() + other.size();
}

// --- runtime/otlp_delivery.hpp

void deliver(otlp_delivery& delivery, const std::string& body, const std::vector<span>& spans, monotonic now,
             const std::function<void(const otlp_batch&)>& post, const result<http_response>& response,
             random_source& random) {
  delivery.add({otlp_signal::traces, body, spans.size()});
  if (const auto* batch = delivery.next(now)) post(*batch);
  auto told = delivery.answered(response, now, random);    // of that batch
  if (told.kind == otlp_delivery::verdict::dropped) delivery.drop_all();
}

// --- runtime/otlp_exporter.hpp

bool export_all(actor_system& system, node& node, const node_settings& settings, const uuid& instance) {
  auto options = otlp_options_of(settings, "shop", instance);            // otlp_settings.hpp
  auto exporter = otlp_exporter::start(system.tracer(), node.metrics(), std::move(options));
  if (!exporter) return false;
  return
  (*exporter)->flush(2s);                                                // when nothing records any more
}

// --- service/traced.hpp

struct quote {};
struct get_quote {
  using reply = quote;
};

result<quote> handle_get_quote(actor_host& host, const service_scope& scope, const get_quote& m) {
  const auto get_quote_handler = [](const context<>&, const get_quote&) -> result<quote> { return quote{}; };
  return traced<context<>>(host, scope, "get_quote", m, get_quote_handler);
}

// --- http/event_stream.hpp

void show_stock(completion<http_response> done) {
  auto channel = std::make_shared<event_channel>();
  channel->publish("stock/A1", "stock", R"({"sku":"A1","left":3})");     // from any thread, at any time
  done(http_response::events(channel->reader()));                        // in a handler, for each who asks
}

// --- runtime/live_feed.hpp

std::string stock_document() { return R"({"sku":"A1","left":3})"; }

void feed_a_page(completion<http_response> done) {
  live_feed feed{[](event_channel& to, look) { to.publish("stock/A1", "stock", stock_document()); }};
  done(http_response::events(feed.reader()));      // the first one starts the sampling
  feed.notify();                                   // something changed: a sample at once
}

// --- tls/options.hpp

void speak_tls(const http_handler& answer) {
  auto server =
  http_server::start({.port = 8443, .tls = tls_server_options{.certificate = "edge.pem", .key = "edge.key"}},
                     answer);
  http_client client{{.tls = {.authority = "our-authority.pem"}}};  // for https:// URLs
}

}  // namespace examples
