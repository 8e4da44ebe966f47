// Server-sent events (WHATWG HTML, 9.2): a response that stays open, on which a browser's EventSource is told what
// has changed.
//
//   auto channel = std::make_shared<event_channel>();
//   channel->publish("stock/A1", "stock", R"({"sku":"A1","left":3})");     // from any thread, at any time
//
//   done(http_response::events(channel->reader()));                        // in a handler, for each who asks
//
// An event has a key, and a newer one of its key replaces it: a channel holds the newest event of each key, and a
// reader is sent those that it has not seen, first of all the whole present state. So a client that reads slowly
// misses what was replaced meanwhile, and costs no memory: what is not sent yet is held once, by the channel. An
// event equal to the one before it is not sent again. For state, therefore, not for messages that must all arrive.
//
// The server (server.hpp) holds at most `max_event_streams` of them open, sends a comment when there was nothing to
// say for `event_heartbeat`, and ends them in a drain. The end of the connection is the end of the stream.
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace banyan {

class event_reader;

class event_channel : public std::enable_shared_from_this<event_channel> {
 public:
  // More keys, or more bytes of events, are not held: such an event is dropped, and `publish` is false.
  struct bounds {
    std::size_t keys = 10'000;
    std::size_t bytes = 4 * 1024 * 1024;
  };
  event_channel() : event_channel{bounds{}} {}
  explicit event_channel(bounds b) : bounds_{b} {}

  // `event` is what an EventSource listens for; `data` is any text. A control character in `event` becomes a space.
  bool publish(std::string_view key, std::string_view event, std::string_view data);
  // No more events of this key, such as that of a thing which is gone. Readers are not told.
  void forget(std::string_view key);
  // All are sent what there is, and then their streams end.
  void end();

  std::shared_ptr<event_reader> reader();
  std::size_t readers() const;

 private:
  friend event_reader;
  struct entry {
    std::string text;  // as on the wire
    std::uint64_t version = 0;
  };
  using wakes = std::list<std::function<void()>>;
  void take_wakes(wakes& to);

  const bounds bounds_;
  mutable std::mutex lock_;
  std::map<std::string, entry, std::less<>> newest_;  // by key
  std::size_t bytes_ = 0;
  std::uint64_t version_ = 0;
  bool ended_ = false;
  std::list<event_reader*> readers_;
};

// One client's place in a channel. Counts as a reader as long as it exists.
class event_reader {
 public:
  explicit event_reader(std::shared_ptr<event_channel> of);
  ~event_reader();
  event_reader(const event_reader&) = delete;
  event_reader& operator=(const event_reader&) = delete;

  // What it has not been sent yet, as text/event-stream, oldest first; empty: nothing. Then `wake` is called once, from
  // any thread, when there is something, or at the end.
  std::string take(std::function<void()> wake);
  bool ended() const;  // and everything was taken

 private:
  friend event_channel;
  const std::shared_ptr<event_channel> of_;
  // Below: under the channel's lock.
  std::uint64_t seen_ = 0;
  std::function<void()> wake_;
};

// An event as on the wire: "event: stock\ndata: {...}\n\n", with a field `data` for each line.
std::string event_text(std::string_view event, std::string_view data);

}  // namespace banyan
