// What the operations page is told while somebody looks at it: samples of the node, on a stream of events.
//
//   live_feed feed{[](event_channel& to, look) { to.publish("stock/A1", "stock", stock_document()); }};
//   done(http_response::events(feed.reader()));      // the first one starts the sampling
//   feed.notify();                                   // something changed: a sample at once
//
// A sample is taken when the first reader comes, every `interval`, and on `notify`, though not more often than each
// `shortest`. When the last reader is gone sampling ends, and so does its thread: what nobody looks at costs nothing.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/http/event_stream.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace banyan {

enum class look : std::uint8_t {
  everything,   // at the interval
  inspections,  // after a notification
};

class live_feed {
 public:
  using sampler = std::function<void(event_channel& to, look what)>;
  static constexpr std::chrono::milliseconds default_interval{500};
  static constexpr std::chrono::milliseconds shortest{20};

  // `sample` is called on the feed's thread; an exception of it leaves out that sample.
  explicit live_feed(sampler sample, std::chrono::milliseconds interval = default_interval,
                     const clock& c = system_clock())
      : sample_{std::move(sample)}, interval_{interval}, clock_{c} {}
  ~live_feed();  // ends the streams

  std::shared_ptr<event_reader> reader();
  void notify();
  bool is_sampling() const;

 private:
  void run(const std::shared_ptr<event_channel>& channel);
  bool goes_on(const std::shared_ptr<event_channel>& channel);

  const sampler sample_;
  const std::chrono::milliseconds interval_;
  const clock& clock_;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::shared_ptr<event_channel> channel_;  // null: nobody looks
  bool notified_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace banyan
