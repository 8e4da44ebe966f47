// The commands that the shop adds to those every banyan program has: stock, replay, load, check-books, audit, demo.
#pragma once

#include <banyan/runtime/run.hpp>

#include <string>
#include <vector>

namespace shop {

// `program`: how this program was started; the demo starts it again.
std::vector<banyan::extra_command> shop_commands(std::string program);

}  // namespace shop
