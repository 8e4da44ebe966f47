#include <services/acquirer/callback_sender.hpp>

#include <services/acquirer/signature.hpp>

#include <banyan/core/ids.hpp>

#include <algorithm>
#include <cmath>

namespace acquirer {

namespace {

using banyan::http_response;
using banyan::result;

std::int64_t unix_seconds(instant t) { return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count(); }

}  // namespace

timespan retry_wait(const callback_options& o, int attempts, double draw) {
  const auto first = static_cast<double>(o.first_retry.count().count()),
             longest = static_cast<double>(o.longest_retry.count().count());
  const auto wait = std::min(first * std::pow(2.0, std::min(attempts, 40)), longest);
  return banyan::nanoseconds{static_cast<std::int64_t>(wait * (0.8 + 0.4 * draw))};
}

result<void> callback_sender::check(const callback_options& o) {
  auto request = banyan::request_to("POST", o.url);
  if (!request) return request.error();
  return {};
}

callback_sender::callback_sender(writer& w, delays& later, callback_options options, const banyan::clock& clock)
    : writer_{w},
      later_{later},
      options_{std::move(options)},
      clock_{clock},
      form_{banyan::request_to("POST", options_.url).value()},
      client_{std::make_unique<banyan::http_client>(
          banyan::http_client_options{.max_connections_per_endpoint = options_.at_a_time})} {}

callback_sender::~callback_sender() { close(); }

void callback_sender::close() {
  std::unique_ptr<banyan::http_client> client;
  {
    const std::lock_guard guard{lock_};
    closed_ = true;
    client = std::move(client_);
  }
}

void callback_sender::wake() {
  const std::lock_guard guard{lock_};
  if (loading_)
    load_again_ = true;
  else if (ready_.empty())
    load();
}

void callback_sender::load() {
  if (closed_ || loading_) return;
  loading_ = true;
  load_again_ = false;
  auto found = std::make_shared<look>(look{.at = clock_.now(), .due = {}});
  const auto limit = taken_.size() + 4 * options_.at_a_time;
  writer_.submit(
      [found, limit](book& b) -> result<void> {
        auto due = b.callbacks_due(found->at, limit);
        if (!due) return due.error();
        auto next = b.next_callback();
        if (!next) return next.error();
        found->due = std::move(*due);
        found->next = *next;
        return {};
      },
      [this, found](const result<void>& committed) { loaded(committed, std::move(*found)); });
}

void callback_sender::loaded(const result<void>& committed, look found) {
  const std::lock_guard guard{lock_};
  loading_ = false;
  if (closed_) return;
  if (!committed) return wake_at(clock_.now() + std::chrono::seconds{1});
  for (auto& c : found.due)
    if (taken_.insert(c.number).second) ready_.push_back(std::move(c));
  send_ready();
  if (!ready_.empty() || closed_) return;
  if (load_again_) return load();
  // What was due then and is not ready is being sent; its end wakes too.
  if (found.next > found.at && found.next != instant::max()) wake_at(found.next);
}

void callback_sender::send_ready() {
  while (!closed_ && !ready_.empty() && under_way_ < options_.at_a_time) {
    const auto c = std::move(ready_.front());
    ready_.pop_front();
    ++under_way_;
    send(c);
  }
}

void callback_sender::send(const due_callback& c) {
  auto request = form_;
  request.body = c.body;
  request.headers.add("Content-Type", "application/json");
  request.headers.add(std::string{signature_header}, sign(options_.secret, unix_seconds(clock_.now()), c.body));
  client_->send(std::move(request), add_saturating(clock_.steady(), options_.answer_within),
                [this, c](result<http_response> answer) { answered(c, std::move(answer)); });
}

void callback_sender::answered(const due_callback& c, result<http_response> answer) {
  const std::lock_guard guard{lock_};
  --under_way_;
  if (closed_) return;
  auto taken = answer ? banyan::succeeded(std::move(*answer)) : std::move(answer);
  report_change(taken.has_value(), taken ? "" : to_string(taken.error()));
  const auto now = clock_.now();
  const auto again = now + retry_wait(options_, c.attempts, banyan::system_random().next() * 0x1p-64).count();
  writer_.submit([number = c.number, is_taken = taken.has_value(), now,
                  again](book& b) { return is_taken ? b.delivered(number, now) : b.not_delivered(number, again); },
                 [this, number = c.number](const result<void>&) {
                   settled(number);
                 });  // a result that is not written is found out anew
  send_ready();
}

void callback_sender::settled(std::int64_t number) {
  const std::lock_guard guard{lock_};
  taken_.erase(number);
  if (ready_.empty()) wake();
}

// One timer at a time matters: the earliest. It looks now and then in any case, since the system's time may be changed.
void callback_sender::wake_at(instant due) {
  due = std::min(due, clock_.now() + std::chrono::seconds{10});
  if (due >= wakes_at_) return;
  wakes_at_ = due;
  later_.after(due - clock_.now(), [this, due] {
    const std::lock_guard guard{lock_};
    if (wakes_at_ == due) wakes_at_ = instant::max();
    wake();
  });
}

void callback_sender::report_change(bool is_taken, const std::string& why) {
  if (failing_ != is_taken) return;
  failing_ = !is_taken;
  if (!options_.report) return;
  options_.report(is_taken ? "callbacks are taken again" : "callbacks fail and will be sent again: " + why);
}

}  // namespace acquirer
