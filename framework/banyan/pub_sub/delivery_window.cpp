#include <banyan/pub_sub/delivery_window.hpp>

namespace banyan {

bool delivery_window::add(position at, std::string key) {
  auto& queue = by_key_[key];
  queue.push_back(at);
  open_.emplace(at, std::move(key));
  if (at > read_to_) read_to_ = at;
  advance();
  return queue.size() == 1;
}

void delivery_window::read_to(position at) {
  if (at > read_to_) read_to_ = at;
  advance();
}

std::optional<position> delivery_window::acknowledge(position at) {
  auto found = open_.find(at);
  if (found == open_.end()) return std::nullopt;
  auto keyed = by_key_.find(found->second);
  open_.erase(found);
  advance();
  keyed->second.pop_front();
  if (!keyed->second.empty()) return keyed->second.front();
  by_key_.erase(keyed);
  return std::nullopt;
}

void delivery_window::advance() { checkpoint_ = open_.empty() ? read_to_ : open_.begin()->first - 1; }

}  // namespace banyan
