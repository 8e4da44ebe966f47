// Cuts what a program prints into lines, as it comes: pieces of any size in, whole lines out. A line that is longer than most is given
// out in pieces, so that memory is bounded and nothing is lost; a character of UTF-8 is not cut in two.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct log_piece {
  std::string text;        // without its line break; control characters but tab and escape are shown as '?'
  bool continues = false;  // goes on with the line of the piece before
  friend bool operator==(const log_piece&, const log_piece&) = default;
};

class line_splitter {
 public:
  explicit line_splitter(std::size_t longest = 8192) : longest_{longest} {}

  std::vector<log_piece> feed(std::string_view bytes);
  std::vector<log_piece> finish();  // what has no line break is a line too

 private:
  void take_long_pieces(std::vector<log_piece>& out);
  void give_out(std::size_t n, std::vector<log_piece>& out);

  std::size_t longest_;
  std::string rest_;
  bool within_ = false;  // pieces of this line have been given out
};

}  // namespace banyan
