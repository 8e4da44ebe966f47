// Sends the settlement callbacks of the outbox, each at least once: again after a back-off until the receiver answers
// 2xx, so many at a time, and after a restart those that were not taken before.
//
//   callback_sender c{w, later, {.url = "http://127.0.0.1:8080/payments/settlements", .secret = secret},
//   system_clock()}; c.wake();                        // something was committed to the outbox; also once at the start
//
// Callbacks may arrive out of order, and twice. A receiver tells by `event_id`. The attempts of a callback and the time
// of the next one are in the outbox, so memory is bounded by the number that is sent at a time, whatever is waiting.
#pragma once

#include <services/acquirer/delays.hpp>
#include <services/acquirer/writer.hpp>

#include <banyan/http/client.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace acquirer {

struct callback_options {
  std::string url;
  std::string secret;
  std::size_t at_a_time = 16;
  timespan answer_within = std::chrono::seconds{5};
  timespan first_retry = std::chrono::milliseconds{100};  // doubled for each further attempt ...
  timespan longest_retry = std::chrono::seconds{10};      // ... up to this, each with a jitter of a fifth
  std::function<void(const std::string&)> report = {};    // callbacks begin to fail, or are taken again
};

class callback_sender {
 public:
  // Errors: invalid_argument for a URL that is not http.
  static banyan::result<void> check(const callback_options& o);

  callback_sender(writer& w, delays& later, callback_options options, const banyan::clock& clock);
  ~callback_sender();  // after the writer and the delays were closed

  void wake();   // thread-safe
  void close();  // sends no more; calls under way are given up, and made again after the next start

 private:
  void load();
  struct look {
    instant at;  // when it was asked
    std::vector<due_callback> due;
    instant next = instant::max();
  };
  void loaded(const banyan::result<void>& committed, look found);
  void send_ready();
  void send(const due_callback& c);
  void answered(const due_callback& c, banyan::result<banyan::http_response> answer);
  void settled(std::int64_t number);
  void wake_at(instant due);
  void report_change(bool is_taken, const std::string& why);

  writer& writer_;
  delays& later_;
  callback_options options_;
  const banyan::clock& clock_;
  banyan::http_request form_;  // of the URL
  std::unique_ptr<banyan::http_client> client_;
  std::recursive_mutex lock_;  // a completion may be called by the call that it was passed to
  std::deque<due_callback> ready_;
  std::set<std::int64_t> taken_;  // in `ready_`, or being sent, or its result being written
  std::size_t under_way_ = 0;
  bool loading_ = false, load_again_ = false, closed_ = false, failing_ = false;
  instant wakes_at_ = instant::max();
};

// The wait before the next attempt after `attempts` failed ones; `draw` in [0, 1).
timespan retry_wait(const callback_options& o, int attempts, double draw);

}  // namespace acquirer
