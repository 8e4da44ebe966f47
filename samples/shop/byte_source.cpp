#include <shop/byte_source.hpp>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace shop {
namespace {

class gzip_file final : public byte_source {
 public:
  explicit gzip_file(gzFile file) : file_{file} { gzbuffer(file_, 256 * 1024); }
  gzip_file(const gzip_file&) = delete;
  gzip_file& operator=(const gzip_file&) = delete;
  ~gzip_file() override { gzclose(file_); }

  banyan::result<std::size_t> read(std::span<char> into) override {
    auto want = static_cast<unsigned>(std::min<std::size_t>(into.size(), 1u << 30));
    int got = gzread(file_, into.data(), want);
    // zlib hands over what it has of a cut stream as if all were well: the end is only an end when gzerror agrees.
    int status = Z_OK;
    const char* text = gzerror(file_, &status);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0 && (status == Z_OK || status == Z_STREAM_END)) return std::size_t{0};
    if (status == Z_BUF_ERROR) return banyan::error{banyan::code::corrupt, "the gzip file ends too early; it was cut, fetch it again"};
    if (status == Z_ERRNO) return banyan::error{banyan::code::unavailable, std::string{"cannot read: "} + std::strerror(errno)};
    return banyan::error{banyan::code::corrupt, std::string{"the gzip file is damaged ("} + text + ")"};
  }

 private:
  gzFile file_;
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
  errno = 0;
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) return banyan::error{banyan::code::not_found, std::string{"cannot open: "} + std::strerror(errno ? errno : ENOMEM)};
  return std::unique_ptr<byte_source>{std::make_unique<gzip_file>(file)};
}

std::unique_ptr<byte_source> from_text(std::string text) { return std::make_unique<text_source>(std::move(text)); }

}  // namespace shop
