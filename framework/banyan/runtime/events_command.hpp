// The commands `events list`, `events show STREAM` and `events at STREAM`: the content of the journal, and an entity's
// state at any version. Read only; also while another process owns the journal. `banyan events` reads the journal of a
// running node, with the same output (node_commands.hpp).
#pragma once

#include <banyan/journal/journal.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/runtime/events_source.hpp>

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace banyan {

struct events_query {
  std::string stream = {};               // show, at
  std::string prefix = {};               // list: only streams with this prefix
  std::string after = {};                // list: only streams after this one, by name
  std::size_t limit = 50;                // lines; when there are more, `err` says so, and how to continue
  banyan::version after_version = 0;     // show: only events after it
  bool pretty = false;                   // show, at: JSON over several lines
  std::function<bool()> follow = {};     // show: at the end, waits for further events while this is true
  std::optional<banyan::version> version = {};  // at: as of this version
  std::optional<instant> as_of = {};            // at: as of this instant
  bool json = false;
};

// Add what the command takes. `q` must outlive the parsing.
void add_list_options(CLI::App& list, events_query& q);
void add_show_options(CLI::App& show, events_query& q);

// Return the exit code: 0; 1 with a sentence on `err`.
int list_events(events_source& events, const events_query& q, std::ostream& out, std::ostream& err);
int show_events(events_source& events, const events_query& q, std::ostream& out, std::ostream& err);
int state_at(journal& j, const application& app, const events_query& q, std::ostream& out, std::ostream& err);

}  // namespace banyan
