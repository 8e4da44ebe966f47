#include <banyan/actor/call_table.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {
constexpr std::size_t kept = 1024;  // entries, 32 bytes each
}

call_table::call_table(monotonic now) : start_{now} {}

std::uint64_t call_table::add(waiter& w, monotonic deadline) {
  std::uint32_t index = free_;
  if (index == none) {
    if (entries_.size() == few && !wheel_) make_wheel();
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back().generation = first_generation_;
  } else {
    free_ = entries_[index].next;
  }
  auto& e = entries_[index];
  e.who = &w;
  if (deadline == monotonic::max()) {
    e.tick = -1;
  } else {
    e.tick = std::max(tick_of(deadline) + 1, swept_);  // rounded up: a call never expires early
    link(index);
    ++timed_;
  }
  ++live_;
  return (std::uint64_t{e.generation} << 32) | index;
}

void call_table::make_wheel() {
  wheel_ = std::make_unique<wheel>();
  wheel_->fill(none);
  for (std::uint32_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].who && entries_[i].tick >= 0) link(i);
}

void call_table::link(std::uint32_t index) {
  if (!wheel_) return;
  auto& e = entries_[index];
  auto& head = (*wheel_)[static_cast<std::size_t>(e.tick) % wheel_size];
  e.previous = none;
  e.next = head;
  if (head != none) entries_[head].previous = index;
  head = index;
}

void call_table::unlink(std::uint32_t index) {
  if (!wheel_) return;
  auto& e = entries_[index];
  if (e.previous != none)
    entries_[e.previous].next = e.next;
  else
    (*wheel_)[static_cast<std::size_t>(e.tick) % wheel_size] = e.next;
  if (e.next != none) entries_[e.next].previous = e.previous;
}

call_table::waiter* call_table::remove(std::uint32_t index) {
  auto& e = entries_[index];
  if (e.tick >= 0) {
    unlink(index);
    --timed_;
  }
  auto* who = std::exchange(e.who, nullptr);
  if (++e.generation == 0) e.generation = 1;  // an id is never 0, also after 2^32 calls through one slot
  e.next = free_;
  free_ = index;
  if (--live_ == 0 && entries_.size() > kept) release();
  return who;
}

// Frees the memory of a burst of calls. The ids given out stay invalid.
void call_table::release() {
  for (const auto& e : entries_) first_generation_ = std::max(first_generation_, e.generation);
  entries_ = std::vector<entry>{};
  free_ = none;
  wheel_.reset();
}

std::uint32_t call_table::earliest() const noexcept {
  auto found = none;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const auto& e = entries_[i];
    if (e.who && e.tick >= 0 && (found == none || e.tick < entries_[found].tick)) found = i;
  }
  return found;
}

call_table::waiter* call_table::take(std::uint64_t id) noexcept {
  auto index = static_cast<std::uint32_t>(id);
  if (index >= entries_.size()) return nullptr;
  auto& e = entries_[index];
  if (!e.who || e.generation != static_cast<std::uint32_t>(id >> 32)) return nullptr;
  return remove(index);
}

void call_table::clear() noexcept {
  for (std::uint32_t i = 0; live_ > 0; ++i)
    if (entries_[i].who) remove(i);
}

call_table::waiter* call_table::take_expired(monotonic now) {
  auto until = tick_of(now);
  if (timed_ == 0) {
    swept_ = std::max(swept_, until + 1);
    return nullptr;
  }
  if (!wheel_) {
    if (const auto first = earliest(); entries_[first].tick <= until) return remove(first);
    swept_ = std::max(swept_, until + 1);
    return nullptr;
  }
  // A table that was not swept for more than a turn of the wheel visits each slot once.
  if (until - swept_ >= static_cast<std::int64_t>(wheel_size)) swept_ = until - wheel_size + 1;
  for (; swept_ <= until; ++swept_)
    for (auto i = (*wheel_)[static_cast<std::size_t>(swept_) % wheel_size]; i != none; i = entries_[i].next)
      if (entries_[i].tick <= until) return remove(i);
  return nullptr;
}

monotonic call_table::next_expiry() const {
  if (timed_ == 0) return monotonic::max();
  if (!wheel_) return start_ + resolution * entries_[earliest()].tick;
  for (std::int64_t tick = swept_; tick < swept_ + wheel_size; ++tick) {
    for (auto i = (*wheel_)[static_cast<std::size_t>(tick) % wheel_size]; i != none; i = entries_[i].next)
      if (entries_[i].tick <= tick) return start_ + resolution * tick;
  }
  return start_ + resolution * (swept_ + wheel_size);  // not in this turn
}

}  // namespace banyan
