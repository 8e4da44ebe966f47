#include <banyan/saga/saga_clock.hpp>

#include <banyan/cqrs/view_store_rows.hpp>

#include <algorithm>
#include <utility>

namespace banyan {
namespace {

constexpr std::chrono::seconds read_limit{10};

}  // namespace

behavior saga_clock::make_behavior() {
  return behavior{}.on<wake_later>([this](const wake_later& w) { wake(w.id); });
}

task<void> saga_clock::follow() {
  auto sweeps_at = self().steady();
  for (;;) {
    while (to_wake_.size() >= static_cast<std::size_t>(most)) co_await self().sleep(between_pages);
    const bool looked = co_await wake_due();
    bool swept = true;
    if (self().steady() >= sweeps_at) {
      swept = co_await wake_open();
      if (swept) sweeps_at = self().steady() + nanoseconds{has_caught_up() ? sweep_every : look_early};
    }
    if (report_ && looked) co_await count();
    timespan pause = between_pages;
    if (looked && swept) pause = has_caught_up() ? look_every : look_early;
    co_await self().sleep(pause);
  }
}

// Whether the index has what the journal had at the start.
bool saga_clock::has_caught_up() {
  const auto applied = progress_->applied.load();
  if (applied < 0) return false;
  if (!head_at_start_) head_at_start_ = progress_->head.load();
  return applied >= *head_at_start_;
}

// A body runs on a thread of the store and may outlive the wait for it, so it owns its result.
task<bool> saga_clock::wake_open() {
  auto found = std::make_shared<std::vector<std::string>>();
  const auto after = swept_;
  const bool first = !has_swept_;
  auto read = [&](completion<position> answered) {
    index_.read([found, after, first](view_reader& v) { *found = sagas_with_open_steps(v, after, most, first); },
                std::move(answered));
  };
  const auto at = co_await self().wait_for<position>(read_limit, read);
  if (!at) co_return false;
  for (const auto& id : *found) wake(id);
  const bool is_last = found->size() < static_cast<std::size_t>(most);
  swept_ = is_last ? std::string{} : found->back();
  if (is_last && has_caught_up()) has_swept_ = true;
  co_return is_last;
}

task<void> saga_clock::count() {
  auto load = std::make_shared<saga_load>();
  auto read = [&](completion<position> answered) {
    index_.read([load, now = self().now()](view_reader& v) { *load = saga_load_of(v, now); }, std::move(answered));
  };
  const auto at = co_await self().wait_for<position>(read_limit, read);
  if (at) report_(std::move(*load));
}

task<bool> saga_clock::wake_due() {
  auto found = std::make_shared<std::vector<saga_due>>();
  const auto now = self().now();
  const auto until = add_saturating(now, look_every);
  const auto after = looked_at_;
  auto read = [&](completion<position> answered) {
    index_.read([found, until, after](view_reader& v) { *found = sagas_due(v, until, after, most); },
                std::move(answered));
  };
  const auto at = co_await self().wait_for<position>(read_limit, read);
  if (!at) co_return true;  // read again at the next look
  if (after.id.empty()) {
    const auto late = found->empty() ? nanoseconds{0} : now - instant{nanoseconds{found->front().at}};
    overdue_.set(std::chrono::duration<double>(std::max(late, nanoseconds{0})).count());
  }
  for (const auto& due : *found) {
    const nanoseconds wait = instant{nanoseconds{due.at}} - now;
    if (wait.count() <= 0)
      wake(due.id);
    else
      self().after(wait, wake_later{due.id});
  }
  const bool is_last = found->size() < static_cast<std::size_t>(most);
  looked_at_ = is_last ? saga_due{} : found->back();
  co_return is_last;
}

void saga_clock::wake(std::string id) {
  to_wake_.push_back(std::move(id));
  if (waking_ == most_waking) return;
  ++waking_;
  self().run(wake_waiting());
}

task<void> saga_clock::wake_waiting() {
  while (!to_wake_.empty()) {
    auto m = make_message<wake_saga>(wake_saga{std::move(to_wake_.front())});
    to_wake_.pop_front();
    const auto to = to_(*m);
    [[maybe_unused]] const auto activated = co_await self().ask_message<done>(to, wake_limit, std::move(m));
  }
  --waking_;
}

}  // namespace banyan
