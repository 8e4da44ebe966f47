// The files that the program carries with it: the shop front and the invented catalogue. Their text is put in when the program is built.
#pragma once

#include <banyan/http/static_files.hpp>

#include <string_view>
#include <vector>

namespace shop {

std::vector<banyan::static_file> front_page();
std::string_view catalogue_json();

}  // namespace shop
