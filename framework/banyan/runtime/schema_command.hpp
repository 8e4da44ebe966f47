// `schema print` and `schema diff`: the wire names, stored events and layouts of a program (plan/schema.hpp), for a
// file beside its source, and what has changed since that file was written.
#pragma once

#include <banyan/plan/plan.hpp>

#include <iosfwd>
#include <string>

namespace banyan {

struct schema_query {
  std::string file;    // of `diff`; empty: services/schema.lock or schema.lock, whichever is there
  bool exact = false;  // any difference is an error, so that a test keeps the file up to date
  bool json = false;   // a JSON object per change
};

int print_schema(const application& app, std::ostream& out);
// 0: nothing changed, or only what programs of both versions survive when readers are upgraded first. 1: a change is
// breaking, or any at all with `exact`. 2: the file can not be read.
int diff_schema(const application& app, const schema_query& q, std::ostream& out, std::ostream& errors);

}  // namespace banyan
