#include <banyan/http/event_stream.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace banyan {

std::string event_text(std::string_view event, std::string_view data) {
  std::string out = "event: ";
  for (const char c : event) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  // A line ends with LF, CR or both.
  for (;;) {
    const auto end = data.find_first_of("\r\n");
    out.append("\ndata: ").append(data.substr(0, end));
    if (end == data.npos) break;
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return out + "\n\n";
}

bool event_channel::publish(std::string_view key, std::string_view event, std::string_view data) {
  auto text = event_text(event, data);
  wakes due;
  {
    const std::lock_guard guard{lock_};
    const auto found = newest_.find(key);
    const auto before = found == newest_.end() ? 0 : found->second.text.size();
    if (ended_ || (found == newest_.end() && newest_.size() >= bounds_.keys)) return false;
    if (bytes_ - before + text.size() > bounds_.bytes) return false;
    if (found != newest_.end() && found->second.text == text) return true;
    bytes_ = bytes_ - before + text.size();
    auto& newest = found == newest_.end() ? newest_[std::string{key}] : found->second;
    newest = {std::move(text), ++version_};
    take_wakes(due);
  }
  for (const auto& wake : due) wake();
  return true;
}

void event_channel::forget(std::string_view key) {
  const std::lock_guard guard{lock_};
  const auto found = newest_.find(key);
  if (found == newest_.end()) return;
  bytes_ -= found->second.text.size();
  newest_.erase(found);
}

void event_channel::end() {
  wakes due;
  {
    const std::lock_guard guard{lock_};
    ended_ = true;
    take_wakes(due);
  }
  for (const auto& wake : due) wake();
}

void event_channel::take_wakes(wakes& to) {
  for (auto* reader : readers_)
    if (reader->wake_) to.push_back(std::exchange(reader->wake_, nullptr));
}

std::shared_ptr<event_reader> event_channel::reader() { return std::make_shared<event_reader>(shared_from_this()); }

std::size_t event_channel::readers() const {
  const std::lock_guard guard{lock_};
  return readers_.size();
}

event_reader::event_reader(std::shared_ptr<event_channel> of) : of_{std::move(of)} {
  const std::lock_guard guard{of_->lock_};
  of_->readers_.push_back(this);
}

event_reader::~event_reader() {
  const std::lock_guard guard{of_->lock_};
  of_->readers_.remove(this);
}

std::string event_reader::take(std::function<void()> wake) {
  const std::lock_guard guard{of_->lock_};
  std::vector<const event_channel::entry*> fresh;
  std::size_t bytes = 0;
  if (seen_ != of_->version_)
    for (const auto& [key, newest] : of_->newest_)
      if (newest.version > seen_) {
        fresh.push_back(&newest);
        bytes += newest.text.size();
      }
  seen_ = of_->version_;
  std::sort(fresh.begin(), fresh.end(), [](const auto* a, const auto* b) { return a->version < b->version; });
  std::string out;
  out.reserve(bytes);
  for (const auto* newest : fresh) out += newest->text;
  wake_ = out.empty() && !of_->ended_ ? std::move(wake) : nullptr;
  return out;
}

bool event_reader::ended() const {
  const std::lock_guard guard{of_->lock_};
  return of_->ended_ && seen_ == of_->version_;
}

}  // namespace banyan
