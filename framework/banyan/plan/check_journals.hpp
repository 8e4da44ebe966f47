// Consistency of the writers and readers of each journal of an application. Part of `check(application)`; uses the
// links "writes" and "reads" and the facts "event" of the patterns, so it covers user-defined patterns too.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

// Reports, naming all owners: a journal written by two patterns (entities of one id would share a stream); a reader
// of a journal without a writer; an event that a reader expects and no writer of its journals stores; a stored
// version of an event that its reader can not decode.
void check_journals(const application& app, std::vector<problem>& out);

}  // namespace banyan
