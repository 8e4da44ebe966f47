// The answered commands of one entity, so that a repeat gets the same answer: a bounded number of the newest ones,
// compact because every active entity has its own. A few are searched linearly; more are indexed.
//
//   known.remember({command_id, fingerprint, reply});
//   if (const auto* command = known.find(command_id)) ...  // valid until the next remember()
//
// Pure. Not thread-safe.
#pragma once

#include <banyan/core/ids.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace banyan {

class known_commands {
 public:
  static constexpr std::size_t most = 1000;  // beyond, each new one replaces the oldest
  static constexpr std::size_t few = 16;

  struct command {
    uuid id;
    std::uint64_t fingerprint = 0;
    std::string reply;
  };

  bool empty() const noexcept { return ring_.empty(); }
  std::size_t size() const noexcept { return ring_.size(); }

  const command* find(const uuid& id) const {
    const auto place = place_of(id);
    return place == ring_.size() ? nullptr : &ring_[place];
  }

  // A known id replaces the earlier command and keeps its age.
  void remember(command c) {
    c.reply.shrink_to_fit();
    if (const auto place = place_of(c.id); place < ring_.size()) {
      ring_[place] = std::move(c);
    } else if (ring_.size() < most) {
      ring_.push_back(std::move(c));
      if (index_)
        index_->emplace(ring_.back().id, ring_.size() - 1);
      else if (ring_.size() > few)
        make_index();
    } else {
      index_->erase(ring_[oldest_].id);
      index_->emplace(c.id, oldest_);
      ring_[oldest_] = std::move(c);
      oldest_ = (oldest_ + 1) % most;
    }
  }

  void clear() noexcept {
    ring_.clear();
    index_.reset();
    oldest_ = 0;
  }

 private:
  std::size_t place_of(const uuid& id) const {
    if (index_) {
      const auto found = index_->find(id);
      return found == index_->end() ? ring_.size() : found->second;
    }
    std::size_t i = 0;
    while (i < ring_.size() && ring_[i].id != id) ++i;
    return i;
  }
  void make_index() {
    index_ = std::make_unique<std::unordered_map<uuid, std::size_t>>();
    for (std::size_t i = 0; i < ring_.size(); ++i) index_->emplace(ring_[i].id, i);
  }

  std::vector<command> ring_;  // used as a ring when full
  std::size_t oldest_ = 0;     // index in the full ring
  std::unique_ptr<std::unordered_map<uuid, std::size_t>> index_;  // index into the ring; null: few commands
};

}  // namespace banyan
