// Living sagas whose version is not linked into this program: they are blocked until it is. Found in the journal
// before a start (`check --journal`), and in the index of a running node.
#pragma once

#include <banyan/journal/journal.hpp>
#include <banyan/saga/saga_index.hpp>

#include <string>
#include <vector>

namespace banyan {

// One sentence for each version of living sagas that is not among `linked`:
//   12 sagas of orders.checkout version 2 are alive, but this program has only 3: link the function of version 2
//   (earlier_saga), or wait for them (oldest since 2026-01-01T00:00:00Z)
std::vector<std::string> not_linked(const std::string& saga, const std::vector<int>& linked,
                                    const std::vector<saga_version_count>& living);

// Reads all turns of a category, page by page, and waits for the answers; not from an actor. Errors: those of the
// journal; corrupt for a turn that does not decode.
result<std::vector<saga_version_count>> count_living_sagas(journal& j, const std::string& category);

}  // namespace banyan
