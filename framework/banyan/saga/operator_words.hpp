// The words `sagas list | show | retry | send | cancel | abort | undone | export` of the command line. What they ask:
// saga_administration.hpp.
#pragma once

#include <banyan/assembly/operator_words.hpp>
#include <banyan/saga/operator_pages.hpp>

#include <memory>
#include <string>

namespace banyan {

std::shared_ptr<operator_words> saga_words();

// What `sagas show` prints.
std::string text_of(const saga_page& page);

}  // namespace banyan
