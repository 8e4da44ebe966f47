// The commands `events list`, `events show STREAM` and `events at STREAM`: the content of the journal, and an entity's
// state at any version. Read only; also while another process owns the journal.
#pragma once

#include <banyan/journal/journal.hpp>
#include <banyan/plan/plan.hpp>

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace banyan {

struct events_query {
  std::string stream;                    // show, at
  std::string prefix;                    // list: only streams with this prefix
  std::string after;                     // list: only streams after this one, by name
  std::size_t limit = 50;                // lines; when there are more, `err` says so, and how to continue
  banyan::version after_version = 0;     // show: only events after it
  bool pretty = false;                   // show, at: JSON over several lines
  std::function<bool()> follow = {};     // show: at the end, waits for further events while this is true
  std::optional<banyan::version> version;  // at: as of this version
  std::optional<instant> as_of;            // at: as of this instant
  bool json = false;
};

// Return the exit code: 0; 1 with a sentence on `err`.
int list_events(journal& j, const events_query& q, std::ostream& out, std::ostream& err);
int show_events(journal& j, const events_query& q, std::ostream& out, std::ostream& err);
int state_at(journal& j, const application& app, const events_query& q, std::ostream& out, std::ostream& err);

}  // namespace banyan
