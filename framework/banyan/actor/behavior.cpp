#include <banyan/actor/behavior.hpp>

namespace banyan {

void behavior::insert(const message_type* type, std::unique_ptr<detail::handler> what) {
  if ((used_ + 1) * 2 > slots_.size()) {
    auto old = std::move(slots_);
    slots_ = std::vector<slot>(old.empty() ? 8 : old.size() * 2);
    mask_ = slots_.size() - 1;
    used_ = 0;
    for (auto& s : old)
      if (s.type) insert(s.type, std::move(s.what));
  }
  auto i = hash(type) & mask_;
  while (slots_[i].type && slots_[i].type != type) i = (i + 1) & mask_;
  if (!slots_[i].type) ++used_;
  slots_[i] = {type, std::move(what)};
}

}  // namespace banyan
