#include <banyan/actor/behavior.hpp>

#include <algorithm>

namespace banyan {

void behavior::insert(const message_type* type, detail::handler what) {
  if (auto* known = find(type); known && known != &fallback_) {
    *known = std::move(what);
    return;
  }
  if (mask_ == 0 && used_ < few) {
    slots_.push_back({type, std::move(what)});
    ++used_;
    return;
  }
  if ((used_ + 1) * 2 > slots_.size()) rehash(std::max<std::size_t>(slots_.size() * 2, 16));
  auto i = hash(type) & mask_;
  while (slots_[i].type) i = (i + 1) & mask_;
  slots_[i] = {type, std::move(what)};
  ++used_;
}

void behavior::rehash(std::size_t slots) {
  auto old = std::exchange(slots_, std::vector<slot>(slots));
  mask_ = static_cast<std::uint32_t>(slots - 1);
  for (auto& s : old) {
    if (!s.type) continue;
    auto i = hash(s.type) & mask_;
    while (slots_[i].type) i = (i + 1) & mask_;
    slots_[i] = std::move(s);
  }
}

}  // namespace banyan
