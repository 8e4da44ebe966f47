#include <banyan/runtime/actor_log.hpp>

#include <banyan/observability/log.hpp>

namespace banyan {

void log_actor_event(const actor_event& e) {
  const auto log = logger{"actors"}.of(e.trace);
  switch (e.kind) {
    case actor_event_kind::crashed:
      log.error("actor crashed", {{"actor", e.name}, {"id", e.id}, {"cause", e.cause}, {"on", e.message}, {"restarts", e.restarts}});
      break;
    case actor_event_kind::overflowed:
      log.warning("actor is down and can keep no more: requests are refused, other messages are lost",
                  {{"actor", e.name}, {"id", e.id}, {"cause", e.cause}, {"on", e.message}});
      break;
    case actor_event_kind::request_failed:
      log.log(is_retryable(e.cause.code) ? log_level::warning : log_level::error, "request failed",
              {{"actor", e.name}, {"id", e.id}, {"cause", e.cause}, {"on", e.message}});
      break;
    case actor_event_kind::restarted:
      log.info("actor runs again", {{"actor", e.name}, {"id", e.id}, {"restarts", e.restarts}});
      break;
  }
}

}  // namespace banyan
