// The three-way merge of a text, by lines: what two sides made of the same base.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banyan::scaffold {

struct merged {
  std::string text;
  std::size_t conflicts = 0;
};

// A part between lines that all three have is taken from the side that changed it. Where both changed it, differently,
// both parts stand in the text, in the form that version control and editors know:
//
//   <<<<<<< yours
//   =======
//   >>>>>>> template
//
// So every line that `ours` has and `base` has not is in the result. Changes of neighbouring lines are one part.
merged merge(std::string_view base, std::string_view ours, std::string_view theirs);

}  // namespace banyan::scaffold
