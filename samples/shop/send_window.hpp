// Decides which of a numbered batch of requests is sent next: at most so many unsettled at once, failed ones again after a wait that
// grows, none for ever. Pure: it sends nothing and knows no clock, so its retries are tested in virtual time.
//
// Repeating is only right for requests that the server recognises (an id in path or body); then it is always safe.
//
//   shop::send_window window{invoices.size(), {}, random};
//   while (auto i = window.take(now)) send(*i);
//   ...
//   if (window.answered(i, answer, now) == shop::send_window::verdict::settled) use(i, answer);
#pragma once

#include <banyan/core/backoff.hpp>
#include <banyan/http/message.hpp>

#include <map>
#include <optional>
#include <set>

namespace shop {

struct window_options {
  std::size_t unsettled = 64;                                 // sent or waiting to be sent again
  banyan::timespan give_up_after = std::chrono::seconds{60};  // no retry later than this after a request was first sent
  banyan::backoff_policy backoff{.min = std::chrono::milliseconds{50}, .max = std::chrono::seconds{2}, .jitter = 0.5};
  std::optional<banyan::timespan> end_after{};  // of the whole batch, also when answers are missing
};

class send_window {
 public:
  // Numbers 0 to count - 1 are sent in this order. `random` must outlive the window.
  send_window(std::size_t count, window_options options, banyan::random_source& random)
      : count_{count}, options_{options}, random_{random} {}

  // The number to send now; nothing when the window is full, or all that is left waits for its time.
  std::optional<std::size_t> take(banyan::monotonic now);

  enum class verdict { settled, again };
  // Pass the answer as an error when it is one (banyan::succeeded). A retryable error within the time is `again`; a retry_after longer
  // than the back-off is obeyed.
  verdict answered(std::size_t index, const banyan::result<banyan::http_response>& answer, banyan::monotonic now);

  bool finished() const { return settled_ == count_; }
  std::size_t settled() const { return settled_; }
  std::size_t retries() const { return retries_; }
  std::optional<banyan::monotonic> next_due() const;  // when `take` may have a retry to give

 private:
  struct attempt {
    banyan::monotonic first_sent;
    banyan::backoff backoff;
  };
  std::size_t count_;
  window_options options_;
  banyan::random_source& random_;
  std::size_t next_ = 0;
  std::size_t settled_ = 0;
  std::size_t retries_ = 0;
  std::map<std::size_t, attempt> unsettled_;
  std::set<std::pair<banyan::monotonic, std::size_t>> waiting_;
};

}  // namespace shop
