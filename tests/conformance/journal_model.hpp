// A journal so plain that it is obviously right: two lists, searched from the front. For comparing engines with.
#pragma once

#include <banyan/journal/journal.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace journal_test {

using namespace banyan;

class journal_model {
 public:
  struct answer {
    std::string refusal;  // reason; empty when accepted
    append_result accepted;
  };

  answer append(const append_request& r) {
    const command_record* stored = nullptr;
    for (const auto& c : commands) {
      if (r.command && c.stream == r.command->stream && c.id == r.command->id) stored = &c;
    }
    if (stored && stored->fingerprint != r.command->fingerprint) return {"command_id_reused", {}};

    std::size_t asked = 0, there = 0;
    bool astray = false;
    append_result repeat;
    for (const auto& w : r.writes) {
      append_result::written written{w.stream, version_of(w.stream), {}};
      version previous = 0;
      for (const auto& e : w.events) {
        ++asked;
        for (const auto& known : events) {
          if (known.id != e.id) continue;
          ++there;
          if (known.stream != w.stream || (previous && known.version != previous + 1)) astray = true;
          previous = written.version = known.version;
          written.positions.push_back(known.position);
          repeat.last = std::max(repeat.last, known.position);
        }
      }
      repeat.streams.push_back(written);
    }
    const bool all_there = asked > 0 && there == asked && !astray;
    if (stored || all_there) {
      if (!all_there) {
        repeat.last = head();
        for (auto& w : repeat.streams) w = {w.stream, version_of(w.stream), {}};
      }
      repeat.repeated = true;
      if (stored) repeat.stored_command = *stored;
      return {"", repeat};
    }
    if (there > 0) return {"event_id_reused", {}};
    for (const auto& w : r.writes) {
      const auto actual = version_of(w.stream);
      const bool fine = w.condition.kind == expected_kind::any || (w.condition.kind == expected_kind::no_stream && actual == 0) ||
                        (w.condition.kind == expected_kind::stream_exists && actual > 0) ||
                        (w.condition.kind == expected_kind::exact && actual == w.condition.at) ||
                        (w.condition.kind == expected_kind::after && actual == w.condition.at && last_of(w.stream) == w.condition.last);
      if (!fine) return {"wrong_version", {}};
    }
    append_result done;
    for (const auto& w : r.writes) {
      append_result::written written{w.stream, version_of(w.stream), {}};
      for (const auto& e : w.events) {
        recorded_event stored_event;
        static_cast<new_event&>(stored_event) = e;
        stored_event.stream = w.stream;
        stored_event.version = ++written.version;
        stored_event.position = head() + 1;
        events.push_back(stored_event);
        written.positions.push_back(head());
      }
      done.streams.push_back(written);
    }
    if (r.command) commands.push_back(*r.command);
    done.last = head();
    return {"", done};
  }

  version version_of(const std::string& stream) const {
    return std::count_if(events.begin(), events.end(), [&](const auto& e) { return e.stream == stream; });
  }
  uuid last_of(const std::string& stream) const {
    uuid last;
    for (const auto& e : events) {
      if (e.stream == stream) last = e.id;
    }
    return last;
  }
  position head() const { return static_cast<position>(events.size()); }

  std::vector<recorded_event> events;
  std::vector<command_record> commands;  // oldest first
};

}  // namespace journal_test
