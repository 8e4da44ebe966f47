// Sends a batch of requests through a `send_window` and hands over the answers, all on the caller's thread.
//
//   shop::exchange exchange{transport, banyan::system_clock(), banyan::system_random()};
//   exchange.run(products.size(), {}, [&](std::size_t i) { return api.put_product(products[i]); },
//                [&](std::size_t i, banyan::result<banyan::http_response> answer) { ...; return true; }, progress, stop);
//
// A request is made anew for each attempt, so that only the unsettled ones are in memory. When `stop` is set nothing more is sent; what is
// under way gets a moment to be answered, and `run` says that it did not finish.
#pragma once

#include <banyan/core/completion.hpp>
#include <shop/send_window.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace shop {

// How a request leaves: banyan::http_client::send, or a shop that a test plays.
using transport = std::function<void(banyan::http_request, banyan::completion<banyan::http_response>)>;

// Set by a signal handler, looked at by everything that takes long.
using stop_flag = std::atomic<bool>;

class exchange {
 public:
  exchange(transport send, const banyan::clock& clock, banyan::random_source& random);
  ~exchange();

  using make_request = std::function<banyan::http_request(std::size_t index)>;
  using take_answer = std::function<bool(std::size_t index, banyan::result<banyan::http_response> answer)>;  // an error unless 2xx
  using show_progress = std::function<void(std::size_t settled)>;

  // True when every request was settled; false when `stop` or `end_after` came first, or `answered` returned false: then nothing more is
  // sent.
  bool run(std::size_t count, const window_options& options, const make_request& make, const take_answer& answered,
           const show_progress& progress, const stop_flag& stop);

  // One request, with the same retries.
  banyan::result<banyan::http_response> once(const banyan::http_request& request, const window_options& options, const stop_flag& stop,
                                             const show_progress& progress = {});

  // Several, one after the other: `next` makes a request of the last answer until it returns none. Stops at the first error.
  banyan::result<void> pages(banyan::http_request request, const window_options& options, const stop_flag& stop,
                             const std::function<banyan::result<std::optional<banyan::http_request>>(const banyan::http_response&)>& next);

  std::size_t retries() const { return retries_; }

 private:
  struct mailbox;
  transport send_;
  const banyan::clock& clock_;
  banyan::random_source& random_;
  std::size_t retries_ = 0;
  std::optional<banyan::error> last_failure_;  // of what was asked last, if it was answered so
};

}  // namespace shop
