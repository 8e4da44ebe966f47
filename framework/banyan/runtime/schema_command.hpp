// The commands `schema print` and `schema diff`: a program's wire names, stored events and layouts (plan/schema.hpp),
// as a file to keep beside the source, and the changes since that file was written.
#pragma once

#include <banyan/plan/plan.hpp>

#include <iosfwd>
#include <string>

namespace banyan {

struct schema_query {
  std::string file;    // for `diff`; empty: services/schema.lock or schema.lock, whichever exists
  bool exact = false;  // any difference is an error, for a test that keeps the file up to date
  bool json = false;   // a JSON object per change
};

int print_schema(const application& app, std::ostream& out);
// 0: no change, or only changes that are compatible if readers are upgraded first. 1: a breaking change, or any change
// with `exact`. 2: the file can not be read.
int diff_schema(const application& app, const schema_query& q, std::ostream& out, std::ostream& errors);

}  // namespace banyan
