#include <banyan/framed_protocol/send_queue.hpp>

#include <banyan/framed_protocol/byte_order.hpp>

#include <algorithm>
#include <utility>

namespace banyan::framed {

namespace {
constexpr std::size_t total_size = 4;  // bytes of the size field after the head
}

result<void> send_queue::add_request(std::uint64_t call, const request_head& head, std::string body) {
  std::string bytes;
  if (auto r = append_request_head(bytes, head); !r) return r.error();
  return add(frame_type::request, call, std::move(bytes), std::move(body));
}

result<void> send_queue::add_answer(std::uint64_t call, std::int64_t position, std::string body) {
  std::string head;
  append_answer_head(head, position);
  return add(frame_type::answer, call, std::move(head), std::move(body));
}

result<void> send_queue::add(frame_type type, std::uint64_t call, std::string head, std::string body) {
  if (body.size() > max_message_) {
    const auto sizes = std::to_string(body.size()) + " bytes, the other side takes " + std::to_string(max_message_);
    return error{code::invalid_argument, "a message of " + sizes}.because("message_too_large");
  }
  if (head.size() + total_size > max_frame_)
    return error{code::invalid_argument, "the headers of the request do not fit into one frame"}.because(
        "head_too_large");
  const auto size = frame_head_size + head.size() + total_size + body.size();
  if (size > max_bytes_ - std::min(bytes_, max_bytes_))
    return error{code::exhausted, "too many bytes wait for this connection"}.because("send_queue_full");
  append_number<total_size>(head, body.size());
  if (head.size() + body.size() > max_frame_) {
    large_.push_back({type, call, std::move(head), std::move(body)});
    bytes_ += large_.back().head.size() + large_.back().body.size();
    return {};
  }
  std::string bytes;
  bytes.reserve(size);
  const auto at = begin_frame(bytes, type, call);
  bytes.append(head).append(body);
  end_frame(bytes, at);
  bytes_ += bytes.size();
  small_.push_back({call, std::move(bytes)});
  return {};
}

void send_queue::add_failure(std::uint64_t call, const error& why) {
  const auto at = begin_frame(control_, frame_type::failure, call);
  append_failure(control_, why);
  end_frame(control_, at);
}

void send_queue::add_hello(const hello& mine) {
  const auto at = begin_frame(control_, frame_type::hello, 0);
  append_hello(control_, mine);
  end_frame(control_, at);
}

void send_queue::add_ping(heartbeat b) {
  const auto at = begin_frame(control_, frame_type::ping, 0);
  append_heartbeat(control_, b);
  end_frame(control_, at);
}

void send_queue::add_goaway(std::string_view reason) {
  const auto at = begin_frame(control_, frame_type::goaway, 0);
  append_goaway(control_, reason);
  end_frame(control_, at);
}

send_queue::withdrawn send_queue::withdraw(std::uint64_t call) {
  const auto of_call = [call](const auto& m) { return m.call == call; };
  if (const auto at = std::find_if(small_.begin(), small_.end(), of_call); at != small_.end()) {
    bytes_ -= at->bytes.size();
    small_.erase(at);
    return withdrawn::unsent;
  }
  if (const auto at = std::find_if(large_.begin(), large_.end(), of_call); at != large_.end()) {
    const bool begun = at->begun;
    bytes_ -= at->head.size() + at->body.size();
    large_.erase(at);
    return begun ? withdrawn::cut : withdrawn::unsent;
  }
  return withdrawn::sent;
}

std::vector<std::uint64_t> send_queue::withdraw_unsent() {
  std::vector<std::uint64_t> calls;
  for (const auto& m : small_) calls.push_back(m.call);
  for (const auto& m : large_)
    if (!m.begun) calls.push_back(m.call);
  for (const auto call : calls) withdraw(call);
  return calls;
}

void send_queue::take(std::string& out, std::size_t about) {
  take_control(out);
  while (out.size() < about && !(small_.empty() && large_.empty())) {
    const auto turn = out.size() + max_frame_;
    while (!small_.empty() && out.size() < turn) {
      bytes_ -= small_.front().bytes.size();
      out.append(small_.front().bytes);
      small_.pop_front();
    }
    if (!large_.empty()) take_part(out);
  }
}

void send_queue::take_control(std::string& out) {
  out.append(control_);
  control_.clear();
  if (!pong_) return;
  const auto at = begin_frame(out, frame_type::pong, 0);
  append_heartbeat(out, *std::exchange(pong_, std::nullopt));
  end_frame(out, at);
}

void send_queue::take_part(std::string& out) {
  auto& m = large_.front();
  const auto at = begin_frame(out, m.begun ? frame_type::more : m.type, m.call);
  if (!m.begun) out.append(m.head);
  const auto part = std::min(max_frame_ - (out.size() - at), m.body.size() - m.sent);
  out.append(m.body, m.sent, part);
  end_frame(out, at);
  m.begun = true;
  m.sent += part;
  if (m.sent < m.body.size()) return;
  bytes_ -= m.head.size() + m.body.size();
  large_.pop_front();
}

}  // namespace banyan::framed
