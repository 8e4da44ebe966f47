// The writer's cache of recently used streams: number, version, last event, number of the newest command. On a hit, a
// version check costs one hash look-up and no SQL.
//
// Two generations approximate LRU: entries are inserted into the young one; when it is full it becomes the old one,
// and the previous old one is dropped; a used old entry moves to the young one. Pointers are stable until the next
// `age()`.
#pragma once

#include <banyan/journal/event.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace banyan::sqlite {

struct stream_state {
  std::int64_t id = 0;                 // row in `streams`; 0: not stored yet
  banyan::version version = 0;
  uuid last_event;                     // id of the event of that version
  std::int64_t last_command = unknown; // number of the newest command record; 0: none
  static constexpr std::int64_t unknown = -1;
};

// For look-ups by string_view in maps keyed by std::string.
struct name_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
};

class stream_cache {
 public:
  explicit stream_cache(std::size_t capacity) : half_{capacity / 2 + 1} {}

  stream_state* find(std::string_view name) {
    if (auto it = young_.find(name); it != young_.end()) return &it->second;
    auto it = old_.find(name);
    return it == old_.end() ? nullptr : &young_.insert(old_.extract(it)).position->second;
  }
  stream_state& insert(std::string_view name, stream_state state) { return young_.emplace(name, state).first->second; }
  // Call between appends: drops entries unused for long. Invalidates pointers.
  void age() {
    if (young_.size() < half_) return;
    old_ = std::move(young_);
    young_.clear();
  }

 private:
  using generation = std::unordered_map<std::string, stream_state, name_hash, std::equal_to<>>;

  std::size_t half_;
  generation young_;
  generation old_;
};

}  // namespace banyan::sqlite
