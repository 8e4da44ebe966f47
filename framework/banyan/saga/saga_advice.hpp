// What an operator can do about a saga that does not go on by itself, as a sentence.
#pragma once

#include <banyan/saga/saga_orders.hpp>

#include <string>

namespace banyan {

std::string advice_for(const saga_description& d);  // empty: nothing has to be done

}  // namespace banyan
