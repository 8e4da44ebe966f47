#include <banyan/actor/message.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/observability/tracer.hpp>

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>

namespace banyan {

namespace {

// A message whose type is known by its codec only; the value is stored behind the object, in the same allocation.
class message_by_codec final : public message {
 public:
  // `fill` constructs the value in the given storage, or returns an error.
  template <class Fill>
  static result<message_ptr> make(const message_codec& c, Fill fill) {
    void* memory = ::operator new(value_offset + c.size);
    void* value = static_cast<std::byte*>(memory) + value_offset;
    try {
      if (std::optional<error> refused = fill(value)) {
        ::operator delete(memory);
        return std::move(*refused);
      }
    } catch (...) {
      ::operator delete(memory);
      throw;
    }
    return message_ptr{::new (memory) message_by_codec{c, value}};
  }

 private:
  message_by_codec(const message_codec& c, void* value) noexcept : message{c.type, value}, codec_{c}, value_{value} {}
  ~message_by_codec() override { codec_.destroy(value_); }
  // The allocation is larger than the class, so sized deallocation would be wrong.
  static void operator delete(void* memory) { ::operator delete(memory); }
  static const std::size_t value_offset;
  const message_codec& codec_;
  void* value_;
};

constexpr std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }
constexpr std::size_t message_by_codec::value_offset =
    round_up(sizeof(message_by_codec), __STDCPP_DEFAULT_NEW_ALIGNMENT__);

}  // namespace

std::string encode(const message_codec& c, const message& m) {
  std::string text;
  c.encode(text, m.body());
  return text;
}

result<message_ptr> decode_message(const message_codec& c, std::string_view json) {
  return message_by_codec::make(c, [&](void* value) { return c.decode(value, json); });
}

result<message_ptr> decode_message(const message_codec& c, const boost::json::value& parsed) {
  return message_by_codec::make(c, [&](void* value) { return c.read(value, parsed); });
}

message_ptr copy_message(const message_codec& c, const message& m) { return copy_message(c, m.body()); }

message_ptr copy_message(const message_codec& c, const void* body) {
  return *message_by_codec::make(c, [&](void* value) -> std::optional<error> {
    c.copy(value, body);
    return std::nullopt;
  });
}

context_ptr in_span(const span_scope& span, context_ptr context) {
  if (!span.is_recorded()) return context;
  auto within = context ? std::make_shared<message_context>(*context) : std::make_shared<message_context>();
  within->trace = span.traceparent();
  return within;
}

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
  send_answer(std::move(response));
}

void message::send_answer(message_ptr response) { deliver(std::exchange(sender, {}), std::move(response)); }

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
    // Out of memory: the caller's deadline ends the wait.
  }
}

}  // namespace banyan
