// A bounds-checked cursor over a payload; internal to framed_protocol/. After the first read beyond the end all
// reads return zero or empty and failed() is true, so that a decoder checks once, at its end.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/framed_protocol/byte_order.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace banyan::framed {

class payload_reader {
 public:
  explicit payload_reader(std::string_view payload) : left_{payload} {}

  template <std::size_t Bytes>
  std::uint64_t number() {
    const auto bytes = take(Bytes);
    return bytes.size() == Bytes ? load_number<Bytes>(bytes.data()) : 0;
  }

  template <std::size_t LengthBytes>
  std::string_view text() {
    return take(static_cast<std::size_t>(number<LengthBytes>()));
  }

  uuid id() {
    uuid read;
    const auto bytes = take(read.bytes.size());
    std::copy(bytes.begin(), bytes.end(), read.bytes.begin());
    return read;
  }

  std::string_view rest() { return take(left_.size()); }

  bool failed() const { return failed_; }

 private:
  std::string_view take(std::size_t n) {
    if (n > left_.size()) failed_ = true;
    if (failed_) return {};
    const auto taken = left_.substr(0, n);
    left_.remove_prefix(n);
    return taken;
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace banyan::framed
