// Splits a program's output into lines: pieces of any size in, whole lines out. An overlong line is delivered in
// pieces, so that memory is bounded and nothing is lost; UTF-8 characters are not split.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct log_piece {
  std::string text;        // without line break; control characters except tab and escape become '?'
  bool continues = false;  // continues the line of the previous piece
  friend bool operator==(const log_piece&, const log_piece&) = default;
};

class line_splitter {
 public:
  explicit line_splitter(std::size_t longest = 8192) : longest_{longest} {}

  std::vector<log_piece> feed(std::string_view bytes);
  std::vector<log_piece> finish();  // returns the last, unterminated line

 private:
  void take_long_pieces(std::vector<log_piece>& out);
  void give_out(std::size_t n, std::vector<log_piece>& out);

  std::size_t longest_;
  std::string rest_;
  bool within_ = false;  // pieces of the current line have been delivered
};

}  // namespace banyan
