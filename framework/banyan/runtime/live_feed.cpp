#include <banyan/runtime/live_feed.hpp>

#include <algorithm>
#include <exception>

namespace banyan {

live_feed::~live_feed() {
  {
    const std::lock_guard guard{lock_};
    stopping_ = true;
    if (channel_) channel_->end();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<event_reader> live_feed::reader() {
  const std::lock_guard guard{lock_};
  if (channel_) return channel_->reader();
  if (thread_.joinable()) thread_.join();        // it has ended, or is about to return
  channel_ = std::make_shared<event_channel>();  // an old one's state would be sent first
  auto first = channel_->reader();
  notified_ = false;
  thread_ = std::thread{[this, channel = channel_] { run(channel); }};
  return first;
}

void live_feed::notify() {
  {
    const std::lock_guard guard{lock_};
    if (!channel_) return;
    notified_ = true;
  }
  changed_.notify_all();
}

bool live_feed::is_sampling() const {
  const std::lock_guard guard{lock_};
  return channel_ != nullptr;
}

bool live_feed::goes_on(const std::shared_ptr<event_channel>& channel) {
  const std::lock_guard guard{lock_};
  if (!stopping_ && channel->readers() > 0) return true;
  channel_ = nullptr;
  return false;
}

void live_feed::run(const std::shared_ptr<event_channel>& channel) {
  auto what = look::everything;
  auto next = clock_.steady();
  while (goes_on(channel)) {
    const auto began = clock_.steady();
    try {
      sample_(*channel, what);
    } catch (const std::exception&) {  // out of memory: the next sample may succeed
    }
    const auto ended = clock_.steady();
    // A sample that takes long is followed by a longer pause: at most a fifth of a core is spent.
    if (what == look::everything) next = ended + std::max<nanoseconds>(interval_, 4 * (ended - began));
    std::unique_lock guard{lock_};
    changed_.wait_for(guard, shortest, [this] { return stopping_; });
    changed_.wait_for(guard, next - std::min(next, clock_.steady()), [this] { return stopping_ || notified_; });
    what = clock_.steady() >= next ? look::everything : look::inspections;
    notified_ = false;
  }
}

}  // namespace banyan
