// Who writes and who reads each journal of an application, held against each other. Part of `check(application)`; told by the links "writes" and
// "reads" and by the facts "event" of the patterns, so it holds for patterns of users too.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

// Adds a problem, naming all owners, for each journal that two patterns write (entities of one id would share a stream), for each reader
// of a journal that nobody writes (it would stay empty for ever), for each event that a reader expects and no writer of its
// journals stores, and for each version of an event that is stored and that its reader can not decode.
void check_journals(const application& app, std::vector<problem>& out);

}  // namespace banyan
