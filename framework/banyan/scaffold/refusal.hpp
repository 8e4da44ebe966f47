// The error of a request that can not be done as it is: invalid_argument, with the sentence that the user reads.
#pragma once

#include <banyan/core/error.hpp>

#include <string>
#include <utility>

namespace banyan::scaffold {

inline error refused(std::string sentence) { return error{code::invalid_argument, std::move(sentence)}; }

}  // namespace banyan::scaffold
