#include <banyan/framed_protocol/message_assembler.hpp>

#include <utility>

namespace banyan::framed {

result<std::optional<whole_message>> message_assembler::take(const frame& f) {
  switch (f.type) {
    case frame_type::request: {
      auto r = decode_request(f.payload);
      if (!r) return r.error();
      return begin({.type = f.type, .call = f.call, .head = std::move(r->head), .body = {}}, r->body);
    }
    case frame_type::answer: {
      auto r = decode_answer(f.payload);
      if (!r) return r.error();
      return begin({.type = f.type, .call = f.call, .head = {}, .position = r->position, .body = {}}, r->body);
    }
    case frame_type::more: return add(f);
    default: return bad_frame("a frame that is no part of a message");
  }
}

result<std::optional<whole_message>> message_assembler::begin(whole_message m, body_part body) {
  if (body.total > max_message_) {
    const auto sizes = std::to_string(body.total) + " bytes, the limit is " + std::to_string(max_message_);
    return error{code::invalid_argument, "a message of " + sizes}.because("message_too_large");
  }
  m.body.assign(body.first);
  if (body.first.size() == body.total) return std::optional{std::move(m)};
  if (under_way_) return bad_frame("a large message begins before the one before it has ended");
  missing_ = body.total - body.first.size();
  under_way_ = std::move(m);
  return std::optional<whole_message>{};
}

result<std::optional<whole_message>> message_assembler::add(const frame& f) {
  if (!under_way_ || under_way_->call != f.call) return bad_frame("a part of a message that is not under way");
  if (f.payload.empty() || f.payload.size() > missing_)
    return bad_frame("a part that is empty or longer than what is missing");
  under_way_->body.append(f.payload);
  missing_ -= f.payload.size();
  if (missing_ > 0) return std::optional<whole_message>{};
  return std::exchange(under_way_, std::nullopt);
}

bool message_assembler::drop(std::uint64_t call) {
  if (!under_way_ || under_way_->call != call) return false;
  under_way_.reset();
  missing_ = 0;
  return true;
}

}  // namespace banyan::framed
