// Adds to a file that people may have edited since it was made what another rendering of it has more.
#pragma once

#include <banyan/scaffold/wiring.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan::scaffold {

struct piece {
  wired what = wired::no_place;
  std::string lines;
};

struct pieces {
  std::string text;  // the whole file
  std::vector<piece> all;
};

// Pieces are the runs of lines that `wanted` has and `base` has not. One is inserted into `ours` beside a neighbour
// that it has in `wanted` and that is in `ours` as it was made. It is there already when `ours` has its declarations:
// lines with a word that `base` has not, compared up to their first brace. One that is there in part has no place.
//
// When `base` has lines that `wanted` has not, the whole file is one piece, and has a place when it is merged without a
// conflict: no line that is not as it was made is removed.
//
// Without `is_inserting`, a piece that is not there has no place.
pieces insert_pieces(std::string_view base, std::string_view wanted, std::string_view ours, bool is_inserting);

}  // namespace banyan::scaffold
