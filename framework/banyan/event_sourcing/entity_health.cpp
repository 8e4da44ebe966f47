#include <banyan/event_sourcing/entity_health.hpp>

#include <algorithm>
#include <optional>

namespace banyan {

namespace {

constexpr std::size_t named = 3;  // streams

// Degraded, not unready: other entities work.
std::optional<health_line> health_of(const unreadable_streams& unreadable) {
  const auto streams = unreadable.list();
  if (streams.empty()) return std::nullopt;
  auto text = std::to_string(streams.size()) + (streams.size() == 1 ? " stream" : " streams") + " can not be read, commands for " +
              (streams.size() == 1 ? "it" : "them") + " are refused";
  for (std::size_t i = 0; i < std::min(named, streams.size()); ++i)
    text += (i == 0 ? ": " : ", ") + streams[i].stream + " (" + streams[i].cause + ")";
  if (streams.size() > named) text += ", and " + std::to_string(streams.size() - named) + " more";
  return health_line{"entities", health_state::degraded, std::move(text)};
}

}  // namespace

std::shared_ptr<unreadable_streams> unreadable_streams_of(assembly& a) {
  return a.shared<unreadable_streams>([&] {
    auto all = std::make_shared<unreadable_streams>();
    a.ready([all](std::vector<health_line>& out) {
      if (auto line = health_of(*all)) out.push_back(std::move(*line));
    });
    return all;
  });
}

}  // namespace banyan
