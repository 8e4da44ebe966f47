#include <banyan/framed_protocol/frame.hpp>

#include <banyan/framed_protocol/byte_order.hpp>

#include <algorithm>
#include <cstring>

namespace banyan::framed {

namespace {

bool is_known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(frame_type::hello) && type <= static_cast<std::uint8_t>(frame_type::goaway);
}

}  // namespace

error bad_frame(std::string what) { return error{code::invalid_argument, std::move(what)}.because("bad_frame"); }

std::size_t begin_frame(std::string& out, frame_type type, std::uint64_t call) {
  append_number<3>(out, 0);
  append_number<1>(out, static_cast<std::uint8_t>(type));
  append_number<8>(out, call);
  return out.size();
}

void end_frame(std::string& out, std::size_t payload_begin) {
  store_number<3>(out.data() + payload_begin - frame_head_size, out.size() - payload_begin);
}

void append_frame(std::string& out, frame_type type, std::uint64_t call, std::string_view payload) {
  const auto at = begin_frame(out, type, call);
  out.append(payload);
  end_frame(out, at);
}

std::span<char> frame_reader::prepare(std::size_t n) {
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() < end_ + n) bytes_.resize(end_ + n);
  return {bytes_.data() + end_, n};
}

result<std::optional<frame>> frame_reader::next() {
  while (end_ - begin_ >= frame_head_size) {
    const char* head = bytes_.data() + begin_;
    const auto size = static_cast<std::size_t>(load_number<3>(head));
    const auto type = static_cast<std::uint8_t>(load_number<1>(head + 3));
    if (size > max_payload_) {
      const auto sizes = std::to_string(size) + " bytes, the limit is " + std::to_string(max_payload_);
      return error{code::invalid_argument, "a frame of " + sizes}.because("frame_too_large");
    }
    if (!is_known(type) && type < first_optional_type)
      return bad_frame("a frame of the unknown type " + std::to_string(type));
    if (end_ - begin_ < frame_head_size + size) break;
    begin_ += frame_head_size + size;
    if (!is_known(type)) continue;
    return frame{static_cast<frame_type>(type), load_number<8>(head + 4), {head + frame_head_size, size}};
  }
  return std::optional<frame>{};
}

}  // namespace banyan::framed
