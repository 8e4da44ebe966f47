#include <banyan/service/directory.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

namespace banyan {

namespace {

template <class Map, class Key>
auto value_or_null(const Map& entries, const Key& key) -> typename Map::mapped_type {
  const auto i = entries.find(key);
  return i == entries.end() ? nullptr : i->second;
}

}  // namespace

struct directory::table {
  boost::unordered_flat_map<const message_type*, const endpoint*> by_type;
  boost::unordered_flat_map<std::string_view, const endpoint*> by_name;
};

directory::directory() {
  tables_.push_back(std::make_unique<table>());
  now_.store(tables_.back().get(), std::memory_order_release);
}

directory::~directory() = default;

const directory::endpoint* directory::find(const message_type* request) const noexcept {
  return value_or_null(now_.load(std::memory_order_acquire)->by_type, request);
}

const directory::endpoint* directory::find(std::string_view wire_name) const noexcept {
  return value_or_null(now_.load(std::memory_order_acquire)->by_name, wire_name);
}

void directory::add(const message_type* request, endpoint e) {
  const std::lock_guard lock{changes_};
  const auto& entry = *entries_.emplace_back(std::make_unique<const endpoint>(std::move(e)));
  auto next = std::make_unique<table>(*tables_.back());
  next->by_type.insert_or_assign(request, &entry);
  if (entry.of) next->by_name.insert_or_assign(entry.of->name, &entry);
  now_.store(tables_.emplace_back(std::move(next)).get(), std::memory_order_release);
}

}  // namespace banyan
