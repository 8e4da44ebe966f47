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

void letter::answer(letter_ptr response) {
  if (what != kind::request) return;
  what = kind::answered;
  if (response->what != kind::failure) response->what = kind::response;
  response->call = call;
  response->position = std::max(response->position, position);
  deliver(std::exchange(sender, {}), std::move(response));
}

void letter::fail(error e) {
  if (what == kind::request) answer(detail::failure_letter(std::move(e)));
}

void letter::bounce() noexcept {
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
