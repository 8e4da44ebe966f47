// `events list`, `events show STREAM`, `events at STREAM`: what the journal holds, and what an entity was at any version. Reads only, also beside
// a running owner.
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
  std::string prefix;                    // list: only streams that begin with it
  std::string after;                     // list: only streams behind this one
  std::size_t limit = 50;                // of lines; when there is more, `err` says so and how to go on
  banyan::version after_version = 0;     // show: only events behind it
  bool pretty = false;                   // show, at: JSON over several lines
  std::function<bool()> follow = {};     // show: when all is shown, wait for more events as long as this says so
  std::optional<banyan::version> version;  // at: as of this version
  std::optional<instant> as_of;            // at: as of this instant
  bool json = false;
};

// Each returns the exit code: 0, or 1 with a sentence on `err`.
int list_events(journal& j, const events_query& q, std::ostream& out, std::ostream& err);
int show_events(journal& j, const events_query& q, std::ostream& out, std::ostream& err);
int state_at(journal& j, const application& app, const events_query& q, std::ostream& out, std::ostream& err);

}  // namespace banyan
