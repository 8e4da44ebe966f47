// Writes lines to a file descriptor from a background thread, so that a writer never blocks. For standard output and
// standard error of a service, which may be a pipe that nobody reads, a stopped terminal, or a file on a full disk.
//
//   background_writer out{STDERR_FILENO};
//   out.write("a line\n");                 // never blocks; thread-safe
//   out.flush(500ms);                      // before the process ends: waits while the reader makes progress
//
// Memory is bounded: beyond `room` bytes lines are dropped and counted until half of the room is free; then a line
// in their place tells how many are missing. Lines that can not be written (the pipe has no reader, the disk is
// full) are dropped and counted too; each later line is tried again.
//
// Not for lines that must be stored before something else happens, nor for large data: it is copied.
#pragma once

#include <banyan/core/time.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace banyan {

class background_writer {
 public:
  // The process-wide writer of standard output or standard error. At exit() its lines have 0.5 s to be written.
  static background_writer& of(int fd);

  explicit background_writer(int fd, std::size_t room = 1 << 20);
  ~background_writer();  // lines not yet written are lost
  background_writer(const background_writer&) = delete;
  background_writer& operator=(const background_writer&) = delete;

  // `line` includes its line break.
  void write(std::string_view line);

  // Makes the line, with its line break, that reports a number of dropped lines. Default: no report.
  void tell_dropped_with(std::function<std::string(std::uint64_t)> line);

  // Waits until all is written. False: not within `patience`, or no progress for a quarter of it.
  bool flush(nanoseconds patience);

  // The current problem: "Broken pipe", "nobody reads it, 312 lines were dropped".
  std::optional<std::string> trouble() const;

 private:
  void work();
  void start_thread();
  bool write_piece(std::unique_lock<std::mutex>& guard, int patience);
  void enqueue_note();
  std::string next_piece() const;
  void written(std::size_t n);
  void could_not_write(int number);
  static void before_fork();
  static void after_fork_in_parent();
  static void after_fork_in_child();

  const int fd_;
  const std::size_t room_;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0, done_ = 0;  // bytes in lines_; bytes written of the first line
  std::uint64_t dropped_ = 0;         // dropped and not reported yet
  std::uint64_t progress_ = 0;        // successful writes
  int number_ = 0;                    // errno of the last write, if it failed
  bool dropping_ = false, has_thread_ = false, closing_ = false;
  std::function<std::string(std::uint64_t)> note_;
};

// A stream whose flushed text goes through a background_writer: std::cout, or std::cerr (which flushes by itself),
// for a process that must not block.
class background_stream final : public std::ostream {
 public:
  explicit background_stream(int fd) : std::ostream{nullptr}, buffer_{background_writer::of(fd)} {
    rdbuf(&buffer_);
    if (fd == 2) setf(std::ios::unitbuf);
  }
  ~background_stream() override { flush(); }

 private:
  class buffer final : public std::streambuf {
   public:
    explicit buffer(background_writer& to) : to_{to} {}
    ~buffer() override { to_.write(text_); }

   private:
    int_type overflow(int_type c) override {
      if (!traits_type::eq_int_type(c, traits_type::eof())) text_ += traits_type::to_char_type(c);
      return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char* text, std::streamsize n) override {
      text_.append(text, static_cast<std::size_t>(n));
      return n;
    }
    int sync() override {  // whole lines only; an incomplete line stays
      const auto whole = text_.rfind('\n') + 1;
      to_.write(std::string_view{text_}.substr(0, whole));
      text_.erase(0, whole);
      return 0;
    }
    background_writer& to_;
    std::string text_;
  };
  buffer buffer_;
};

}  // namespace banyan
