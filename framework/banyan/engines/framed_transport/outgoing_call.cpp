#include <banyan/engines/framed_transport/outgoing_call.hpp>

namespace banyan::framed {

caller_metrics::caller_metrics(metrics_registry& r)
    : registry{r},
      calls{r.counter("banyan_transport_calls_total", "Calls to other nodes.")},
      connections_opened{
          r.counter("banyan_transport_connections_opened_total", "Connections to other nodes that became usable.")},
      connections{r.gauge("banyan_transport_connections", "Connections to other nodes that are usable now.")} {}

void caller_metrics::failed(const error& why) {
  const auto reason = why.reason.empty() ? std::string{to_string(why.code)} : why.reason;
  registry
      .counter("banyan_transport_failures_total", "Calls to other nodes that ended without their answer.",
               {{"reason", reason}})
      .add();
}

void outgoing_call::finish(result<framed::answer> with) {
  state.under_way.fetch_sub(1, std::memory_order_relaxed);
  if (!with) state.metrics.failed(with.error());
  auto tell = std::move(answer);
  if (settled.exchange(true)) return tell(with ? cancelled(outcome::unknown) : with.error());
  if (!with) return tell(std::move(with.error()));
  auto reply = decode_answer(what, {std::move(with->body), with->position, std::move(with->failure)});
  if (!reply) return tell(std::move(reply.error()));
  tell(remote_answer{std::move(*reply)});
}

}  // namespace banyan::framed
