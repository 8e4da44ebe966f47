#include <banyan/service/directory.hpp>

namespace banyan {

directory::directory() {
  tables_.push_back(std::make_unique<table>());
  now_.store(tables_.back().get(), std::memory_order_release);
}

directory::~directory() = default;

void directory::add(const message_type* request, endpoint e) {
  const std::lock_guard lock{changes_};
  const auto& entry = *entries_.emplace_back(std::make_unique<const endpoint>(std::move(e)));
  auto next = std::make_unique<table>(*tables_.back());
  next->by_type.insert_or_assign(request, &entry);
  if (entry.of) next->by_name.insert_or_assign(entry.of->name, &entry);
  now_.store(tables_.emplace_back(std::move(next)).get(), std::memory_order_release);
}

}  // namespace banyan
