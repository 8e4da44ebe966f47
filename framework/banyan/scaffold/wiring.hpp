// Adds lines to a file that people may have edited since it was made: once, in order, or not at all.
#pragma once

#include <banyan/scaffold/render.hpp>

#include <string>
#include <string_view>

namespace banyan::scaffold {

enum class wired { inserted, already_there, no_place };

struct wiring {
  wired what = wired::no_place;
  std::string text;  // the whole file; as it was unless `inserted`
};

// A fragment of one line is inserted among the lines that differ from it in `name` alone, in alphabetical order, or
// else behind its line `behind`, with empty lines around it if it is `apart`. One of several lines is appended to the
// file.
wiring wire(std::string_view text, const fragment& f, std::string_view name);

}  // namespace banyan::scaffold
