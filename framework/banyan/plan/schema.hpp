// What an application promises to other programs and to its own later versions: the wire names, versions and layouts of
// its operations, and those of the events that it stores. As text it is kept beside the source (a lock file), so that a
// change is seen in review and a test can say whether it is one that programs of two versions survive.
//
//   schema now = schema_of(app);
//   result<schema> locked = parse_schema(text_of_the_file);     // errors: invalid_argument, with the line
//   for (const schema_change& c : compare(*locked, now)) std::cout << to_string(c) << '\n';
//
// What is compatible follows from the tolerant codec (core/json.hpp): a reader ignores members that it does not know,
// and refuses a required one that is missing, a number that does not fit, an enumerator or an alternative that it does
// not know. Not seen here: a change of meaning under the same layout, of a default value, or of what a program does.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/shape.hpp>
#include <banyan/plan/plan.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// The layout of a stored event: what items of a plan offer (place::offers) as events_written or events_read.
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
  idempotent how = idempotent::never;  // of an operation
  std::vector<message> messages;       // none: the operation is answered on its own node only
};
using schema = std::vector<schema_entry>;  // ordered by kind, name and version

schema schema_of(const application& app);

std::string to_text(const schema& s);
// Reads what to_text wrote. Errors: invalid_argument with the line, also for a hash that does not fit the layout under
// it.
result<schema> parse_schema(std::string_view text);

struct schema_change {
  enum class effect_kind : std::uint8_t {
    compatible,  // programs of both versions read each other
    one_way,     // the new version reads what the old one writes, not the other way round: all readers must be upgraded
                 // before the first writer
    breaking,    // the new version can not read what the old one writes, or has written
  };
  effect_kind effect = effect_kind::compatible;
  std::string what;      // "event orders.placed 1"
  std::string sentence;  // "lines[].quantity: ..."
};
std::string_view to_string(schema_change::effect_kind e);
std::string to_string(const schema_change& c);

// From the one before to the one now; empty when they are equal.
std::vector<schema_change> compare(const schema& before, const schema& now);

// What keeps a reader of layout `reader` from reading everything that a writer of layout `writer` can write, a sentence
// each, with the path of the member; empty: nothing.
std::vector<std::string> unreadable(const shape& reader, const shape& writer);

// Events that are read in a layout that does not fit the one in which the same application writes them.
void check_event_layouts(const application& app, std::vector<problem>& out);

}  // namespace banyan
