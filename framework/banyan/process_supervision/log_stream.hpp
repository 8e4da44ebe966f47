// Merges the lines of several programs into one byte stream: each with the aligned name of its source, in order of
// arrival.
//
//   shop   | order placed
//   search | a line that is too long
//   search +  for one
//
// Memory is bounded per source: a source without room must wait (its bytes stay in the pipe, and its writer blocks)
// while others go on. When nobody reads for long, waiting would stop the programs themselves: `drop_when_full` drops
// and counts lines instead. Even then the last lines of a program that ends are kept, except for a program that dies
// again and again.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/process_supervision/line_splitter.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct log_look {
  bool color = false;  // ECMA-48 escape sequences
  bool times = false;  // with UTC times
  bool names = true;   // false: the lines alone, as they came; one that was too long (line_splitter.hpp) is broken
};

class log_stream {
 public:
  explicit log_stream(std::vector<std::string> names, log_look look = {}, std::size_t room = 256 << 10);

  bool has_room(std::size_t source) const { return drops_ || !is_full(source); }
  void drop_when_full(bool yes) { drops_ = yes; }
  void add(std::size_t source, const log_piece& piece, instant at, bool even_if_full = false);
  void has_ended(std::size_t source, instant at);  // reports dropped lines not reported yet

  bool empty() const { return lines_.empty(); }
  std::string front(std::size_t most) const;  // the bytes to write next
  void written(std::size_t n);                // `n` bytes were written

 private:
  struct source {
    std::string name;
    std::size_t bytes = 0, lost = 0;
  };
  struct line {
    std::size_t source;
    std::string text;
  };
  static constexpr std::size_t last_words = 4;  // times the room: a pipe's content, for some deaths in a row
  bool is_full(std::size_t source) const { return sources_[source].bytes >= room_; }
  void report_lost(std::size_t source, instant at);
  void append(std::size_t source, const log_piece& piece, instant at);

  log_look look_;
  std::size_t room_, width_ = 0;
  bool drops_ = false;
  std::vector<source> sources_;
  std::deque<line> lines_;
  std::size_t done_ = 0;  // bytes written of the first line
};

}  // namespace banyan
