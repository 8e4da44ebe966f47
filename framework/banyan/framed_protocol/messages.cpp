#include <banyan/framed_protocol/messages.hpp>

#include <banyan/core/utf8.hpp>
#include <banyan/framed_protocol/byte_order.hpp>
#include <banyan/framed_protocol/payload_reader.hpp>

#include <algorithm>
#include <array>

namespace banyan::framed {

namespace {

constexpr std::size_t max_headers = 64;
constexpr std::size_t max_failure_text = 1024, max_failure_reason = 128, max_failure_field = 256;
constexpr unsigned failure_retried = 1;  // a flag of a failure

// Numbers of the settings in a hello.
enum class setting : std::uint16_t { max_frame = 1, max_message = 2, max_calls = 3, clock = 4 };

constexpr std::array all_codes{code::invalid_argument, code::not_found,   code::conflict,        code::refused,
                               code::deadline_exceeded, code::unavailable, code::exhausted,       code::unauthenticated,
                               code::forbidden,         code::corrupt,     code::internal,        code::unimplemented};
constexpr std::array all_outcomes{outcome::not_applied, outcome::applied, outcome::unknown};

template <std::size_t LengthBytes>
void append_text(std::string& out, std::string_view text) {
  append_number<LengthBytes>(out, text.size());
  out.append(text);
}

void append_id(std::string& out, const uuid& id) { out.append(id.bytes.begin(), id.bytes.end()); }

bool fits(std::string_view text, std::size_t length_bytes) {
  return text.size() < std::size_t{1} << (8 * length_bytes);
}

// Truncates before a UTF-8 character that crosses the limit.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

template <class All>
auto find_by_name(const All& all, std::string_view name) -> std::optional<typename All::value_type> {
  for (auto each : all)
    if (to_string(each) == name) return each;
  return {};
}

result<body_part> rest_as_body(payload_reader& in) {
  const auto total = static_cast<std::uint32_t>(in.number<4>());
  const auto first = in.rest();
  if (in.failed()) return bad_frame("a message ends within its head");
  if (first.size() > total) return bad_frame("a message has more bytes than it says");
  return body_part{total, first};
}

}  // namespace

void append_hello(std::string& out, const hello& h) {
  const std::array<std::pair<setting, std::uint64_t>, 4> settings{
      {{setting::max_frame, h.max_frame},
       {setting::max_message, h.max_message},
       {setting::max_calls, h.max_calls},
       {setting::clock, static_cast<std::uint64_t>(h.clock)}}};
  append_text<1>(out, cut(h.node, 255));
  append_number<1>(out, settings.size());
  for (const auto& [name, value] : settings) {
    append_number<2>(out, static_cast<std::uint16_t>(name));
    append_number<8>(out, value);
  }
}

result<hello> decode_hello(std::string_view payload) {
  payload_reader in{payload};
  hello h;
  h.node = in.text<1>();
  const auto count = in.number<1>();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const auto name = static_cast<setting>(in.number<2>());
    const auto value = in.number<8>();
    const auto bounded = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
    switch (name) {
      case setting::max_frame: h.max_frame = bounded; break;
      case setting::max_message: h.max_message = bounded; break;
      case setting::max_calls: h.max_calls = bounded; break;
      case setting::clock: h.clock = static_cast<std::int64_t>(value); break;
      default: break;  // a setting of a newer version
    }
  }
  if (in.failed()) return bad_frame("a hello ends within a setting");
  if (h.max_frame < 1024 || h.max_calls == 0) return bad_frame("a hello with limits that nothing fits into");
  return h;
}

result<void> append_request_head(std::string& out, const request_head& head) {
  bool fit = fits(head.operation, 1) && fits(head.trace, 1) && fits(head.caller, 2);
  fit = fit && head.headers.size() <= max_headers;
  for (const auto& [name, value] : head.headers) fit = fit && fits(name, 1) && fits(value, 2);
  if (!fit)
    return error{code::invalid_argument, "a header or name of the request is too long"}.because("head_too_large");
  append_number<8>(out, static_cast<std::uint64_t>(head.deadline));
  append_number<4>(out, head.version);
  append_number<8>(out, static_cast<std::uint64_t>(head.position));
  for (const auto* id : {&head.command, &head.correlation, &head.causation}) append_id(out, *id);
  append_text<1>(out, head.operation);
  append_text<1>(out, head.trace);
  append_text<2>(out, head.caller);
  append_number<1>(out, head.headers.size());
  for (const auto& [name, value] : head.headers) {
    append_text<1>(out, name);
    append_text<2>(out, value);
  }
  return {};
}

result<request_begin> decode_request(std::string_view payload) {
  payload_reader in{payload};
  request_begin r;
  r.head.deadline = static_cast<std::int64_t>(in.number<8>());
  r.head.version = static_cast<std::uint32_t>(in.number<4>());
  r.head.position = static_cast<std::int64_t>(in.number<8>());
  for (auto* id : {&r.head.command, &r.head.correlation, &r.head.causation}) *id = in.id();
  r.head.operation = in.text<1>();
  r.head.trace = in.text<1>();
  r.head.caller = in.text<2>();
  const auto count = in.number<1>();
  if (count > max_headers) return bad_frame("a request with too many headers");
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const auto name = in.text<1>();
    r.head.headers.emplace_back(name, in.text<2>());
  }
  const auto body = rest_as_body(in);
  if (!body) return body.error();
  if (r.head.operation.empty()) return bad_frame("a request without an operation");
  r.body = *body;
  return r;
}

void append_answer_head(std::string& out, std::int64_t position) {
  append_number<8>(out, static_cast<std::uint64_t>(position));
}

result<answer_begin> decode_answer(std::string_view payload) {
  payload_reader in{payload};
  const auto position = static_cast<std::int64_t>(in.number<8>());
  const auto body = rest_as_body(in);
  if (!body) return body.error();
  return answer_begin{position, *body};
}

void append_failure(std::string& out, const error& e) {
  append_text<1>(out, to_string(e.code));
  append_text<1>(out, to_string(e.outcome));
  append_number<8>(
      out, e.retry_after ? static_cast<std::uint64_t>(std::max<std::int64_t>(e.retry_after->count(), 0)) : UINT64_MAX);
  append_text<1>(out, cut(e.reason, max_failure_reason));
  append_text<2>(out, cut(e.field, max_failure_field));
  append_text<2>(out, cut(e.message, max_failure_text));
  append_number<1>(out, e.retried ? failure_retried : 0);
}

std::optional<error> decode_failure(std::string_view payload) {
  payload_reader in{payload};
  const auto name = in.text<1>();
  const auto known = in.text<1>();
  const auto wait = in.number<8>();
  error e;
  e.reason = in.text<1>();
  e.field = in.text<2>();
  e.message = in.text<2>();
  if (in.failed()) return {};
  // Peers of the first version end here; what follows the flags is of a newer one.
  if (const auto flags = in.rest(); !flags.empty())
    e.retried = (static_cast<unsigned char>(flags.front()) & failure_retried) != 0;
  for (auto* text : {&e.reason, &e.field, &e.message})
    if (!is_utf8(*text)) *text = {};
  e.code = find_by_name(all_codes, name).value_or(code::internal);
  e.outcome = find_by_name(all_outcomes, known).value_or(outcome::unknown);
  if (wait <= static_cast<std::uint64_t>(std::chrono::milliseconds::max().count()))
    e.retry_after = std::chrono::milliseconds{wait};
  return e;
}

void append_heartbeat(std::string& out, heartbeat b) {
  append_number<8>(out, b.number);
  append_number<8>(out, static_cast<std::uint64_t>(b.clock));
}

result<heartbeat> decode_heartbeat(std::string_view payload) {
  payload_reader in{payload};
  heartbeat b;
  b.number = in.number<8>();
  b.clock = static_cast<std::int64_t>(in.number<8>());
  if (in.failed()) return bad_frame("a ping or pong that is too short");
  return b;
}

void append_goaway(std::string& out, std::string_view reason) { append_text<2>(out, cut(reason, 256)); }

result<std::string> decode_goaway(std::string_view payload) {
  payload_reader in{payload};
  std::string reason{in.text<2>()};
  if (in.failed()) return bad_frame("a goaway that is too short");
  return reason;
}

}  // namespace banyan::framed
