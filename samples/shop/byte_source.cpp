#include <shop/byte_source.hpp>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

namespace shop {
namespace {

// zlib's own gzread takes whatever stands behind the last member for nothing, without a word. So the members are told apart here.
class file_source final : public byte_source {
 public:
  explicit file_source(std::FILE* file) : file_{file} {}
  file_source(const file_source&) = delete;
  file_source& operator=(const file_source&) = delete;
  ~file_source() override {
    if (unpacks_) inflateEnd(&in_);
    std::fclose(file_);
  }

  banyan::result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      if (at_ == place::end || into.empty()) return std::size_t{0};
      if (at_ == place::plain) return copy(into);
      if (at_ == place::member) {
        auto got = unpack(into);
        if (!got || *got > 0) return got;
      } else if (auto found = look(); !found) {
        return found.error();
      }
    }
  }

  std::string warning() const override {
    if (left_out_ == 0) return {};
    return "what stands behind the end of the gzip data was left out (" + std::to_string(left_out_) + " bytes)";
  }

 private:
  enum class place { begin, plain, member, behind_member, end };

  // So many bytes of the file are in sight, or all that are left.
  banyan::result<std::size_t> see(std::size_t least) {
    while (in_.avail_in < least) {
      std::copy_n(in_.next_in, in_.avail_in, buffer_.data());
      in_.next_in = buffer_.data();
      const auto got = std::fread(buffer_.data() + in_.avail_in, 1, buffer_.size() - in_.avail_in, file_);
      if (got == 0 && std::ferror(file_))
        return banyan::error{banyan::code::unavailable, std::string{"cannot read: "} + std::strerror(errno)};
      if (got == 0) break;
      in_.avail_in += static_cast<unsigned>(got);
    }
    return std::size_t{in_.avail_in};
  }

  banyan::result<std::size_t> copy(std::span<char> into) {
    auto seen = see(1);
    if (!seen) return seen;
    const auto n = std::min(*seen, into.size());
    std::memcpy(into.data(), in_.next_in, n);
    in_.next_in += n;
    in_.avail_in -= static_cast<unsigned>(n);
    return n;
  }

  // What begins here.
  banyan::result<void> look() {
    auto seen = see(2);
    if (!seen) return seen.error();
    if (*seen >= 2 && in_.next_in[0] == 0x1F && in_.next_in[1] == 0x8B) return begin_member();
    if (at_ == place::behind_member) return leave_out();
    at_ = place::plain;
    return {};
  }

  banyan::result<void> begin_member() {
    constexpr int of_gzip = 15 + 16;
    if ((unpacks_ ? inflateReset(&in_) : inflateInit2(&in_, of_gzip)) != Z_OK)
      return banyan::error{banyan::code::exhausted, "there is too little memory to unpack it"};
    unpacks_ = true;
    at_ = place::member;
    return {};
  }

  // Zeros fill the last block of a tape, and are no content.
  banyan::result<void> leave_out() {
    bool all_zeros = true;
    std::uint64_t bytes = 0;
    for (auto seen = see(1);; seen = see(1)) {
      if (!seen) return seen.error();
      if (*seen == 0) break;
      all_zeros = all_zeros && std::all_of(in_.next_in, in_.next_in + *seen, [](Bytef b) { return b == 0; });
      bytes += *seen;
      in_.avail_in = 0;
    }
    if (!all_zeros) left_out_ = bytes;
    at_ = place::end;
    return {};
  }

  // 0 at the end of the member.
  banyan::result<std::size_t> unpack(std::span<char> into) {
    const auto room = static_cast<unsigned>(std::min<std::size_t>(into.size(), 1u << 30));
    in_.next_out = reinterpret_cast<Bytef*>(into.data());
    in_.avail_out = room;
    for (;;) {
      auto seen = see(1);
      if (!seen) return seen;
      const int status = inflate(&in_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) at_ = place::behind_member;
      if (status == Z_STREAM_END || in_.avail_out < room) return std::size_t{room - in_.avail_out};
      if (status != Z_OK && status != Z_BUF_ERROR)
        return banyan::error{banyan::code::corrupt, std::string{"the gzip file is damaged ("} + (in_.msg ? in_.msg : "no gzip") + ")"};
      if (*seen == 0) return banyan::error{banyan::code::corrupt, "the gzip file ends too early; it was cut, fetch it again"};
    }
  }

  std::FILE* file_;
  std::vector<Bytef> buffer_ = std::vector<Bytef>(256 * 1024);
  z_stream in_{};
  bool unpacks_ = false;
  place at_ = place::begin;
  std::uint64_t left_out_ = 0;
};

class text_source final : public byte_source {
 public:
  explicit text_source(std::string text) : text_{std::move(text)} {}
  banyan::result<std::size_t> read(std::span<char> into) override {
    auto n = std::min(into.size(), text_.size() - at_);
    std::memcpy(into.data(), text_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

banyan::result<std::unique_ptr<byte_source>> open_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return banyan::error{banyan::code::invalid_argument, "is a directory, not a file"};
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (!file) return banyan::error{banyan::code::not_found, std::string{"cannot open: "} + std::strerror(errno)};
  return std::unique_ptr<byte_source>{std::make_unique<file_source>(file)};
}

std::unique_ptr<byte_source> from_text(std::string text) { return std::make_unique<text_source>(std::move(text)); }

}  // namespace shop
