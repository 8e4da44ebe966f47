#include <banyan/actor/message.hpp>

#include <banyan/actor/control.hpp>

#include <algorithm>

namespace banyan {

error failed_request(const context_ptr& context) {
  std::string text = "the request failed; see the log";
  // traceparent: version "-" trace id "-" step "-" flags
  if (context && context->trace.size() >= 36) text += " under trace " + context->trace.substr(3, 32);
  return {code::internal, std::move(text), outcome::unknown};
}

void message::answer(message_ptr response) {
  if (kind != message_kind::request) return;
  kind = message_kind::answered;
  if (response->kind != message_kind::failure) response->kind = message_kind::response;
  response->call = call;
  response->position = std::max(response->position, position);
  deliver(std::exchange(sender, {}), std::move(response));
}

void message::fail(error e) {
  if (kind == message_kind::request) answer(detail::failure_message(std::move(e)));
}

void message::bounce() noexcept {
  try {
    if (taken_up)
      fail({code::unavailable, "the actor stopped or crashed while it handled this request", outcome::unknown});
    else
      fail({code::unavailable, "the actor stopped before it took up this request", outcome::not_applied});
  } catch (...) {
    // Out of memory: the asker's deadline is what is left.
  }
}

}  // namespace banyan
