#include <shop/exchange.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace shop {

using namespace std::chrono_literals;

constexpr auto patience_at_the_end = 2s;

// Answers come on the client's threads, perhaps after `run` has returned: each holds the mailbox alive.
struct exchange::mailbox {
  struct letter {
    std::size_t index;
    banyan::result<banyan::http_response> answer;
  };
  void put(std::size_t index, banyan::result<banyan::http_response> answer) {
    {
      std::lock_guard lock{mutex};
      letters.push_back({index, std::move(answer)});
    }
    arrived.notify_one();
  }
  std::vector<letter> wait(banyan::nanoseconds at_most) {
    std::unique_lock lock{mutex};
    arrived.wait_for(lock, at_most, [this] { return !letters.empty(); });
    return std::exchange(letters, {});
  }
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<letter> letters;
};

exchange::exchange(transport send, const banyan::clock& clock, banyan::random_source& random)
    : send_{std::move(send)}, clock_{clock}, random_{random} {}

exchange::~exchange() = default;

bool exchange::run(std::size_t count, const window_options& options, const make_request& make, const take_answer& answered,
                   const show_progress& progress, const stop_flag& stop) {
  auto box = std::make_shared<mailbox>();
  send_window window{count, options, random_};
  std::size_t in_flight = 0;
  std::optional<banyan::monotonic> leave_at;
  bool given_up = false;
  const auto started = clock_.steady();
  while (!window.finished()) {
    auto now = clock_.steady();
    if (stop && !leave_at) leave_at = now + patience_at_the_end;
    if (leave_at && (in_flight == 0 || now >= *leave_at)) break;
    while (!leave_at) {
      auto index = window.take(now);
      if (!index) break;
      ++in_flight;
      last_failure_.reset();
      send_(make(*index), [box, i = *index](banyan::result<banyan::http_response> answer) { box->put(i, std::move(answer)); });
    }
    banyan::nanoseconds patience = 100ms;  // so that `stop` and the progress bar are looked at
    if (auto due = leave_at ? std::nullopt : window.next_due()) patience = std::clamp<banyan::nanoseconds>(*due - now, 0ns, patience);
    for (auto& letter : box->wait(patience)) {
      --in_flight;
      if (!letter.answer) last_failure_ = letter.answer.error();
      auto answer = letter.answer ? banyan::succeeded(std::move(*letter.answer)) : std::move(letter.answer);
      if (window.answered(letter.index, answer, clock_.steady()) == send_window::verdict::again) continue;
      if (answered(letter.index, std::move(answer))) continue;
      given_up = true;
      if (!leave_at) leave_at = clock_.steady() + patience_at_the_end;
    }
    if (progress) progress(window.settled());
    if (options.end_after && clock_.steady() - started >= options.end_after->count()) break;
  }
  retries_ += window.retries();
  return window.finished() && !given_up;
}

banyan::result<banyan::http_response> exchange::once(const banyan::http_request& request, const window_options& options,
                                                     const stop_flag& stop, const show_progress& progress) {
  banyan::result<banyan::http_response> got = banyan::error{banyan::code::unavailable, "interrupted"};
  const bool settled = run(
      1, options, [&](std::size_t) { return request; },
      [&](std::size_t, banyan::result<banyan::http_response> answer) {
        got = std::move(answer);
        return true;
      },
      progress, stop);
  if (!settled && !stop && options.end_after && last_failure_) return *last_failure_;  // it was about to be asked again
  if (!settled && !stop && options.end_after)
    return banyan::error{banyan::code::deadline_exceeded, "no answer within " + to_string(*options.end_after), banyan::outcome::unknown};
  return got;
}

banyan::result<void> exchange::pages(
    banyan::http_request request, const window_options& options, const stop_flag& stop,
    const std::function<banyan::result<std::optional<banyan::http_request>>(const banyan::http_response&)>& next) {
  for (;;) {
    auto answer = once(request, options, stop);
    if (!answer) return answer.error();
    auto more = next(*answer);
    if (!more) return more.error();
    if (!*more) return {};
    request = std::move(**more);
  }
}

}  // namespace shop
