#include <shop/acquirer_faults.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace shop {

using namespace std::chrono_literals;

banyan::result<void> acquirer_faults::begin(const std::string& body, const stop_flag& stop) {
  are_set_ = true;  // an answer may be lost
  auto answer = http_.once(api_.put_faults(body), {.give_up_after = patience, .end_after = patience}, stop);
  if (!answer) return answer.error();
  return {};
}

banyan::result<void> acquirer_faults::end() {
  if (!are_set_) return {};
  are_set_ = false;
  const stop_flag never{false};
  auto answer = http_.once(api_.delete_faults(), {.give_up_after = patience, .end_after = patience}, never);
  if (!answer) return answer.error();
  return {};
}

banyan::result<std::int64_t> wait_for_rest(const shop_api& api, const acquirer_api& acquirer, exchange& http,
                                           const banyan::clock& clock, banyan::timespan within, const stop_flag& stop,
                                           const std::function<void(std::int64_t)>& progress) {
  const auto until = banyan::add_saturating(clock.steady(), within);
  const window_options patient{.give_up_after = 10s};
  std::mutex mutex;
  std::condition_variable never;
  for (;;) {
    auto orders = api.reply<waiting_report>(http.once(api.get_waiting_report(), patient, stop));
    if (!orders) return orders.error();
    auto payments = api.reply<payments_report>(http.once(api.get_payments_report(), patient, stop));
    if (!payments) return payments.error();
    auto book = acquirer.reply<acquirer_totals>(http.once(acquirer.get_book(), patient, stop));
    if (!book) return book.error();
    const auto waiting = orders->count + payments->waiting + book->callbacks_pending;
    if (progress) progress(waiting);
    if (waiting == 0 || stop || clock.steady() >= until) return waiting;
    std::unique_lock lock{mutex};
    never.wait_for(lock, 100ms);
  }
}

}  // namespace shop
