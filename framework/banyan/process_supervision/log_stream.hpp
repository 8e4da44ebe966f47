// The lines of several programs as one stream of bytes: each with the name of its source, aligned, in the order in which they came.
//
//   shop   | order placed
//   search | a line that is too long
//   search +  for one
//
// Memory is bounded per source: one that has no room must wait (leave its bytes in the pipe, then its writer waits) while the others go on.
// When nobody takes the bytes for long, waiting would stop the programs themselves: `drop_when_full` says to lose lines instead, counted.
// A program's last lines are added even then, but for those of one that dies again and again.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/process_supervision/line_splitter.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct log_look {
  bool color = false;  // as terminals understand it (ECMA-48)
  bool times = false;  // UTC
};

class log_stream {
 public:
  explicit log_stream(std::vector<std::string> names, log_look look = {}, std::size_t room = 256 << 10);

  bool has_room(std::size_t source) const { return drops_ || !is_full(source); }
  void drop_when_full(bool yes) { drops_ = yes; }
  void add(std::size_t source, const log_piece& piece, instant at, bool even_if_full = false);
  void has_ended(std::size_t source, instant at);  // tells of lines that were lost and not told of yet

  bool empty() const { return lines_.empty(); }
  std::string front(std::size_t most) const;  // the bytes to write next
  void written(std::size_t n);                // so many of them

 private:
  struct source {
    std::string name;
    std::size_t bytes = 0, lost = 0;
  };
  struct line {
    std::size_t source;
    std::string text;
  };
  static constexpr std::size_t last_words = 4;  // times the room: what a pipe holds, for some deaths in a row
  bool is_full(std::size_t source) const { return sources_[source].bytes >= room_; }
  void report_lost(std::size_t source, instant at);
  void append(std::size_t source, const log_piece& piece, instant at);

  log_look look_;
  std::size_t room_, width_ = 0;
  bool drops_ = false;
  std::vector<source> sources_;
  std::deque<line> lines_;
  std::size_t done_ = 0;  // bytes of the first line
};

}  // namespace banyan
