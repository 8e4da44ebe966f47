// Where bytes come from: a file, plain or gzip (told apart by its first bytes, not by its name), or a text in memory.
//
// Use it for input that is read once from front to back, such as a CSV file. Several gzip members in a row read as one, as gunzip does.
// A gzip file that ends too early or does not match its checksum is an error, never a silently shorter text; what stands behind its last
// member and is none is left out with a warning.
//
//   auto file = shop::open_file("sales.csv.gz");
//   if (!file) return file.error();
//   char buffer[65536];
//   auto got = (*file)->read(buffer);   // 0 at the end
#pragma once

#include <banyan/core/result.hpp>

#include <memory>
#include <span>
#include <string>

namespace shop {

class byte_source {
 public:
  virtual ~byte_source() = default;
  virtual banyan::result<std::size_t> read(std::span<char> into) = 0;  // how many bytes were read; 0 is the end
  virtual std::string warning() const { return {}; }                   // at the end: a sentence about what was left out, if anything was
};

// not_found when there is no such file, corrupt (from read) when a gzip stream is cut or damaged. The sentences leave the path out:
// the caller knows it.
banyan::result<std::unique_ptr<byte_source>> open_file(const std::string& path);
std::unique_ptr<byte_source> from_text(std::string text);

}  // namespace shop
