// The words `links list | show | breaker | set` of the command line; internal to ambassador/. What they ask:
// install.cpp.
#pragma once

#include <banyan/assembly/operator_words.hpp>

#include <memory>

namespace banyan {

std::shared_ptr<operator_words> links_words();

}  // namespace banyan
