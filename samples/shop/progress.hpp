// A progress bar for people at a terminal, and a plain line every few seconds for logs.
//
//   shop::progress bar{std::cerr, shop::is_terminal(2), banyan::system_clock()};
//   bar.begin("orders", 10783);
//   bar.show(done, "64 under way");     // as often as you like: it draws at most ten times a second
//   bar.end();
#pragma once

#include <banyan/core/time.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace shop {

// "orders     [#########...........]  45 %  4852/10783  312/s  19 s left  note"
std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total, banyan::nanoseconds elapsed,
                          std::string_view note);

std::string with_thousands(std::int64_t n);  // "10,783"
std::string pounds(std::int64_t minor);      // "3,706,827.64"

bool is_terminal(int file_descriptor);

class progress {
 public:
  progress(std::ostream& out, bool terminal, const banyan::clock& clock) : out_{out}, terminal_{terminal}, clock_{clock} {}
  void begin(std::string label, std::uint64_t total);
  void show(std::uint64_t done, std::string_view note = {});
  void end(std::string_view note = {});  // the last state, on a line of its own

 private:
  void draw(banyan::monotonic now, std::string_view note, bool last);
  std::ostream& out_;
  bool terminal_;
  const banyan::clock& clock_;
  std::string label_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  banyan::monotonic started_{};
  banyan::monotonic drawn_{};
};

}  // namespace shop
