// The schema of an application, its promise to other programs and to its own later versions: wire names, versions
// and layouts of its operations and of its stored events. As text it is kept beside the source (a lock file), so
// that a change is visible in review and a test can tell whether it is compatible.
//
//   schema now = schema_of(app);
//   result<schema> locked = parse_schema(text_of_the_file);     // errors: invalid_argument, with the line
//   for (const schema_change& c : compare(*locked, now)) std::cout << to_string(c) << '\n';
//
// Compatibility follows from the tolerant codec (core/json.hpp): a reader ignores unknown members, and refuses a
// missing required one, a number out of range, an unknown enumerator or alternative. Not detected: a change of
// meaning under the same layout, of a default value, or of behaviour.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/shape.hpp>
#include <banyan/plan/plan.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// The layout of a stored event. Items of a plan offer it (place::offers) as events_written or events_read.
struct stored_event_layout {
  std::string type;  // "orders.placed"
  int version = 1;
  shape (*describe)();
};
struct events_written {
  std::vector<stored_event_layout> events;
};
struct events_read {
  std::string by;  // "the projection order_book"
  std::vector<stored_event_layout> events;
};

struct schema_entry {
  enum class entry_kind : std::uint8_t { event, operation };
  struct message {
    std::string role;  // "event"; "request", "reply"
    shape layout;
  };
  entry_kind kind = entry_kind::event;
  std::string name;  // "orders.placed", "orders.checkout"
  int version = 1;
  idempotent how = idempotent::never;  // for operations
  std::vector<message> messages;       // empty: the operation is only callable on its own node
};
using schema = std::vector<schema_entry>;  // ordered by kind, name and version

schema schema_of(const application& app);

std::string to_text(const schema& s);
// Parses the output of to_text. Errors: invalid_argument with the line, also for a hash that does not match its
// layout.
result<schema> parse_schema(std::string_view text);

struct schema_change {
  enum class effect_kind : std::uint8_t {
    compatible,  // programs of both versions read each other
    one_way,     // the new version reads what the old one writes, but not vice versa: upgrade all readers
                 // before the first writer
    breaking,    // the new version can not read what the old one writes, or has written
  };
  effect_kind effect = effect_kind::compatible;
  std::string what;      // "event orders.placed 1"
  std::string sentence;  // "lines[].quantity: ..."
};
std::string_view to_string(schema_change::effect_kind e);
std::string to_string(const schema_change& c);

// The changes from `before` to `now`; empty when equal.
std::vector<schema_change> compare(const schema& before, const schema& now);

// Why a reader of layout `reader` can not read everything written in layout `writer`: one sentence each, with the
// member's path; empty: it can.
std::vector<std::string> unreadable(const shape& reader, const shape& writer);

// Finds events that the application reads in a layout incompatible with the one it writes.
void check_event_layouts(const application& app, std::vector<problem>& out);

}  // namespace banyan
